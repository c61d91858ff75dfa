import * as S from '@trojanscope/schema';
import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { filterCurated } from '../store/lists.js';
import { finishedSweeps } from '../store/sweeps.js';
import type { Context } from './context.js';
import { curveOf, newestFinished } from './curves.js';
import { listTable } from './lists.js';
import * as P from './present.js';
import { jobById, modelById, statusOf } from './stored.js';

@Resolver(() => S.Model)
export class ModelFields {
  @FieldResolver()
  job(@Root() { row }: P.PresentedModel, @Ctx() context: Context) {
    return jobById(row.job_id, context);
  }
  @FieldResolver()
  status(@Root() { row }: P.PresentedModel, @Ctx() context: Context) {
    return statusOf(row.job_id, context);
  }
  @FieldResolver()
  benign(@Root() { row }: P.PresentedModel, @Ctx() context: Context) {
    return modelById(row.benign_id, context);
  }
  @FieldResolver()
  async startedFrom(@Root() { row, provenance }: P.PresentedModel, @Ctx() context: Context) {
    if (provenance.start !== 'MODEL') return null;
    const job = await context.load.job.load(row.job_id);
    const { baseId = null } = (job?.payload ?? {}) as { baseId?: string };
    return modelById(baseId, context);
  }
  @FieldResolver()
  async trigger(@Root() { row }: P.PresentedModel, @Ctx() { load }: Context) {
    if (!row.trigger_on_sample || !row.trigger_box) return null;
    const [picture, onSample] = await Promise.all([
      row.trigger_picture ? load.artifact.load(row.trigger_picture) : null,
      load.artifact.load(row.trigger_on_sample),
    ]);
    if (!onSample) return null;
    return {
      picture: picture && P.presentArtifact(picture),
      onSample: P.presentArtifact(onSample),
      box: row.trigger_box,
    };
  }
  @FieldResolver()
  async triggerSteps(@Root() { id }: P.PresentedModel, @Ctx() { db, load }: Context) {
    const rows = await db
      .selectFrom('trigger_step')
      .selectAll()
      .where('model_id', '=', id)
      .orderBy('done')
      .execute();
    return rows.map(async ({ picture, ...step }) => {
      const artifact = picture && (await load.artifact.load(picture));
      return { ...step, picture: artifact ? P.presentArtifact(artifact) : null };
    });
  }
  @FieldResolver()
  training(
    @Root() { id, recipe, batchSizeUsed, durationSeconds }: P.PresentedModel,
    @Ctx() { load }: Context,
  ) {
    // Read only where it is asked for: of a hundred models it is most of the work.
    return { recipe, batchSizeUsed, history: () => load.historyOfModel.load(id), durationSeconds };
  }
  @FieldResolver(() => S.SweepConnection, { description: 'Its sweeps, newest first.' })
  sweeps(@Root() { id }: P.PresentedModel, @Args(() => S.PageArgs) page: S.PageArgs, @Ctx() { db }: Context) {
    return listTable(db, 'sweep', page, P.presentSweep, (query) =>
      filterCurated(query, 'sweep', null).where('model_id', '=', id),
    );
  }
  @FieldResolver()
  async curves(@Root() { id }: P.PresentedModel, @Ctx() { db }: Context) {
    return newestFinished(await finishedSweeps(db).where('sweep.model_id', '=', id).execute()).map(curveOf);
  }
}
