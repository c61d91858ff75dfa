import { datasetIds, TrojanscopeError } from '@trojanscope/core';
import * as S from '@trojanscope/schema';
import { type SelectQueryBuilder, sql } from 'kysely';
import { Arg, Args, Ctx, ID, Query, Resolver } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { probeRequest } from '../jobs/probeRequest.js';
import type { Tables } from '../store/database.js';
import { filterCurated, type Order } from '../store/lists.js';
import type { Context } from './context.js';
import { curveOf, sweepsOfCurves } from './curves.js';
import { inTime } from './deadline.js';
import { listTable } from './lists.js';
import { nodeById } from './nodes.js';
import { MAXIMUM_PAGE_SIZE } from './pages.js';
import * as P from './present.js';
import { presentCatalog, presentDataset } from './presentCatalog.js';
import { modelById } from './stored.js';

const MODEL_ORDERS: Record<S.ModelOrder['field'], Omit<Order, 'descending'>> = {
  CREATED_AT: {},
  NAME: { value: sql.ref('model.name'), text: true },
  DATASET: { value: sql.ref('model.dataset'), text: true },
  ARCHITECTURE: { value: sql`model.spec ->> '$.architecture'`, text: true },
  ATTACK: { value: sql.ref('model.attack'), text: true },
  CLEAN_ACCURACY: { value: sql.ref('model.clean_accuracy') },
  ASR: { value: sql.ref('model.asr') },
};
const MOST_ORDERS = 4;
const QUEUE_SHOWN = 20;

@Resolver()
export class Queries {
  @Rule('VIEWER')
  @Query(() => S.Node, {
    nullable: true,
    description: 'Anything by its id; null where there is no such thing.',
  })
  node(@Arg('id', () => ID, { description: 'Its id.' }) id: string, @Ctx() context: Context) {
    return nodeById(id, context);
  }

