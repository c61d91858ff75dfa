import { TrojanscopeError } from '@trojanscope/core';
import { reportOf } from '@trojanscope/report';
import * as S from '@trojanscope/schema';
import { Arg, Args, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { z } from 'zod';
import { Rule } from '../auth/rules.js';
import { emitJob } from '../events.js';
import { check } from '../jobs/checks.js';
import { jobDefinitions } from '../jobs/index.js';
import { measureStudy } from '../jobs/measure.js';
import { retryLooking } from '../jobs/retryLooking.js';
import { start } from '../jobs/start.js';
import { runStudy } from '../jobs/study.js';
import { writeAudit } from '../store/audit.js';
import type { Db, Status } from '../store/database.js';
import { explanationsOfStudy } from '../store/explanations.js';
import { cancelJob } from '../store/jobs.js';
import { filterCurated } from '../store/lists.js';
import { jobsOfStudyIn, studyById as studyRow } from '../store/studies.js';
import { resultsOfStudy } from '../studies/results.js';
import { mayChange, viewerOf } from '../viewer.js';
import { answer, INPUT } from './answer.js';
import type { Context } from './context.js';
import { listTable } from './lists.js';
import { jobById, modelById, studyById, sweepById } from './lookups.js';
import * as P from './present.js';

@Resolver(() => S.Study)
export class Studies {
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

  @Rule('RUNNER')
  @Mutation(() => S.RunStudyPayload, {
    description:
      'Queues everything a study preset consists of. Models and sweeps of the same specification that are there are taken over.',
  })
  runStudy(@Arg('input', () => S.RunStudyInput, INPUT) input: S.RunStudyInput, @Ctx() context: Context) {
    return answer(async () => ({ study: await studyById(await start(runStudy, input, context), context) }));
  }

  @Rule('RUNNER')
  @Mutation(() => S.MeasureStudyPayload, {
    description:
      'Measures how fast this machine is with what a study consists of, for `estimateStudy`: seconds to minutes.',
  })
  measureStudy(
    @Arg('input', () => S.MeasureStudyInput, INPUT) input: S.MeasureStudyInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => ({ job: await jobById(await start(measureStudy, input, context), context) }));
  }

  @Rule('RUNNER')
  @Mutation(() => S.CancelStudyPayload, {
    description:
      'Stops everything that a study started and that is queued or running; what was done is kept.',
  })
  cancelStudy(
    @Arg('input', () => S.CancelStudyInput, INPUT) { studyId }: S.CancelStudyInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      const ids = await changeStudy('cancelStudy', cancelJob, studyId, ['QUEUED', 'RUNNING'], true, context);
      for (const id of ids) context.queue.abort(id);
      return { study: await studyById(studyId, context) };
    });
  }

  @Rule('RUNNER')
  @Mutation(() => S.ResumeStudyPayload, {
    description:
      'Queues everything in a study again that failed or was cancelled; what is done is not done again.',
  })
  resumeStudy(
    @Arg('input', () => S.ResumeStudyInput, INPUT) { studyId }: S.ResumeStudyInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      await changeStudy('resumeStudy', retryLooking, studyId, ['FAILED', 'CANCELLED'], false, context);
      context.queue.wake();
      return { study: await studyById(studyId, context) };
    });
  }

  @FieldResolver()
  async status(@Root() { id }: P.PresentedStudy, @Ctx() { load }: Context): Promise<Status> {
    const statuses = (await load.jobsOfStudy.load(id)).map(({ status }) => status);
    for (const status of ['FAILED', 'CANCELLED', 'RUNNING'] as const)
      if (statuses.includes(status)) return status;
    if (statuses.every((status) => status === 'SUCCEEDED')) return 'SUCCEEDED';
    // Between two of its jobs a study runs on.
    return statuses.includes('SUCCEEDED') ? 'RUNNING' : 'QUEUED';
  }
  @FieldResolver()
  async jobs(@Root() { id }: P.PresentedStudy, @Ctx() { load }: Context) {
    return (await load.jobsOfStudy.load(id)).map(P.presentJob);
  }
  @FieldResolver()
  async models(@Root() { id }: P.PresentedStudy, @Ctx() context: Context) {
    const jobs = await context.load.jobsOfStudy.load(id);
    const ids = jobs.flatMap(({ kind, model_id }) => (jobDefinitions[kind].makesModel ? [model_id] : []));
    return Promise.all(ids.map((modelId) => modelById(modelId, context)));
  }
  @FieldResolver()
  async sweeps(@Root() { id }: P.PresentedStudy, @Ctx() context: Context) {
    const jobs = await context.load.jobsOfStudy.load(id);
    const ids = jobs.flatMap(({ sweep_id }) => (sweep_id ? [sweep_id] : []));
    return Promise.all(ids.map((sweepId) => sweepById(sweepId, context)));
  }
  @FieldResolver()
  async explanations(
    @Root() { id }: P.PresentedStudy,
    @Arg('limit', () => Int, {
      nullable: true,
      description: 'Only so many, the oldest; all where not given.',
    })
    limit: number | null | undefined,
    @Ctx() { db }: Context,
  ) {
    const count = limit == null ? undefined : check(z.int().min(1), limit, 'limit');
    return (await explanationsOfStudy(db, id, count)).map(P.presentExplanation);
  }
  @FieldResolver()
  async report(@Root() { id }: P.PresentedStudy, @Ctx() { db, blobs }: Context) {
    return P.presentReport(reportOf(await resultsOfStudy(db, blobs, id)));
  }
  @FieldResolver()
  async finishedAt(@Root() { id, createdAt }: P.PresentedStudy, @Ctx() { load }: Context) {
    const times = (await load.jobsOfStudy.load(id)).map(({ finished_at }) => finished_at);
    if (times.length === 0 || times.includes(null)) return null;
    // What it took over was done before it was asked for.
    return new Date(Math.max(createdAt.getTime(), ...times.map((time) => Date.parse(time!))));
  }
}

/**
 * Changes all jobs of a study that stand so.
 * @returns their ids
 * @throws TrojanscopeError NOT_FOUND, FORBIDDEN, CONFLICT where there are none
 */
async function changeStudy(
  mutation: string,
  change: (db: Db, id: string, byId: string) => Promise<boolean>,
  studyId: string,
  from: Status[],
  /** Leave alone what it took over. */
  ownOnly: boolean,
  context: Context,
): Promise<string[]> {
  const { db, events } = context;
  const by = viewerOf(context);
  const jobs = await db.transaction().execute(async (tx) => {
    if (!(await studyRow(tx, studyId)))
      throw new TrojanscopeError('NOT_FOUND', `There is no study ${studyId}.`, ['studyId']);
    const rows = await jobsOfStudyIn(tx, studyId, from, ownOnly);
    if (rows.length === 0)
      throw new TrojanscopeError(
        'CONFLICT',
        `Expected a study of which something is ${from.join(' or ').toLowerCase()}; nothing of this one is.`,
        ['studyId'],
      );
    for (const job of rows) {
      if (!mayChange(by, job))
        throw new TrojanscopeError(
          'FORBIDDEN',
          'Expected a study that you started yourself; an admin may change those of others.',
          ['studyId'],
        );
      await change(tx, job.id, by.id);
    }
    await writeAudit(tx, by, mutation, [studyId]);
    return rows;
  });
  for (const job of jobs) emitJob(events, job);
  events.emit('Study', studyId);
  return jobs.map(({ id }) => id);
}
