import { reportOf } from '@trojanscope/report';
import * as S from '@trojanscope/schema';
import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { z } from 'zod';
import { check } from '../jobs/checks.js';
import type { Status } from '../store/database.js';
import { explanationsOfStudy } from '../store/explanations.js';
import { resultsOfStudy } from '../studies/results.js';
import type { Context } from './context.js';
import * as P from './present.js';
import { modelById, sweepById } from './stored.js';

@Resolver(() => S.Study)
export class StudyFields {
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
    const ids = jobs.flatMap(({ kind, model_id }) =>
      ['model', 'importModel'].includes(kind) ? [model_id] : [],
    );
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
  async report(@Root() { id }: P.PresentedStudy, @Ctx() { db, dataFolder }: Context) {
    return P.presentReport(reportOf(await resultsOfStudy(db, dataFolder, id)));
  }
  @FieldResolver()
  async finishedAt(@Root() { id, createdAt }: P.PresentedStudy, @Ctx() { load }: Context) {
    const times = (await load.jobsOfStudy.load(id)).map(({ finished_at }) => finished_at);
    if (times.length === 0 || times.includes(null)) return null;
    // What it took over was done before it was asked for.
    return new Date(Math.max(createdAt.getTime(), ...times.map((time) => Date.parse(time!))));
  }
}
