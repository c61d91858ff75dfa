import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { log } from '../log.js';
import type { Db } from '../store/database.js';
import { LOCAL, type Viewer } from '../viewer.js';
import type { Auth } from './auth.js';
import { bearerIn } from './authenticate.js';
import { sessionIn } from './cookies.js';
import { stillValid, viewerBySecret } from './credentials.js';

const CHECK_MS = 1_000;
const FORBIDDEN = 4403;

interface Connection {
  connectionParams?: Readonly<Record<string, unknown>>;
  extra: { socket: WebSocket; request: IncomingMessage };
}

export type SocketDoor = ReturnType<typeof createSocketDoor>;

/**
 * Who may come in by websocket: with a session's cookie, whose page's origin is checked before, or with
 * `authorization: "Bearer …"` among the connection's parameters. It closes once that does not hold any more; whether it
 * does is read from the database, so that it is of no account who ended it.
 */
export function createSocketDoor(db: Db, auth: Auth) {
  const credentials = new Map<WebSocket, string>();

  async function viewer({ connectionParams, extra: { request } }: Connection): Promise<Viewer | null> {
    if (!auth.on) return LOCAL;
    if (connectionParams?.authorization !== undefined) {
      return viewerBySecret(db, 'TOKEN', bearerIn(connectionParams.authorization) ?? '');
    }
    return viewerBySecret(db, 'SESSION', sessionIn(request.headers.cookie, auth.publicUrl) ?? '');
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
    /** @returns whether it may stay; the library closes it with 4403 else */
    async opened(connection: Connection): Promise<boolean> {
      const known = await viewer(connection);
      if (!known) return false;
      const { socket } = connection.extra;
      // One that went while it was looked up tells nobody again.
      if (known.credentialId && socket.readyState === socket.OPEN) {
        credentials.set(socket, known.credentialId);
        socket.once('close', () => credentials.delete(socket));
      }
      return true;
    },
    close: () => clearInterval(timer),
  };
}
