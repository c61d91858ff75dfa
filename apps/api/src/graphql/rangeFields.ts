import * as S from '@trojanscope/schema';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from './context.js';
import * as P from './present.js';
import { jobById, modelById, statusOf } from './stored.js';

@Resolver(() => S.LargestRange)
export class LargestRangeFields {
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
