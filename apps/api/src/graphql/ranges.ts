import * as S from '@trojanscope/schema';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { findLargestRange } from '../jobs/largestRange.js';
import { start } from '../jobs/start.js';
import { rangesWanted } from '../store/ranges.js';
import { answer, INPUT } from './answer.js';
import type { Context } from './context.js';
import { listTable } from './lists.js';
import { jobById, modelById, rangeById, statusOf } from './lookups.js';
import * as P from './present.js';

@Resolver(() => S.LargestRange)
export class LargestRanges {
  @Rule('VIEWER')
  @Query(() => S.LargestRangeConnection, {
    description: 'How far clean images can be transformed: searches, newest first.',
  })
  largestRanges(
    @Args(() => S.PageArgs) page: S.PageArgs,
    @Arg('filter', () => S.LargestRangeFilter, { nullable: true, description: 'Which of them.' })
    filter: S.LargestRangeFilter | null,
    @Ctx() { db }: Context,
  ) {
    return listTable(db, 'largest_range', page, P.presentRange, rangesWanted(filter));
  }

  @Rule('RUNNER')
  @Mutation(() => S.FindLargestRangePayload, {
    description: 'Queues a search for how far clean images can be transformed and still be classified right.',
  })
  findLargestRange(
    @Arg('input', () => S.FindLargestRangeInput, INPUT) input: S.FindLargestRangeInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => ({
      range: await rangeById(await start(findLargestRange, input, context), context),
    }));
  }

  @FieldResolver()
  model(@Root() { row }: P.PresentedRange, @Ctx() context: Context) {
    return modelById(row.model_id, context);
  }
  @FieldResolver()
  job(@Root() { row }: P.PresentedRange, @Ctx() context: Context) {
    return jobById(row.job_id, context);
  }
  @FieldResolver()
  status(@Root() { row }: P.PresentedRange, @Ctx() context: Context) {
    return statusOf(row.job_id, context);
  }
}
