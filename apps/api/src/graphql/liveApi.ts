import type { Server } from 'node:http';
import { TrojanscopeError } from '@trojanscope/core';
import type { GraphQLError } from 'graphql';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { addressOf, basePathOf } from '../auth/origins.js';
import { createSocketDoor } from '../auth/webSockets.js';
import { withoutBasePath } from '../basePath.js';
import { type Hosts, refusedHandshake } from '../hosts.js';
import { dropSlowReaders } from '../slowReaders.js';
import type { Admission } from './admission.js';
import type { MakeContext, ServerParts } from './context.js';
import { firstErrors, formatError } from './errors.js';
import { refusal } from './limits.js';

const MESSAGE_LIMIT_BYTES = 64 * 1024;
const MAXIMUM_SOCKETS = 2_000;
/** On one websocket at the same time. */
const MAXIMUM_SUBSCRIPTIONS = 100;
const PING_MS = 12_000;
const CLOSE_MS = 2_000;

export interface LiveApi {
  connections(): number;
  close(): Promise<void>;
}

/** The API over websockets (graphql-transport-ws), on the server's own port. */
export function createLiveApi(
  server: Server,
  { db, auth }: ServerParts,
  { hosts, admission, context }: { hosts: Hosts; admission: Admission; context: MakeContext },
): LiveApi {
  const door = createSocketDoor(db, auth);
  const basePath = basePathOf(auth.publicUrl);
  const sockets = new WebSocketServer({ noServer: true, path: '/graphql', maxPayload: MESSAGE_LIMIT_BYTES });
  server.on('upgrade', (request, socket, head) => {
    const refuse = (status: string, why: string) =>
      void socket.end(
        `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(why)}\r\n\r\n${why}`,
      );
    request.url = withoutBasePath(request.url!, basePath);
    const foreign = refusedHandshake(hosts, request);
    if (foreign) return refuse('403 Forbidden', foreign);
    if (sockets.clients.size >= MAXIMUM_SOCKETS)
      return refuse('503 Service Unavailable', `Expected at most ${MAXIMUM_SOCKETS} websockets at a time.`);
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request));
  });
  // Taken up, so that the client is told: one that is offered no subprotocol sees a failed handshake, without a reason.
  sockets.on('connection', (opened) => {
    if (opened.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL)
      opened.close(
        CloseCode.SubprotocolNotAcceptable,
        `Expected the subprotocol ${GRAPHQL_TRANSPORT_WS_PROTOCOL}.`,
      );
  });
  const stopWatching = dropSlowReaders(sockets);
  const live = useServer(
    {
      connectionInitWaitTimeout: 5_000,
      onConnect: (connection) => door.opened(connection),
      onSubscribe: async (connection, _id, message) => {
        if (Object.keys(connection.subscriptions).length > MAXIMUM_SUBSCRIPTIONS) return [tooMany()];
        const address = addressOf(connection.extra.request, auth.publicUrl);
        return admission.subscribe(context(await door.viewer(connection), address, null), message);
      },
      // The library would send errors as they are.
      onNext: (_context, _id, _payload, _args, { errors, ...result }) => ({
        ...result,
        ...(errors && { errors: tell(errors) }),
      }),
      onError: (_context, _id, _payload, errors) => [...tell(errors)],
    },
    sockets,
    PING_MS,
  );
  const { handleProtocols } = sockets.options;
  sockets.options.handleProtocols = (offered, request) =>
    handleProtocols!(offered, request) || [...offered][0] || false;
  return {
    connections: () => sockets.clients.size,
    async close() {
      for (const socket of sockets.clients) socket.close(1001, 'The server is stopping.');
      // A client that does not answer is not waited for.
      const force = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, CLOSE_MS);
      door.close();
      await live.dispose();
      stopWatching();
      clearTimeout(force);
    },
  };
}

const tell = (errors: readonly GraphQLError[]) =>
  firstErrors(errors.map((error) => formatError(error.toJSON(), error)));

const tooMany = () =>
  refusal(
    new TrojanscopeError(
      'LIMIT_EXCEEDED',
      `Expected at most ${MAXIMUM_SUBSCRIPTIONS} subscriptions on a connection.`,
    ),
    400,
  );
