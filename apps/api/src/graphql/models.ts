import { isImported, TrojanscopeError } from '@trojanscope/core';
import * as S from '@trojanscope/schema';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { implantBackdoor, trainModel } from '../jobs/model.js';
import { start } from '../jobs/start.js';
import { MODEL_ORDERS, modelsWanted, networkSummaryOf, triggerStepsOf } from '../store/models.js';
import { finishedSweepsOf, sweepsWanted } from '../store/sweeps.js';
import { purifiersOfModel } from '../studies/purifiers.js';
import { robustnessProfile } from '../studies/robustness.js';
import { answer, INPUT } from './answer.js';
import type { Context } from './context.js';
import { newestFinished } from './curves.js';
import { listTable } from './lists.js';
import { jobById, modelById } from './lookups.js';
import * as P from './present.js';

const MOST_ORDERS = 4;

@Resolver(() => S.Model)
export class Models {
  @Rule('VIEWER')
  @Query(() => S.ModelConnection, { description: 'Models, newest first where no other order is asked for.' })
  models(
    @Args(() => S.PageArgs) page: S.PageArgs,
    @Arg('filter', () => S.ModelFilter, { nullable: true, description: 'Which of them.' })
    filter: S.ModelFilter | null,
    @Arg('orderBy', () => S.ModelOrder, { nullable: true, description: 'In which order.' })
    orderBy: S.ModelOrder | null,
    @Arg('thenBy', () => [S.ModelOrder], {
      nullable: true,
      description: `In which order among those that are equal by \`orderBy\`, at most ${MOST_ORDERS - 1}.`,
    })
    thenBy: S.ModelOrder[] | null,
    @Ctx() { db }: Context,
  ) {
    const wished = [...(orderBy ? [orderBy] : []), ...(thenBy ?? [])];
    if (wished.length > MOST_ORDERS || (thenBy?.length && !orderBy)) {
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        `thenBy: expected at most ${MOST_ORDERS - 1} orders behind that of orderBy.`,
        ['thenBy'],
      );
    }
    const orders = wished.map(({ field, direction }) => ({
      ...MODEL_ORDERS[field],
      descending: direction === 'DESC',
    }));
    return listTable(
      db,
      'model',
      page,
      P.presentModel,
      modelsWanted(filter),
      orders.length > 0 ? orders : undefined,
    );
  }

  @Rule('RUNNER')
  @Mutation(() => S.TrainModelPayload, { description: 'Queues the training of a benign model.' })
  trainModel(
    @Arg('input', () => S.TrainModelInput, INPUT) input: S.TrainModelInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => ({ model: await modelById(await start(trainModel, input, context), context) }));
  }

  @Rule('RUNNER')
  @Mutation(() => S.ImplantBackdoorPayload, { description: 'Queues the training of a trojaned model.' })
  implantBackdoor(
    @Arg('input', () => S.ImplantBackdoorInput, INPUT) input: S.ImplantBackdoorInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => ({
      model: await modelById(await start(implantBackdoor, input, context), context),
    }));
  }

  @FieldResolver()
  job(@Root() { row }: P.PresentedModel, @Ctx() context: Context) {
    return jobById(row.job_id, context);
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
  async network(@Root() { id, row: { spec, record } }: P.PresentedModel, @Ctx() { blobs }: Context) {
    return isImported(spec) && record ? P.presentNetwork(record, await networkSummaryOf(blobs, id)) : null;
  }
  @FieldResolver()
  async triggerSteps(@Root() { id }: P.PresentedModel, @Ctx() { db, load }: Context) {
    const rows = await triggerStepsOf(db, id);
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
    return listTable(db, 'sweep', page, P.presentSweep, sweepsWanted({ modelId: id }));
  }
  @FieldResolver()
  async robustnessProfile(@Root() { id, kind }: P.PresentedModel, @Ctx() { db }: Context) {
    return kind === 'TROJANED' ? robustnessProfile(db, id) : null;
  }
  @FieldResolver()
  async purifiers(@Root() { id, row }: P.PresentedModel, @Ctx() { db }: Context) {
    const { backdoor } = row.spec;
    if (!backdoor) return [];
    return (await purifiersOfModel(db, id, backdoor.targetLabel)).map(P.presentPurifier);
  }
  @FieldResolver()
  async curves(@Root() { id }: P.PresentedModel, @Ctx() { db }: Context) {
    return newestFinished(await finishedSweepsOf(db, id)).map(P.presentCurve);
  }
}
