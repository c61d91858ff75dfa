import * as S from '@trojanscope/schema';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { start } from '../jobs/start.js';
import { runSweep } from '../jobs/sweep.js';
import { comparisonAt } from '../store/explanations.js';
import { sweepOrder, sweepsWanted } from '../store/sweeps.js';
import { answer, INPUT } from './answer.js';
import type { Context } from './context.js';
import { sweepsOfCurves } from './curves.js';
import { listTable, outcomesOf } from './lists.js';
import { jobById, modelById, specOfPoint, statusOf, sweepById } from './lookups.js';
import * as P from './present.js';

@Resolver(() => S.Sweep)
export class Sweeps {
  @Rule('VIEWER')
  @Query(() => S.SweepConnection, { description: 'Sweeps, newest first where no other order is asked for.' })
  sweeps(
    @Args(() => S.PageArgs) page: S.PageArgs,
    @Arg('filter', () => S.SweepFilter, { nullable: true, description: 'Which of them.' })
    filter: S.SweepFilter | null,
    @Arg('orderBy', () => S.SweepOrder, { nullable: true, description: 'In which order.' })
    orderBy: S.SweepOrder | null,
    @Ctx() { db }: Context,
  ) {
    const orders = orderBy ? [sweepOrder(orderBy)] : undefined;
    return listTable(db, 'sweep', page, P.presentSweep, sweepsWanted(filter), orders);
  }

  @Rule('VIEWER')
  @Query(() => [S.RobustnessCurve], {
    description:
      'One curve for each model, transform and target: its newest finished sweep, or exactly the sweeps named.',
  })
  async robustnessCurves(
    @Arg('filter', () => S.CurveFilter, { description: 'Which curves.' }) filter: S.CurveFilter,
    @Ctx() { db }: Context,
  ) {
    return (await sweepsOfCurves(db, filter)).map(P.presentCurve);
  }

  @Rule('RUNNER')
  @Mutation(() => S.RunSweepPayload, { description: 'Queues a sweep of a trained trojaned model.' })
  runSweep(@Arg('input', () => S.RunSweepInput, INPUT) input: S.RunSweepInput, @Ctx() context: Context) {
    return answer(async () => ({ sweep: await sweepById(await start(runSweep, input, context), context) }));
  }

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
    return P.presentCurve(sweep);
  }
}

@Resolver(() => S.RobustnessCurve)
export class RobustnessCurveFields {
  @FieldResolver()
  model(@Root() { sweep }: P.PresentedCurve, @Ctx() context: Context) {
    return modelById(sweep.row.model_id, context);
  }
  @FieldResolver()
  async points(@Root() { sweep }: P.PresentedCurve, @Ctx() { load }: Context) {
    return (await load.pointsOfSweep.load(sweep.id)).map((point) => P.presentPoint(point, sweep.row));
  }
}

@Resolver(() => S.Point)
export class PointFields {
  @FieldResolver()
  sweep(@Root() { row }: P.PresentedPoint, @Ctx() context: Context) {
    return sweepById(row.sweep_id, context);
  }
  @FieldResolver()
  async explainerComparison(@Root() { row }: P.PresentedPoint, @Ctx() { db }: Context) {
    const comparison = await comparisonAt(db, row.id);
    return comparison && P.presentComparison(comparison);
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
