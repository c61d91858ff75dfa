import { type ErrorCode, TrojanscopeError } from '@trojanscope/core/definitions';
import { localPath } from '../../localPath.js';

export type Variables = Record<string, unknown>;

/**
 * What commands ask: GraphQL, by HTTP of a server or in this process of a data folder. What is refused, checked and taken
 * where nothing is said is so the same either way.
 */
export interface Api {
  /** Null where a data folder is asked in this process. */
  readonly server: URL | null;
  /** An operation's data. @throws TrojanscopeError of the first error */
  ask<Data>(document: string, variables?: Variables): Promise<Data>;
  /** The PNG at an address that an answer gave. @throws TrojanscopeError */
  picture(address: string): Promise<Buffer>;
  /** Sees to it that what is queued gets done. A server does so by itself. */
  work(): Promise<void>;
  close(): Promise<void>;
}

/** What to do where a server has the data folder, which may have told where it listens. */
export const askIt = (address: string | undefined) =>
  address
    ? `Ask that one: add --server ${address}`
    : 'Wait until it is done with it, ask it with --server ADDRESS, or name another folder with --data.';

/** A path as the one who asks wrote it: here it is of where they stand, at a server the server's own. */
export const pathFor = (api: Pick<Api, 'server'>, written: string): string =>
  written === '' || api.server ? written : localPath(written);

interface Refusal {
  code?: string;
  message: string;
  field?: readonly (string | number)[];
}

export const refused = ({ code = 'INTERNAL', message, field = [] }: Refusal): TrojanscopeError =>
  new TrojanscopeError(code as ErrorCode, message, field);

const pascal = (word: string) => word[0]!.toUpperCase() + word.slice(1);

/** What a mutation made. @throws TrojanscopeError where it refused */
export async function mutate<Payload extends object>(
  api: Api,
  name: string,
  input: object,
  selection: string,
): Promise<Payload> {
  const document = `mutation ($input: ${pascal(name)}Input!) { ${name}(input: $input) { ${selection} errors { code message field } } }`;
  const { [name]: payload } = await api.ask<Record<string, Payload & { errors: Refusal[] }>>(document, {
    input,
  });
  const { errors, ...made } = payload!;
  if (errors[0]) throw refused(errors[0]);
  return made as Payload;
}

/** What an id stands for, as far as the selection says. @throws TrojanscopeError NOT_FOUND */
export async function thing<T>(api: Api, type: string, id: string, selection: string): Promise<T> {
  const { node } = await api.ask<{ node: T | null }>(
    `query ($id: ID!) { node(id: $id) { ... on ${type} { ${selection} } } }`,
    { id },
  );
  if (!node || Object.keys(node).length === 0)
    throw new TrojanscopeError('NOT_FOUND', `There is no ${type.toLowerCase()} ${id}.`);
  return node;
}

/** The id of a model that is given by its id or its name. @throws TrojanscopeError NOT_FOUND; CONFLICT where several have the name */
export async function modelIdOf(api: Api, word: string): Promise<string> {
  if (/^mod_[0-9a-z]{26}$/.test(word)) return word;
  const { models } = await api.ask<{ models: { nodes: { id: string; name: string }[] } }>(
    'query ($search: String!) { models(first: 100, filter: { search: $search }) { nodes { id name } } }',
    { search: word },
  );
  const called = models.nodes.filter(({ name }) => name === word);
  if (called.length === 1) return called[0]!.id;
  if (called.length > 1)
    throw new TrojanscopeError(
      'CONFLICT',
      `${called.length} models are called “${word}”: name one by its id, ${called.map(({ id }) => id).join(' or ')}.`,
    );
  const alike = models.nodes.slice(0, 5).map(({ id, name }) => `\n  ${id}  ${name}`);
  throw new TrojanscopeError(
    'NOT_FOUND',
    `There is no model ${word}.${alike.length > 0 ? ` Like it are${alike.join('')}` : ''}`,
  );
}
