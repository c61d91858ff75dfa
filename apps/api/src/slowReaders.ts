import type { Socket } from 'node:net';
import type { WebSocket, WebSocketServer } from 'ws';

const LIMIT_BYTES = 1024 * 1024;
const TICK_MS = 250;
const PATIENCE_MS = 5_000;
const STALLED_MS = 30_000;

/**
 * Disconnects clients that do not read what is sent to them: more than 1 MB waiting for 5 s, or anything for 30 s. While more
 * than 1 MB waits nothing is read from that client, so its own messages cannot make us hold more.
 */
export function dropSlowReaders(sockets: WebSocketServer): () => void {
  const watched = new Map<WebSocket, { raw: Socket; waitingSince?: number; overSince?: number }>();

  sockets.on('connection', (socket, { socket: raw }) => {
    watched.set(socket, { raw });
    ignoreLostMessages(socket);
    socket.on('message', () => {
      if (raw.writableLength > LIMIT_BYTES) socket.pause();
    });
    socket.on('close', () => watched.delete(socket));
  });

  const timer = setInterval(() => {
    const now = performance.now();
    for (const [socket, state] of watched) {
      const waiting = state.raw.writableLength;
      state.waitingSince = waiting > 0 ? (state.waitingSince ?? now) : undefined;
      state.overSince = waiting > LIMIT_BYTES ? (state.overSince ?? now) : undefined;
      if (now - (state.overSince ?? now) > PATIENCE_MS || now - (state.waitingSince ?? now) > STALLED_MS)
        socket.terminate();
      else if (socket.isPaused && waiting <= LIMIT_BYTES) socket.resume();
    }
  }, TICK_MS).unref();
  return () => clearInterval(timer);
}

/** A message that cannot be sent means that its reader is gone, which `close` tells; it would be logged once a message. */
function ignoreLostMessages(socket: WebSocket): void {
  const send = socket.send.bind(socket) as (data: string, done: () => void) => void;
  socket.send = ((data: string, done?: () => void) => send(data, () => done?.())) as WebSocket['send'];
}