  @Rule('VIEWER')
  @Query(() => [S.Node], { nullable: 'items', description: 'Several things by their ids, in their order.' })
  nodes(
    @Arg('ids', () => [ID], { description: 'Their ids, at most 100.' }) ids: string[],
    @Ctx() context: Context,
  ) {
    if (ids.length > MAXIMUM_PAGE_SIZE) {
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        `ids: expected at most ${MAXIMUM_PAGE_SIZE}; got ${ids.length}.`,
        ['ids'],
      );
    }
    return Promise.all(ids.map((id) => nodeById(id, context)));
  }

  @Rule('VIEWER')
  @Query(() => S.Catalog, { description: 'What there is to choose from.' })
  catalog() {
    return presentCatalog();
  }

  @Rule('VIEWER')
  @Query(() => S.Dataset, { nullable: true, description: 'A data set by its id; null where there is none.' })
  dataset(@Arg('id', () => String, { description: 'Its id.' }) id: string) {
    return datasetIds().includes(id) ? presentDataset(id) : null;
  }

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
    const wanted = (query: SelectQueryBuilder<Tables, 'model', object>) => {
      query = filterCurated(query, 'model', filter);
      if (filter?.kind) query = query.where('kind', '=', filter.kind);
      if (filter?.dataset) query = query.where('dataset', '=', filter.dataset);
      if (filter?.attack) query = query.where('attack', '=', filter.attack);
      if (filter?.architecture) query = query.where(sql`spec ->> '$.architecture'`, '=', filter.architecture);
      return query;
    };
    return listTable(db, 'model', page, P.presentModel, wanted, orders.length > 0 ? orders : undefined);
  }

  @Rule('VIEWER')
  @Query(() => [String], {
    description: 'Every tag that models, sweeps or studies have, in alphabetical order, at most 500.',
  })
  async tags(@Ctx() { db }: Context) {
    const { rows } = await sql<{ tag: string }>`
      select distinct tag.value as tag from (
        select tags from model where tags <> '[]' union all select tags from sweep where tags <> '[]'
        union all select tags from study where tags <> '[]'
      ) as curated, json_each(curated.tags) as tag order by tag limit 500`.execute(db);
    return rows.map(({ tag }) => tag);
  }

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
    const order = orderBy && {
      value: orderBy.field === 'SAMPLES' ? sql.ref('sweep.samples') : undefined,
      descending: orderBy.direction === 'DESC',
    };
    const wanted = (query: SelectQueryBuilder<Tables, 'sweep', object>) => {
      query = filterCurated(query, 'sweep', filter);
      if (filter?.modelId) query = query.where('model_id', '=', filter.modelId);
      if (filter?.transform) query = query.where('transform', '=', filter.transform);
      if (filter?.target) query = query.where('target', '=', filter.target);
      return query;
    };
    return listTable(db, 'sweep', page, P.presentSweep, wanted, order ? [order] : undefined);
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
    return (await sweepsOfCurves(db, filter)).map(curveOf);
  }

  @Rule('VIEWER')
  @Query(() => S.ExplanationConnection, { description: 'Explanations, newest first.' })
  explanations(
    @Args(() => S.PageArgs) page: S.PageArgs,
    @Arg('filter', () => S.ExplanationFilter, { nullable: true, description: 'Which of them.' })
    filter: S.ExplanationFilter | null,
    @Ctx() { db }: Context,
  ) {
    return listTable(db, 'explanation', page, P.presentExplanation, (query) =>
      filter?.modelId ? query.where('model_id', '=', filter.modelId) : query,
    );
  }

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
    return listTable(db, 'largest_range', page, P.presentRange, (query) => {
      if (filter?.modelId) query = query.where('model_id', '=', filter.modelId);
      if (filter?.transform) query = query.where('transform', '=', filter.transform);
      return query;
    });
  }

  @Rule('VIEWER')
  @Query(() => S.StudyConnection, { description: 'Studies, newest first.' })
  studies(
    @Args(() => S.PageArgs) page: S.PageArgs,
    @Arg('filter', () => S.StudyFilter, { nullable: true, description: 'Which of them.' })
    filter: S.StudyFilter | null,
    @Ctx() { db }: Context,
  ) {
    return listTable(db, 'study', page, P.presentStudy, (query) => filterCurated(query, 'study', filter));
  }

  @Rule('VIEWER')
  @Query(() => S.JobConnection, { description: 'Jobs, newest first where no other order is asked for.' })
  jobs(
    @Args(() => S.PageArgs) page: S.PageArgs,
    @Arg('filter', () => S.JobFilter, { nullable: true, description: 'Which of them.' })
    filter: S.JobFilter | null,
    @Arg('orderBy', () => S.JobOrder, { nullable: true, description: 'In which order.' })
    orderBy: S.JobOrder | null,
    @Ctx() { db }: Context,
  ) {
    const order = orderBy && {
      ...(orderBy.field === 'FINISHED_AT' && { value: sql.ref('job.finished_at'), text: true }),
      descending: orderBy.direction === 'DESC',
    };
    const wanted = (query: SelectQueryBuilder<Tables, 'job', object>) => {
      if (filter?.status) query = query.where('status', 'in', filter.status);
      if (filter?.kind) query = query.where('kind', 'in', filter.kind);
      if (filter?.modelId) query = query.where('model_id', '=', filter.modelId);
      if (filter?.studyId) {
        const { studyId } = filter;
        query = query.where('id', 'in', (jobs) =>
          jobs.selectFrom('study_job').select('job_id').where('study_id', '=', studyId),
        );
      }
      return query;
    };
    return listTable(db, 'job', page, P.presentJob, wanted, order ? [order] : undefined);
  }

  @Rule('VIEWER')
  @Query(() => [S.Job], {
    description: `The queue: the queued jobs that are taken next, at most ${QUEUE_SHOWN}, in the order in which they are taken.`,
  })
  async queue(@Ctx() { load }: Context) {
    const ids = [...(await load.forecasts()).keys()].slice(0, QUEUE_SHOWN);
    const jobs = await load.job.loadMany(ids);
    return jobs.flatMap((job) => (job === null || job instanceof Error ? [] : [P.presentJob(job)]));
  }

  @Rule('VIEWER')
  @Query(() => S.Probe, {
    description:
      'One sample through one model, with or without trigger, under one transform. Nothing is stored.',
  })
  async probe(
    @Arg('input', () => S.ProbeInput, { description: 'What to look at.' }) input: S.ProbeInput,
    @Ctx() context: Context,
  ) {
    const from = performance.now();
    const model = await modelById(input.modelId, context);
    if (!model) throw new TrojanscopeError('NOT_FOUND', `There is no model ${input.modelId}.`, ['modelId']);
    const result = await inTime(
      context.inference.probe(input.modelId, probeRequest(input)),
      context.deadline,
    );
    const running = await context.db
      .selectFrom('job')
      .selectAll()
      .where('status', '=', 'RUNNING')
      .executeTakeFirst();
    return {
      ...P.presentProbe(model, result),
      seconds: (performance.now() - from) / 1000,
      besides: running ? P.presentJob(running) : null,
    };
  }

  @Rule('VIEWER')
  @Query(() => S.ServerInfo, { description: 'The server.' })
  async server(@Ctx() { db, queue, inference, version }: Context) {
    const engine = queue.engine() ?? inference.engine();
    const counts = await db
      .selectFrom('job')
      .select(['status', ({ fn }) => fn.countAll<number>().as('count')])
      .where('status', 'in', ['QUEUED', 'RUNNING'])
      .groupBy('status')
      .execute();
    const count = (status: string) => counts.find((row) => row.status === status)?.count ?? 0;
    return {
      version,
      engine: engine?.engine ?? null,
      device: engine?.device ?? null,
      queue: queue.name,
      workers: queue.workers,
      queuedJobs: count('QUEUED'),
      runningJobs: count('RUNNING'),
      maximumPageSize: MAXIMUM_PAGE_SIZE,
    };
  }
}
