import { TrojanscopeError } from '@trojanscope/core';
import { defaultFieldResolver, type GraphQLSchema, getNamedType, isLeafType, isObjectType } from 'graphql';
import type { Context } from './context.js';

/** When a request has to be answered, on the clock of `performance.now()`. */
export interface Deadline {
  at: number;
  timeoutMs: number;
}

/**
 * Makes every field that leads to further objects look at the request's deadline first. Past it nothing more is looked up
 * and the answer goes out with what there is; what a mutation has begun is never broken off.
 */
export function withDeadline(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (isLeafType(getNamedType(field.type))) continue;
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (source, args, context: Context, info) => {
        if (context.deadline && performance.now() > context.deadline.at) throw late(context.deadline);
        return resolve(source, args, context, info);
      };
    }
  }
  return schema;
}

/**
 * What one resolver has computed elsewhere, or TIMEOUT when the request's time is over: one that waits does not look at
 * the clock.
 */
export async function inTime<T>(work: Promise<T>, deadline: Deadline | undefined): Promise<T> {
  if (!deadline) return work;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late(deadline)), deadline.at - performance.now());
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

const late = ({ timeoutMs }: Deadline) =>
  new TrojanscopeError(
    'TIMEOUT',
    `The request took longer than ${timeoutMs / 1000} s. Ask for smaller pages or fewer fields, or in several requests.`,
  );
