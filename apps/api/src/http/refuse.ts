import type { ErrorCode } from '@trojanscope/core';
import type { ErrorRequestHandler } from 'express';
import { faultOfOurs, shortened } from '../graphql/errors.js';
import { refusalOf } from '../store/diskFull.js';

/** Of our own refusals outside of GraphQL. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  BAD_USER_INPUT: 400,
  NOT_FOUND: 404,
  DATA_MISSING: 404,
  DATA_DAMAGED: 404,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  CONFLICT: 409,
  LIMIT_EXCEEDED: 413,
  RATE_LIMITED: 429,
  ENGINE_UNAVAILABLE: 503,
  DISK_FULL: 507,
};

/** What goes wrong before a resolver runs (malformed JSON, too large a body) is told as JSON, never as a page. */
export const refuse: ErrorRequestHandler = (error, _request, response, next) => {
  // A tab closed before its answer is not an error.
  if (['EPIPE', 'ECONNRESET', 'ECONNABORTED'].includes(error.code)) return;
  if (response.headersSent) return next(error);
  const refusal = refusalOf(error);
  if (refusal) {
    const { code, message } = refusal;
    response.set('Cache-Control', 'no-store').status(STATUS[code] ?? 500);
    response.type('json').json({ errors: [{ message, extensions: { code } }] });
    return;
  }
  const status = Number(error.status ?? error.statusCode ?? 500);
  const known = status >= 400 && status < 500;
  const { message, extensions } = known
    ? {
        message: shortened(`The request was not understood: ${error.message}`),
        extensions: { code: 'BAD_USER_INPUT' },
      }
    : faultOfOurs(error);
  response
    .set('Cache-Control', 'no-store')
    .status(known ? status : 500)
    .type('json')
    .json({ errors: [{ message, extensions }] });
};
