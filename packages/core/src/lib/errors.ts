/**
 * Every way in which trojanscope says no. API, jobs and command line show the code and the message as they are;
 * they invent none of their own.
 */
export const ERROR_CODES = {
  BAD_USER_INPUT: 'A value has the wrong type, is out of range or does not fit the others.',
  NOT_FOUND: 'No such thing.',
  CONFLICT: 'The thing is not in a state that allows this, for example a model that is still training.',
  UNSUPPORTED:
    'The combination makes no sense, for example a trigger transform for a trigger without a layer.',
  DATA_MISSING: 'A data set is not installed.',
  DATA_DAMAGED: 'A file is not what it should be: wrong size, hash or format.',
  ENGINE_UNAVAILABLE: 'The compute engine is not installed or does not load.',
  UNAUTHENTICATED: 'Nobody is signed in, or the credential is wrong, has expired or was revoked.',
  FORBIDDEN: 'The caller may not do this, or not from there: from another site’s page, for example.',
  RATE_LIMITED: 'Too many attempts, or requests that cost too much, in a short time; later is fine.',
  ABORTED: 'The work was cancelled.',
  LIMIT_EXCEEDED: 'The request asks for more than one request may.',
  DISK_FULL: 'The server’s disk has no room for what was to be written.',
  TIMEOUT: 'The request took too long; what was done by then is in the answer.',
  INTERNAL: 'Internal error.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** An error whose message says what was expected and what came. `field` is the path of the input at fault. */
export class TrojanscopeError extends Error {
  override readonly name = 'TrojanscopeError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly field: readonly (string | number)[] = [],
  ) {
    super(message);
  }
}

/** Throws `ABORTED` where `signal` has fired: called between units of work. */
export function throwIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted) throw new TrojanscopeError('ABORTED', 'The work was cancelled.');
}
