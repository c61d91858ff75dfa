import type { GraphQLFormattedError } from 'graphql';
import { GraphQLError } from 'graphql';
import { log, requestId } from '../log.js';
import { refusalOf } from '../store/diskFull.js';
import { LIMITS } from './limits.js';

/** GraphQL's own refusals: syntax, validation, variables. They say what is wrong with the request and nothing else. */
export const REQUEST_CODES = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);
/** What came is quoted in messages, and may be long. */
const MESSAGE_LENGTH = 400;
const MAXIMUM_ERRORS = 10;

/** Our own refusals keep code, message and field; a fault becomes a request id, its cause is in the server's log. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  const { locations, path, extensions } = formatted;
  const message = shortened(formatted.message);
  const refusal = refusalOf(original);
  if (refusal) {
    const { code, field } = refusal;
    const retryAfterSeconds = extensions?.retryAfterSeconds;
    return {
      message: shortened(refusal.message),
      locations,
      path,
      extensions: { code, field, retryAfterSeconds },
    };
  }
  const code = extensions?.code as string | undefined;
  if (isUnreadable(original)) return { message: TOO_LONG, extensions: { code: 'LIMIT_EXCEEDED', field: [] } };
  if (code && REQUEST_CODES.has(code)) return { message, locations, extensions: { code } };
  // Over a websocket a request that does not fit the schema carries no code.
  if (original instanceof GraphQLError && !original.originalError) {
    return { message, locations, path, extensions: { code: 'BAD_USER_INPUT' } };
  }
  return { ...faultOfOurs(original), path };
}

const TOO_LONG = `Expected at most ${LIMITS.tokens} words and signs in a request, and at most ${LIMITS.depth} levels. Ask for less, or in several requests.`;

/** Parser or validator gave up: too many tokens, nested too deep for the stack, too much to compare. */
function isUnreadable(error: unknown): boolean {
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  return (
    (cause instanceof RangeError && /call stack/.test(cause.message)) ||
    (cause instanceof GraphQLError &&
      /^Syntax Error: Document contains more|^Validation aborted\.$/.test(cause.message))
  );
}

export const shortened = (message: string) =>
  message.length > MESSAGE_LENGTH ? `${message.slice(0, MESSAGE_LENGTH)}…` : message;

/** The first few: a small request must not have a large answer. An exceeded limit is reported alone. */
export function firstErrors(errors: readonly GraphQLFormattedError[]): readonly GraphQLFormattedError[] {
  const limit = errors.find(({ extensions }) => extensions?.code === 'LIMIT_EXCEEDED');
  return limit ? [limit] : errors.slice(0, MAXIMUM_ERRORS);
}

/** Writes the cause to the log; the client gets what finds it there. */
export function faultOfOurs(cause: unknown) {
  const id = requestId();
  log.error({ requestId: id, err: cause }, 'an internal error');
  return {
    message: `Internal error. Its cause is in the server’s log under ${id}.`,
    extensions: { code: 'INTERNAL', requestId: id },
  };
}
