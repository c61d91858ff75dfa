import * as S from '@trojanscope/schema';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { outcomesAcrossSweeps, outcomesAcrossValues, sweepsBeside } from '../store/sweeps.js';
import type { Context } from './context.js';
import { newestFinished } from './curves.js';
import { pointById, specOfPoint } from './lookups.js';
import * as P from './present.js';

@Resolver(() => S.Outcome)
export class Outcomes {
  @FieldResolver()
  async point(@Root() { row }: P.PresentedOutcome, @Ctx() context: Context) {
    return pointById(row.point_id, context);
  }
  @FieldResolver()
  async explanation(@Root() { row }: P.PresentedOutcome, @Ctx() { load }: Context) {
    const [newest] = await load.explanationsOfOutcome.load(`${row.point_id}/${row.position}`);
    return newest ? P.presentExplanation(newest) : null;
  }
  @FieldResolver()
  async explanations(@Root() { row }: P.PresentedOutcome, @Ctx() { load }: Context) {
    const all = await load.explanationsOfOutcome.load(`${row.point_id}/${row.position}`);
    return all.map(P.presentExplanation);
  }
  @FieldResolver()
  async acrossValues(@Root() { row }: P.PresentedOutcome, @Ctx() context: Context) {
    const { sweep_id } = (await context.load.point.load(row.point_id))!;
    const rows = await outcomesAcrossValues(context.db, sweep_id, row.position);
    const spec = await specOfPoint(row.point_id, context);
    return rows.map((one) => P.presentOutcome(one, spec));
  }
  @FieldResolver()
  async acrossModels(@Root() outcome: P.PresentedOutcome, @Ctx() context: Context) {
    const { row } = outcome;
    const point = (await context.load.point.load(row.point_id))!;
    const sweep = (await context.load.sweep.load(point.sweep_id))!;
    const { dataset } = (await context.load.model.load(sweep.model_id))!;
    const sweeps = newestFinished(await sweepsBeside(context.db, sweep, dataset));
    const ids = sweeps.map(({ id }) => id);
    const rows = await outcomesAcrossSweeps(context.db, ids, point.value, row.sample_index);
    return [
      outcome,
      ...(await Promise.all(
        rows.map(async (one) => P.presentOutcome(one, await specOfPoint(one.point_id, context))),
      )),
    ];
  }
}
