import type { NextFunction, RequestHandler } from 'express';

/**
 * Lets one request in at each turn of the event loop. Many that come at once are else answered all in the same turn, and
 * everything that waits for the next one (timers, websockets, other requests' bytes) waits for the last of them.
 */
export function onePerTick(): RequestHandler {
  const waiting: NextFunction[] = [];
  const letIn = () => {
    waiting.shift()!();
    if (waiting.length > 0) setImmediate(letIn);
  };
  return (_request, _response, next) => {
    if (waiting.push(next) === 1) setImmediate(letIn);
  };
}
