import * as S from '@trojanscope/schema';
import { Arg, Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from './context.js';
import { type Curve, curveOf } from './curves.js';
import { outcomesOf } from './lists.js';
import * as P from './present.js';
import { jobById, modelById, specOfPoint, statusOf, sweepById } from './stored.js';

@Resolver(() => S.Sweep)
export class SweepFields {
  @FieldResolver()
  model(@Root() { row }: P.PresentedSweep, @Ctx() context: Context) {
    return modelById(row.model_id, context);
  }
  @FieldResolver()
  job(@Root() { row }: P.PresentedSweep, @Ctx() context: Context) {
    return jobById(row.job_id, context);
  }
  @FieldResolver()
  status(@Root() { row }: P.PresentedSweep, @Ctx() context: Context) {
    return statusOf(row.job_id, context);
  }
  @FieldResolver()
  async samplesUsed(@Root() { id }: P.PresentedSweep, @Ctx() { load }: Context) {
    return P.samplesUsed(await load.pointsOfSweep.load(id));
  }
  @FieldResolver()
  curve(@Root() sweep: P.PresentedSweep) {
    return curveOf(sweep);
  }
}

@Resolver(() => S.RobustnessCurve)
export class RobustnessCurveFields {
  @FieldResolver()
  model(@Root() { sweep }: Curve, @Ctx() context: Context) {
    return modelById(sweep.row.model_id, context);
  }
  @FieldResolver()
  async points(@Root() { sweep }: Curve, @Ctx() { load }: Context) {
    return (await load.pointsOfSweep.load(sweep.id)).map((point) => P.presentPoint(point, sweep.row));
  }
}

@Resolver(() => S.Point)
export class PointFields {
  @FieldResolver()
  sweep(@Root() { row }: P.PresentedPoint, @Ctx() context: Context) {
    return sweepById(row.sweep_id, context);
  }
  @FieldResolver(() => S.OutcomeConnection, {
    description: 'The samples behind it, in the order they were drawn where no other is asked for.',
  })
  async outcomes(
    @Root() { row }: P.PresentedPoint,
    @Args(() => S.PageArgs) page: S.PageArgs,
    @Arg('filter', () => S.OutcomeFilter, { nullable: true, description: 'Which of them.' })
    filter: S.OutcomeFilter | null,
    @Arg('orderBy', () => S.OutcomeOrder, { nullable: true, description: 'In which order.' })
    orderBy: S.OutcomeOrder | null,
    @Ctx() context: Context,
  ) {
    const spec = await specOfPoint(row.id, context);
    return outcomesOf(context.db, row.id, spec, page, filter, orderBy ?? undefined);
  }
}
