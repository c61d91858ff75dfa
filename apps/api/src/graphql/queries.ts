import { TrojanscopeError } from '@trojanscope/core';
import * as S from '@trojanscope/schema';
import { Arg, Args, Ctx, ID, Query, Resolver } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { typeOfId } from '../store/ids.js';
import { accessTokenById, auditEntryById, userById } from './accounts.js';
import type { Context } from './context.js';
import {
  curveOf,
  explanationById,
  finishedSweeps,
  jobById,
  modelById,
  newestFinished,
  outcomeById,
  pointById,
  studyById,
  sweepById,
} from './fields.js';
import { idKeyset } from './lists.js';
import { MAXIMUM_PAGE_SIZE } from './pages.js';
import * as P from './present.js';

const finders = {
  Model: modelById,
  Sweep: sweepById,
  Point: pointById,
  Outcome: outcomeById,
  Explanation: explanationById,
  Job: jobById,
  Study: studyById,
  User: userById,
  AccessToken: accessTokenById,
  AuditEntry: auditEntryById,
};

async function nodeById(id: string, context: Context): Promise<object | null> {
  const type = typeOfId(id);
  const found = type && (await finders[type](id, context));
  return found ? { ...found, __typename: type } : null;
}

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
    return P.presentCatalog();
  }

  @Rule('VIEWER')
  @Query(() => S.ModelConnection, { description: 'Models, newest first.' })
  models(
    @Args(() => S.PageArgs) page: S.PageArgs,
    @Arg('filter', () => S.ModelFilter, { nullable: true, description: 'Which of them.' })
    filter: S.ModelFilter | null,
    @Ctx() { db }: Context,
  ) {
    return idKeyset(db, 'model', page, P.presentModel, (query) => {
      if (filter?.kind) query = query.where('kind', '=', filter.kind);
      if (filter?.dataset) query = query.where('dataset', '=', filter.dataset);
      if (filter?.attack) query = query.where('attack', '=', filter.attack);
      return query;
    });
  }

  @Rule('VIEWER')
  @Query(() => S.SweepConnection, { description: 'Sweeps, newest first.' })
  sweeps(
    @Args(() => S.PageArgs) page: S.PageArgs,
    @Arg('filter', () => S.SweepFilter, { nullable: true, description: 'Which of them.' })
    filter: S.SweepFilter | null,
    @Ctx() { db }: Context,
  ) {
    return idKeyset(db, 'sweep', page, P.presentSweep, (query) => {
      if (filter?.modelId) query = query.where('model_id', '=', filter.modelId);
      if (filter?.transform) query = query.where('transform', '=', filter.transform);
      if (filter?.target) query = query.where('target', '=', filter.target);
      return query;
    });
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
    const { modelIds, sweepIds, transform, target } = filter;
    if (sweepIds) {
      const rows = await db.selectFrom('sweep').selectAll().where('id', 'in', sweepIds).execute();
      return rows.map((row) => curveOf(P.presentSweep(row)));
    }
    let query = finishedSweeps(db);
    if (modelIds) query = query.where('sweep.model_id', 'in', modelIds);
    if (transform) query = query.where('sweep.transform', '=', transform);
    if (target) query = query.where('sweep.target', '=', target);
    return newestFinished(await query.execute());
  }

  @Rule('VIEWER')
  @Query(() => S.ExplanationConnection, { description: 'Explanations, newest first.' })
  explanations(
    @Args(() => S.PageArgs) page: S.PageArgs,
    @Arg('filter', () => S.ExplanationFilter, { nullable: true, description: 'Which of them.' })
    filter: S.ExplanationFilter | null,
    @Ctx() { db }: Context,
  ) {
    return idKeyset(db, 'explanation', page, P.presentExplanation, (query) =>
      filter?.modelId ? query.where('model_id', '=', filter.modelId) : query,
    );
  }

  @Rule('VIEWER')
  @Query(() => S.StudyConnection, { description: 'Studies, newest first.' })
  studies(@Args(() => S.PageArgs) page: S.PageArgs, @Ctx() { db }: Context) {
    return idKeyset(db, 'study', page, P.presentStudy, (query) => query);
  }

  @Rule('VIEWER')
  @Query(() => S.JobConnection, { description: 'Jobs, newest first.' })
  jobs(
    @Args(() => S.PageArgs) page: S.PageArgs,
    @Arg('filter', () => S.JobFilter, { nullable: true, description: 'Which of them.' })
    filter: S.JobFilter | null,
    @Ctx() { db }: Context,
  ) {
    return idKeyset(db, 'job', page, P.presentJob, (query) =>
      filter?.status ? query.where('status', 'in', filter.status) : query,
    );
  }

  @Rule('VIEWER')
  @Query(() => S.ServerInfo, { description: 'The server.' })
  async server(@Ctx() { db, queue, version }: Context) {
    const counts = await db
      .selectFrom('job')
      .select(['status', ({ fn }) => fn.countAll<number>().as('count')])
      .where('status', 'in', ['QUEUED', 'RUNNING'])
      .groupBy('status')
      .execute();
    const count = (status: string) => counts.find((row) => row.status === status)?.count ?? 0;
    return {
      version,
      engine: queue.engine()?.engine ?? null,
      device: queue.engine()?.device ?? null,
      queue: queue.name,
      queuedJobs: count('QUEUED'),
      runningJobs: count('RUNNING'),
      maximumPageSize: MAXIMUM_PAGE_SIZE,
    };
  }
}
