import { TrojanscopeError } from '@trojanscope/core';
import type { GraphQLField, GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { Extensions } from 'type-graphql';
import { isAtLeast, type Viewer, viewerOf } from '../viewer.js';

/** Who may ask for a field. IN_PERSON: by session, not by access token, which could otherwise widen its rights. */
export type RuleName = 'ANYONE' | 'VIEWER' | 'RUNNER' | 'ADMIN' | 'IN_PERSON';

/** The rule of a query, mutation or subscription, declared with it. */
export const Rule = (rule: RuleName) => Extensions({ rule });

export const ruleOf = (field: Pick<GraphQLField<unknown, unknown>, 'extensions'>): RuleName | undefined =>
  field.extensions.rule as RuleName | undefined;

/** @throws TrojanscopeError UNAUTHENTICATED, FORBIDDEN */
export function checkRule(rule: RuleName, viewer: Viewer | null): void {
  if (rule === 'ANYONE') return;
  const { role, signedInBy } = viewerOf({ viewer });
  if (rule === 'IN_PERSON') {
    if (signedInBy !== 'TOKEN') return;
    throw new TrojanscopeError('FORBIDDEN', 'Access tokens may not do this. Sign in with your password.');
  }
  if (isAtLeast(role, rule)) return;
  throw new TrojanscopeError(
    'FORBIDDEN',
    `Expected the role ${rule.toLowerCase()}; yours here is ${role.toLowerCase()}.`,
  );
}

/**
 * Puts every field's rule in front of it.
 * @throws TrojanscopeError INTERNAL where a field has no rule: the server does not start
 */
export function enforceRules(schema: GraphQLSchema): GraphQLSchema {
  for (const type of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      const rule = ruleOf(field);
      if (!rule) {
        throw new TrojanscopeError(
          'INTERNAL',
          `${type!.name}.${field.name} does not say who may ask for it: @Rule.`,
        );
      }
      if (field.resolve) field.resolve = behind(rule, field.resolve);
      if (field.subscribe) field.subscribe = behind(rule, field.subscribe);
    }
  }
  return schema;
}

type Resolver = GraphQLFieldResolver<unknown, { viewer: Viewer | null }>;

const behind =
  (rule: RuleName, resolve: Resolver): Resolver =>
  (source, args, context, info) => {
    checkRule(rule, context.viewer);
    return resolve(source, args, context, info);
  };
