import { parse, serialize } from 'cookie';
import { SESSION_MS } from './login.js';
import { basePathOf } from './origins.js';

/**
 * The browser's session. Over TLS the `__Host-` name keeps other hosts of the domain from setting it. Such a cookie goes
 * to every path of the host: where others have theirs, it is bound to ours instead.
 */
const nameFor = (publicUrl: URL | null) =>
  isSecure(publicUrl) ? `${basePathOf(publicUrl) ? '__Secure' : '__Host'}-ts_session` : 'ts_session';
const isSecure = (publicUrl: URL | null) => publicUrl?.protocol === 'https:';

export const sessionIn = (cookies: string | undefined, publicUrl: URL | null): string | undefined =>
  parse(cookies ?? '')[nameFor(publicUrl)] || undefined;

/** The header that makes the browser keep a session, or forget it where there is none. */
export const sessionCookie = (secret: string | null, publicUrl: URL | null): string =>
  serialize(nameFor(publicUrl), secret ?? '', {
    path: basePathOf(publicUrl) || '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: isSecure(publicUrl),
    maxAge: secret === null ? 0 : SESSION_MS / 1000,
  });
