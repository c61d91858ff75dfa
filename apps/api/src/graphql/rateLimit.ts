import * as S from '@trojanscope/schema';
import { Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from './context.js';

@Resolver()
export class RateLimitQuery {
  @Query(() => S.RateLimit, { description: 'What this very request costs, and what is left.' })
  rateLimit(@Ctx() { bill }: Context) {
    const { points, objects, limit, remaining, resetAt } = bill!;
    return { cost: points, objects, limit, remaining, resetAt };
  }
}
