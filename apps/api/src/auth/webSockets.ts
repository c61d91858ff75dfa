import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { log } from '../log.js';
import { stillValid, viewerBySecret } from '../store/credentials.js';
import type { Db } from '../store/database.js';
import { LOCAL, type Viewer } from '../viewer.js';
import type { Auth } from './auth.js';
import { bearerIn, WRONG_TOKEN } from './authenticate.js';
import { sessionIn } from './cookies.js';

const CHECK_MS = 1_000;
const FORBIDDEN = 4403;

interface Connection {
  connectionParams?: Readonly<Record<string, unknown>>;
  extra: { socket: WebSocket; request: IncomingMessage };
}

export type SocketDoor = ReturnType<typeof createSocketDoor>;

/**
 * Who may come in by websocket: with `authorization: "Bearer …"` among the connection's parameters, with that header of
 * the handshake, or with a session's cookie; a page's origin is checked before. It closes once that does not hold any
 * more; whether it does is read from the database, so that it is of no account who ended it.
 */
export function createSocketDoor(db: Db, auth: Auth) {
  const credentials = new Map<WebSocket, string>();

  async function viewer({ connectionParams, extra: { request } }: Connection): Promise<Viewer | null> {
    if (!auth.on) return LOCAL;
    const authorization = authorizationIn(connectionParams);
    const token = bearerIn(authorization ?? request.headers.authorization);
    if (authorization !== undefined || token !== undefined) return viewerBySecret(db, 'TOKEN', token ?? '');
    return viewerBySecret(db, 'SESSION', sessionIn(request.headers.cookie, auth.publicUrl) ?? '');
  }

  /** Why nobody is known; a close reason has 123 bytes at most. */
  function refusal({ connectionParams, extra: { request } }: Connection): string {
    const authorization = authorizationIn(connectionParams) ?? request.headers.authorization;
    if (bearerIn(authorization) !== undefined) return WRONG_TOKEN;
    if (authorization !== undefined)
      return 'Expected authorization: "Bearer ts_pat_…"; what came has another form.';
    if (sessionIn(request.headers.cookie, auth.publicUrl) !== undefined)
      return 'The session has ended: sign in again.';
    return 'Expected authorization: "Bearer ts_pat_…" in connection_init or the handshake, or a session.';
  }

  async function closeEnded(): Promise<void> {
    if (credentials.size === 0) return;
    const valid = await stillValid(db, [...new Set(credentials.values())]);
    for (const [socket, id] of credentials) {
      if (!valid.has(id)) socket.close(FORBIDDEN, 'Signed out, or the token was revoked or has expired.');
    }
  }
  const timer = setInterval(() => {
    closeEnded().catch((error) => log.error({ err: error }, 'checking open websockets'));
  }, CHECK_MS).unref();

  return {
    viewer,
    /** @returns whether it may stay; it is closed with 4403 and the reason else */
    async opened(connection: Connection): Promise<boolean> {
      const known = await viewer(connection);
      const { socket } = connection.extra;
      if (!known) {
        socket.close(FORBIDDEN, refusal(connection));
        return false;
      }
      // One that closed while it was looked up needs no answer.
      if (known.credentialId && socket.readyState === socket.OPEN) {
        credentials.set(socket, known.credentialId);
        socket.once('close', () => credentials.delete(socket));
      }
      return true;
    },
    close: () => clearInterval(timer),
  };
}

/** In any case, and also in `headers`, as clients of other makers send it. */
function authorizationIn(parameters: Connection['connectionParams']): unknown {
  const named = (of: unknown, name: string): unknown =>
    Object.entries(of ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
  return named(parameters, 'authorization') ?? named(named(parameters, 'headers'), 'authorization');
}
