import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** The path of the server's public address, without a slash at its end; empty where it is at the root of its host. */
export const basePathOf = (publicUrl: URL | null): string => publicUrl?.pathname.replace(/\/+$/, '') ?? '';

/** Browsers let any page open a websocket to us and say only where it comes from; programs say nothing. */
export function isForeign({ origin, host }: IncomingHttpHeaders, publicUrl: URL | null): boolean {
  if (origin === undefined) return false;
  if (!URL.canParse(origin)) return true;
  return origin !== publicUrl?.origin && new URL(origin).host !== host;
}

/** Whether a browser says that one of our own pages asks, or the user by the address bar. */
export function isOwnPage(headers: IncomingHttpHeaders, publicUrl: URL | null): boolean {
  if (headers.origin !== undefined) return !isForeign(headers, publicUrl);
  const site = headers['sec-fetch-site'];
  return site === 'same-origin' || site === 'none';
}

/**
 * Where a request comes from. Behind a proxy on this machine that is what the proxy added last; what comes before it
 * anybody can write.
 */
export function addressOf({ socket, headers }: IncomingMessage, publicUrl: URL | null): string {
  const peer = socket.remoteAddress ?? '';
  if (!publicUrl || !/^(::ffff:)?127\.|^::1$/.test(peer)) return peer;
  return (
    String(headers['x-forwarded-for'] ?? '')
      .split(',')
      .at(-1)!
      .trim() || peer
  );
}
