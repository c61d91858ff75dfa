import { readFile } from 'node:fs/promises';
import { TrojanscopeError } from '@trojanscope/core/definitions';
import { localPath } from '../../localPath.js';
import { type Api, refused, type Variables } from './api.js';

/** An answer of GraphQL over HTTP. */
interface Answer {
  data?: unknown;
  errors?: { message: string; extensions?: { code?: string; field?: (string | number)[] } }[];
}

/** A server does not answer: it is starting anew, or the network is away. Waiting goes on over a while of that. */
export class NoAnswer extends TrojanscopeError {}

/** The token in a file. @throws TrojanscopeError NOT_FOUND, BAD_USER_INPUT */
export async function readToken(file: string): Promise<string> {
  const text = await readFile(localPath(file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new TrojanscopeError(
      'NOT_FOUND',
      `--token-file: ${file} cannot be read: ${error.code ?? error.message}.`,
    );
  });
  const token = text.trim();
  if (!/^\S+$/.test(token))
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `--token-file: expected one token in ${file}, which holds ${token === '' ? 'nothing' : 'several words'}.`,
    );
  return token;
}

/** A running server. */
export function openHttpApi(server: URL, token: string | undefined): Api {
  const base = server.href.replace(/\/+$/, '');
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};

  async function get(address: string, more: RequestInit = {}): Promise<Response> {
    try {
      return await fetch(address, { ...more, headers: { ...headers, ...more.headers } });
    } catch (error) {
      const { cause } = error as { cause?: { code?: string; message?: string } };
      const why = cause?.code ?? cause?.message ?? (error as Error).message;
      throw new NoAnswer(
        'INTERNAL',
        `No answer from ${base} (${why}). Is a server there? \`npm start\` starts one.`,
      );
    }
  }

  return {
    server,
    async ask<Data>(query: string, variables: Variables = {}): Promise<Data> {
      const response = await get(`${base}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      const text = await response.text();
      const { data, errors } = parse(text) ?? {};
      const [error] = errors ?? [];
      if (error) {
        const { code, field } = error.extensions ?? {};
        throw refused({ code, field, message: error.message });
      }
      if (data && typeof data === 'object') return data as Data;
      const what = `${base}/graphql answered ${response.status}, and not as trojanscope does: ${text.trim().slice(0, 80) || 'nothing'}`;
      // As a proxy does while what is behind it starts.
      if (response.status >= 502) throw new NoAnswer('INTERNAL', what);
      throw new TrojanscopeError('INTERNAL', `${what}. Is that its address?`);
    },
    async picture(address) {
      if (address.startsWith('data:')) return Buffer.from(address.slice(address.indexOf(',') + 1), 'base64');
      // Behind a base path the address has it already.
      const url = new URL(address, server);
      // The token is for this server alone.
      if (url.origin !== server.origin)
        throw new TrojanscopeError('FORBIDDEN', `${base} has its picture elsewhere, at ${url.origin}.`);
      const response = await get(url.href);
      if (!response.ok)
        throw new TrojanscopeError('NOT_FOUND', `${base} has no picture at ${address} (${response.status}).`);
      return Buffer.from(await response.arrayBuffer());
    },
    work: async () => {},
    close: async () => {},
  };
}

function parse(text: string): Answer | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}
