import type { IncomingHttpHeaders } from 'node:http';
import type { ErrorCode } from '@trojanscope/core';
import type { RequestHandler, Response } from 'express';
import { viewerBySecret } from '../store/credentials.js';
import type { Db } from '../store/database.js';
import { LOCAL, type Viewer } from '../viewer.js';
import type { Auth } from './auth.js';
import { sessionIn } from './cookies.js';
import { isForeign, isOwnPage } from './origins.js';

declare global {
  namespace Express {
    interface Request {
      /** The caller; null where nobody is signed in. */
      viewer: Viewer | null;
    }
  }
}

/** One text for all three, so that it does not reveal which tokens exist. */
export const WRONG_TOKEN = 'This access token is wrong, has expired or was revoked.';

/**
 * Finds out who asks, by `Authorization: Bearer` or else by the session's cookie. A wrong token is refused, a wrong
 * cookie is nobody's: a browser has to be able to sign in again.
 */
export function authenticate(db: Db, auth: Auth): RequestHandler {
  return async (request, response, next) => {
    const { headers, method } = request;
    request.viewer = LOCAL;
    if (!auth.on) return next();
    const token = bearerIn(headers.authorization);
    if (token !== undefined) {
      request.viewer = await viewerBySecret(db, 'TOKEN', token);
      if (request.viewer) return next();
      return refuse(response, 'UNAUTHENTICATED', WRONG_TOKEN);
    }
    const cookie = sessionIn(headers.cookie, auth.publicUrl);
    if (isForged(headers, method, cookie !== undefined, auth.publicUrl)) {
      return refuse(response, 'FORBIDDEN', 'Another page asks, by a browser that is signed in here.');
    }
    request.viewer = cookie === undefined ? null : await viewerBySecret(db, 'SESSION', cookie);
    next();
  };
}

/** Everything behind this is for those whom `authenticate` knows. */
export const onlySignedIn: RequestHandler = (request, response, next) => {
  if (request.viewer) next();
  else refuse(response, 'UNAUTHENTICATED', 'Sign in, or send an access token.');
};

/** A proxy's own `Basic` password is none of ours. */
export const bearerIn = (authorization: unknown): string | undefined =>
  typeof authorization === 'string' ? /^Bearer +(\S+) *$/i.exec(authorization)?.[1] : undefined;

/**
 * A browser sends our cookie whichever page asks. So with it, a change has to come from a page of ours, and nothing may
 * come from another's; without it, no other page may sign the browser in.
 */
function isForged(
  headers: IncomingHttpHeaders,
  method: string,
  hasCookie: boolean,
  publicUrl: URL | null,
): boolean {
  const changes = method !== 'GET' && method !== 'HEAD';
  if (hasCookie && changes) return !isOwnPage(headers, publicUrl);
  return (hasCookie || changes) && isForeign(headers, publicUrl);
}

function refuse(response: Response, code: ErrorCode, message: string): void {
  if (code === 'UNAUTHENTICATED') response.set('WWW-Authenticate', 'Bearer');
  response
    .set('Cache-Control', 'no-store')
    .status(code === 'UNAUTHENTICATED' ? 401 : 403)
    .json({ errors: [{ message, extensions: { code } }] });
}
