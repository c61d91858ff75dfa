import { TrojanscopeError } from '@trojanscope/core';
import type { GraphQLFormattedError } from 'graphql';
import { GraphQLError } from 'graphql';
import { log, requestId } from '../log.js';

/** GraphQL's own refusals: syntax, validation, variables. They say what is wrong with the request and nothing else. */
const REQUEST_CODES = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
]);

/** Our own refusals keep code, message and field; a fault becomes a request id, its cause is in the server's log. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  const { message, locations, path } = formatted;
  if (original instanceof TrojanscopeError) {
    return {
      message: original.message,
      locations,
      path,
      extensions: { code: original.code, field: original.field },
    };
  }
  const code = formatted.extensions?.code as string | undefined;
  if (code && REQUEST_CODES.has(code)) return { message, locations, extensions: { code } };
  // Over a websocket a request that does not fit the schema carries no code.
  if (original instanceof GraphQLError && !original.originalError) {
    return { message, locations, path, extensions: { code: 'BAD_USER_INPUT' } };
  }
  return { ...faultOfOurs(original), path };
}

/** Writes the cause to the log; the client gets what finds it there. */
export function faultOfOurs(cause: unknown) {
  const id = requestId();
  log.error({ requestId: id, err: cause }, 'a fault of ours');
  return {
    message: `A fault of ours. Its cause is in the server’s log under ${id}.`,
    extensions: { code: 'INTERNAL', requestId: id },
  };
}
