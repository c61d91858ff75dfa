import type { ApolloServerPlugin } from '@apollo/server';
import { TrojanscopeError } from '@trojanscope/core';
import { GraphQLError, NoSchemaIntrospectionCustomRule, validate } from 'graphql';
import type { Context } from './context.js';

/** A caller that asked too often is also told by the status, and when to ask again. */
export const tooManyRequests: ApolloServerPlugin<Context> = {
  async requestDidStart() {
    return {
      async willSendResponse({ contextValue: { http }, response }) {
        if (http?.retryAfterSeconds === undefined) return;
        response.http.status = 429;
        response.http.headers.set('retry-after', String(http.retryAfterSeconds));
      },
    };
  },
};

/** The schema is for those who are signed in; `__schema` is a built-in field, which cannot carry a rule. */
export const anonymousIntrospection: ApolloServerPlugin<Context> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ contextValue: { viewer }, schema, document }) {
        if (viewer || validate(schema, document, [NoSchemaIntrospectionCustomRule]).length === 0) return;
        const originalError = new TrojanscopeError('UNAUTHENTICATED', 'Sign in to see the schema.');
        throw new GraphQLError(originalError.message, { originalError });
      },
    };
  },
};
