import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { networkInterfaces } from 'node:os';
import { TrojanscopeError } from '@trojanscope/core';
import type { RequestHandler } from 'express';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const EVERYWHERE = ['0.0.0.0', '::', '[::]'];
const READING = new Set(['GET', 'HEAD']);

/** The names under which the server answers, and those whose pages may speak to it. */
export interface Hosts {
  /** @throws TrojanscopeError FORBIDDEN for a `Host` or `Origin` that is not on the list */
  check(request: { method?: string; headers: IncomingHttpHeaders }): void;
}

/**
 * A page from elsewhere can let its own name lead to this machine, and then counts as this server’s page (DNS
 * rebinding): only the name that the browser sends tells. Ports are no part of a name, they change on the way.
 * @param bound the address listened on
 * @param allowed further names, for example of a proxy
 */
export function createHosts(bound: string, allowed: readonly string[]): Hosts {
  const names = new Set([...LOOPBACK, ...allowed.map(nameOf)]);
  const everywhere = EVERYWHERE.includes(bound);
  names.add(nameOf(bound.includes(':') && !bound.startsWith('[') ? `[${bound}]` : bound));
  const isOurs = (name: string) => names.has(name) || (everywhere && addresses().has(name));
  const proxied = new Set(allowed.map(nameOf));

  return {
    check({ method = 'GET', headers: { host = '', origin } }) {
      const name = nameOf(host);
      if (!isOurs(name)) {
        throw new TrojanscopeError(
          'FORBIDDEN',
          `This server is not “${name.slice(0, 100)}”. If that is a name of yours for it, start it with --allow-host and that name.`,
        );
      }
      if (origin === undefined || READING.has(method)) return;
      const from = URL.canParse(origin) ? new URL(origin) : undefined;
      if (from && (from.host === host.toLowerCase() || proxied.has(nameOf(from.host)))) return;
      throw new TrojanscopeError(
        'FORBIDDEN',
        `Pages of ${origin.slice(0, 100)} may not speak to this server; only its own may, and those of --allow-host.`,
      );
    },
  };
}

/** Refuses foreign names before anything else looks at the request. */
export const hostAllowed =
  (hosts: Hosts): RequestHandler =>
  (request, _response, next) => {
    hosts.check(request);
    next();
  };

/** Why a websocket may not be opened from there, if so: a handshake is a GET that opens a channel for writing. */
export function refusedHandshake(hosts: Hosts, { headers }: IncomingMessage): string | undefined {
  try {
    hosts.check({ method: 'POST', headers });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Without port, final dot and capitals. */
function nameOf(host: string): string {
  const [, name = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(host.trim()) ?? [];
  return name.replace(/\.$/, '').toLowerCase();
}

function addresses(): Set<string> {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  return new Set(all.map(({ family, address }) => (family === 'IPv6' ? `[${address}]` : address)));
}
