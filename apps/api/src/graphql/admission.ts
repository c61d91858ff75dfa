import type { ApolloServerPlugin } from '@apollo/server';
import { TrojanscopeError } from '@trojanscope/core';
import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { RateLimits } from '../rateLimits.js';
import type { Context } from './context.js';
import { firstErrors } from './errors.js';
import { type Cost, costOf, LIMITS, limitRule, refusal } from './limits.js';

/** What a request was charged, and what its caller has left; null where callers have no limit. */
export interface Bill extends Cost {
  limit: number | null;
  remaining: number | null;
  resetAt: Date | null;
}

export interface AdmissionOptions {
  /** For each caller; 0 for no limit. */
  pointsPerMinute: number;
  /** How long a query or mutation may take. */
  timeoutMs: number;
}

export const PARSE_OPTIONS = { maxTokens: LIMITS.tokens };
const MINUTE_S = 60;

export type Admission = ReturnType<typeof createAdmission>;

/** Decides whether a request that was understood is executed, and charges its caller: for HTTP and websocket alike. */
export function createAdmission(
  schema: GraphQLSchema,
  limits: RateLimits,
  { pointsPerMinute, timeoutMs }: AdmissionOptions,
) {
  const meter = pointsPerMinute ? limits('points', pointsPerMinute, MINUTE_S) : undefined;

  async function charge(caller: string, cost: Cost): Promise<Bill> {
    if (!meter) return { ...cost, limit: null, remaining: null, resetAt: null };
    const { isOver, left, resetMs } = await meter.take(caller, cost.points);
    if (isOver) throw tooMany(cost.points, pointsPerMinute, resetMs);
    return {
      ...cost,
      limit: pointsPerMinute,
      remaining: left,
      resetAt: new Date(Date.now() + resetMs),
    };
  }

  /** @throws GraphQLError BAD_USER_INPUT, LIMIT_EXCEEDED, RATE_LIMITED */
  async function admit(
    context: Context,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    context.bill = await charge(context.caller, costOf(schema, document, operation, variables));
    // A subscription is as long as what it follows.
    if (operation.operation !== 'subscription')
      context.deadline = { at: performance.now() + timeoutMs, timeoutMs };
  }

  const plugin: ApolloServerPlugin<Context> = {
    async requestDidStart() {
      return {
        async didResolveOperation({ contextValue, document, operation, request }) {
          if (operation?.operation === 'subscription') throw notBySocket();
          if (operation) await admit(contextValue, document, operation, request.variables ?? {});
        },
        async willSendResponse({ response: { body } }) {
          if (body.kind === 'single' && body.singleResult.errors)
            body.singleResult.errors = firstErrors(body.singleResult.errors);
        },
      };
    },
  };

  return {
    plugin,
    /** A request over a websocket: what to execute, or why not. */
    async subscribe(
      context: Context,
      { query, operationName, variables }: Message,
    ): Promise<ExecutionArgs | GraphQLError[]> {
      try {
        const document = parse(query, PARSE_OPTIONS);
        const invalid = validate(schema, document, [...specifiedRules, limitRule]);
        if (invalid.length > 0) return [...invalid];
        const operation = getOperationAST(document, operationName);
        if (operation) await admit(context, document, operation, variables ?? {});
        return { schema, document, operationName, variableValues: variables, contextValue: context };
      } catch (error) {
        if (error instanceof GraphQLError) return [error];
        return [new GraphQLError((error as Error).message, { originalError: error as Error })];
      }
    },
  };
}

/** Executed as a request it would end in a stream that no answer holds. */
const notBySocket = () =>
  new GraphQLError(
    'Subscriptions run over a websocket at the same address, with the subprotocol graphql-transport-ws; a request by HTTP may hold queries and mutations.',
    { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } },
  );

interface Message {
  query: string;
  operationName?: string | null;
  variables?: Record<string, unknown> | null;
}

function tooMany(points: number, limit: number, resetMs: number): GraphQLError {
  const seconds = Math.max(1, Math.ceil(resetMs / 1000));
  const error = new TrojanscopeError(
    'RATE_LIMITED',
    `This request costs ${points} of the ${limit} points a minute that a caller has, and fewer are left. Ask again in ${seconds} s.`,
  );
  const refused = refusal(error, 429, undefined, new Map([['retry-after', String(seconds)]]));
  refused.extensions.retryAfterSeconds = seconds;
  return refused;
}
