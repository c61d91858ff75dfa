import * as S from '@trojanscope/schema';
import { Ctx, Query, Resolver } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import type { Context } from './context.js';

@Resolver()
export class RateLimitQuery {
  @Rule('VIEWER')
  @Query(() => S.RateLimit, { description: 'What this very request costs, and what is left.' })
  rateLimit(@Ctx() { bill }: Context) {
    const { points, objects, limit, remaining, resetAt } = bill!;
    return { cost: points, objects, limit, remaining, resetAt };
  }
}
