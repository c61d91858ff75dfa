import * as S from '@trojanscope/schema';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from './context.js';
import * as P from './present.js';
import { modelById, personById, studyById, sweepById } from './stored.js';

@Resolver(() => S.Job)
export class JobFields {
  @FieldResolver()
  progress(@Root() job: P.PresentedJob, @Ctx() context: Context) {
    return job.row.attempt === 0 ? null : progressOf(job, context);
  }
  @FieldResolver()
  async queuePosition(@Root() job: P.PresentedJob, @Ctx() context: Context) {
    return (await forecastOf(job, context))?.position;
  }
  @FieldResolver()
  async startsInSeconds(@Root() job: P.PresentedJob, @Ctx() context: Context) {
    return (await forecastOf(job, context))?.startsInSeconds;
  }
  @FieldResolver()
  async takesSeconds(@Root() job: P.PresentedJob, @Ctx() context: Context) {
    return (await forecastOf(job, context))?.takesSeconds;
  }
  @FieldResolver()
  async waitsFor(@Root() job: P.PresentedJob, @Ctx() { load }: Context) {
    return job.status === 'QUEUED' ? (await load.needsOfJob.load(job.id)).map(P.presentJob) : [];
  }
  @FieldResolver()
  async log(@Root() { id }: P.PresentedJob, @Ctx() context: Context) {
    const lines = await context.load.logOfJob.load(id);
    return lines.map(({ at, attempt, text, by_id }) => ({
      at: new Date(at),
      attempt,
      text,
      by: by_id && personById(by_id, context),
    }));
  }
  @FieldResolver()
  model(@Root() { row }: P.PresentedJob, @Ctx() context: Context) {
    return modelById(row.model_id, context);
  }
  @FieldResolver()
  sweep(@Root() { row }: P.PresentedJob, @Ctx() context: Context) {
    return sweepById(row.sweep_id, context);
  }
  @FieldResolver()
  study(@Root() { row }: P.PresentedJob, @Ctx() context: Context) {
    return studyById(row.study_id, context);
  }
  @FieldResolver()
  createdBy(@Root() { row }: P.PresentedJob, @Ctx() context: Context) {
    return row.created_by === null ? null : personById(row.created_by, context);
  }
}

export function progressOf(job: P.PresentedJob, { queue }: Context) {
  const { status, stage, done, total, unit } = job.row;
  return {
    job,
    status,
    stage,
    done,
    total,
    unit,
    etaSeconds: P.etaSeconds(job.row, queue.secondsRunning(job.id)),
  };
}

const forecastOf = async ({ id, status }: P.PresentedJob, { load }: Context) =>
  status === 'QUEUED' ? (await load.forecasts()).get(id) : null;
