import { type ModelSpec, reportOf, transforms } from '@trojanscope/core';
import * as S from '@trojanscope/schema';
import { Arg, Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { findDataset } from '../datasets/catalog.js';
import { summariseClasses } from '../datasets/classes.js';
import type { Status } from '../store/database.js';
import { explanationsOfStudy } from '../store/explanations.js';
import { differenceId, parseOutcomeId } from '../store/ids.js';
import { resultsOfStudy } from '../studies/results.js';
import type { Context } from './context.js';
import { filterCurated, listTable, outcomesOf } from './lists.js';
import * as P from './present.js';
import { type PresentedDataset, presentLabel } from './presentCatalog.js';

/** Fields whose value is another stored thing. Each looks it up through the request's loaders. */

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

@Resolver(() => S.Dataset)
export class DatasetFields {
  @FieldResolver()
  async origin(@Root() { id }: PresentedDataset, @Ctx() { dataFolder }: Context) {
    const dataset = await findDataset(dataFolder, id);
    if (dataset.state !== 'imported') return null;
    const { from, at } = dataset.imported;
    return { from, at: new Date(at) };
  }
  @FieldResolver()
  async classSummaries(@Root() { id }: PresentedDataset, @Ctx() { dataFolder }: Context) {
    return P.presentClasses(id, await summariseClasses(dataFolder, await findDataset(dataFolder, id)));
  }
}

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
    const { baseId = null } = JSON.parse(job?.payload ?? '{}') as { baseId?: string };
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
      box: JSON.parse(row.trigger_box) as object,
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
  async training(@Root() model: P.PresentedModel, @Ctx() { load }: Context) {
    const history = await load.historyOfModel.load(model.id);
    return { recipe: model.recipe, history, durationSeconds: model.durationSeconds };
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

@Resolver(() => S.Outcome)
export class OutcomeFields {
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
    const rows = await context.db
      .selectFrom('outcome')
      .innerJoin('point', 'point.id', 'outcome.point_id')
      .selectAll('outcome')
      .where('point.sweep_id', '=', sweep_id)
      .where('outcome.position', '=', row.position)
      .orderBy('point.value')
      .execute();
    const spec = await specOfPoint(row.point_id, context);
    return rows.map((one) => P.presentOutcome(one, spec));
  }
  @FieldResolver()
  async acrossModels(@Root() outcome: P.PresentedOutcome, @Ctx() context: Context) {
    const { row } = outcome;
    const point = (await context.load.point.load(row.point_id))!;
    const sweep = (await context.load.sweep.load(point.sweep_id))!;
    const { dataset } = (await context.load.model.load(sweep.model_id))!;
    const sweeps = newestFinished(
      await shownSweeps(context.db)
        .where('sweep.transform', '=', sweep.transform)
        .where('sweep.target', '=', sweep.target)
        .where('sweep.model_id', '!=', sweep.model_id)
        .where('model.dataset', '=', dataset)
        .execute(),
    );
    const rows = await context.db
      .selectFrom('outcome')
      .innerJoin('point', 'point.id', 'outcome.point_id')
      .selectAll('outcome')
      .where(
        'point.sweep_id',
        'in',
        sweeps.map(({ id }) => id),
      )
      .where('point.value', '=', point.value)
      .where('outcome.sample_index', '=', row.sample_index)
      .execute();
    return [
      outcome,
      ...(await Promise.all(
        rows.map(async (one) => P.presentOutcome(one, await specOfPoint(one.point_id, context))),
      )),
    ];
  }
}

@Resolver(() => S.LargestRange)
export class LargestRangeFields {
  @FieldResolver()
  model(@Root() { row }: P.PresentedRange, @Ctx() context: Context) {
    return modelById(row.model_id, context);
  }
  @FieldResolver()
  job(@Root() { row }: P.PresentedRange, @Ctx() context: Context) {
    return jobById(row.job_id, context);
  }
  @FieldResolver()
  status(@Root() { row }: P.PresentedRange, @Ctx() context: Context) {
    return statusOf(row.job_id, context);
  }
}

@Resolver(() => S.Explanation)
export class ExplanationFields {
  @FieldResolver()
  model(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    return modelById(row.model_id, context);
  }
  @FieldResolver()
  job(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    return jobById(row.job_id, context);
  }
  @FieldResolver()
  status(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    // A job explains many: one is done as soon as its own pictures are there.
    return row.image ? 'SUCCEEDED' : statusOf(row.job_id, context);
  }
  @FieldResolver()
  outcome(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    return outcomeByPlace(row.point_id, row.position, context);
  }
  @FieldResolver()
  async sample(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    return (await outcomeByPlace(row.point_id, row.position, context))?.sample;
  }
  @FieldResolver()
  async explainedLabel(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    if (row.explained_label === null) return null;
    const { dataset } = await specOfPoint(row.point_id, context);
    return presentLabel(dataset, row.explained_label);
  }
  @FieldResolver()
  image(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    return imageById(row.image, context);
  }
  @FieldResolver()
  saliency(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    return imageById(row.saliency, context);
  }
  @FieldResolver()
  overlay(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    return imageById(row.overlay, context);
  }
  @FieldResolver()
  async difference(@Root() { row }: P.PresentedExplanation, @Ctx() context: Context) {
    if (row.saliency === null) return null;
    const { sweep_id } = (await context.load.point.load(row.point_id))!;
    const { transform } = (await context.load.sweep.load(sweep_id))!;
    const points = await context.load.pointsOfSweep.load(sweep_id);
    const identity = points.find(({ value }) => value === transforms[transform].identity);
    if (!identity || identity.id === row.point_id) return null;
    const before = await context.load.explanationsOfOutcome.load(`${identity.id}/${row.position}`);
    const from = before.find(({ settings, saliency }) => settings === row.settings && saliency !== null);
    return from
      ? P.picture(`/artifacts/${differenceId(row.id, from.id)}`, await sizeOf(row.saliency, context))
      : null;
  }
}

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
  async explanations(@Root() { id }: P.PresentedStudy, @Ctx() { db }: Context) {
    return (await explanationsOfStudy(db, id)).map(P.presentExplanation);
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

type Curve = ReturnType<typeof curveOf>;

export const curveOf = (sweep: P.PresentedSweep) => ({
  sweep,
  transform: sweep.transform,
  target: sweep.target,
  unit: sweep.transform.unit,
});

/** Finished sweeps that are not in the trash, newest first. */
const finishedSweeps = (db: Context['db']) =>
  db
    .selectFrom('sweep')
    .innerJoin('job', 'job.id', 'sweep.job_id')
    .selectAll('sweep')
    .where('job.status', '=', 'SUCCEEDED')
    .where('sweep.deleted_at', 'is', null)
    .orderBy('sweep.id', 'desc');

/** Of those the ones whose model is not in the trash either. */
const shownSweeps = (db: Context['db']) =>
  finishedSweeps(db).innerJoin('model', 'model.id', 'sweep.model_id').where('model.deleted_at', 'is', null);

/**
 * One curve for each model, transform and target, in the order in which they were asked for: points of different sweeps
 * are never merged.
 */
function newestFinished(rows: P.PresentedSweep['row'][]): P.PresentedSweep[] {
  const newest = new Map<string, P.PresentedSweep['row']>();
  for (const row of rows) {
    const key = `${row.model_id}/${row.transform}/${row.target}`;
    if (!newest.has(key)) newest.set(key, row);
  }
  return [...newest.values()].reverse().map(P.presentSweep);
}

/**
 * The sweeps behind the curves that are asked for: exactly those named, in the order of their age, or the newest finished
 * one of each model, transform and target.
 */
export async function sweepsOfCurves(
  db: Context['db'],
  { modelIds, sweepIds, transform, target }: S.CurveFilter,
): Promise<P.PresentedSweep[]> {
  if (sweepIds) {
    const rows = await db.selectFrom('sweep').selectAll().where('id', 'in', sweepIds).orderBy('id').execute();
    return rows.map(P.presentSweep);
  }
  let query = shownSweeps(db);
  if (modelIds) query = query.where('sweep.model_id', 'in', modelIds);
  if (transform) query = query.where('sweep.transform', '=', transform);
  if (target) query = query.where('sweep.target', '=', target);
  return newestFinished(await query.execute());
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

/** A user, `local` or `server`. */
export async function personById(id: string, { load }: Context) {
  return { id, name: (await load.user.load(id))?.name ?? id };
}
export async function jobById(id: string | null, { load }: Context) {
  const row = id ? await load.job.load(id) : null;
  return row && P.presentJob(row);
}
export async function modelById(id: string | null, { load }: Context) {
  const row = id ? await load.model.load(id) : null;
  return row && P.presentModel(row);
}
export async function sweepById(id: string | null, { load }: Context) {
  const row = id ? await load.sweep.load(id) : null;
  return row && P.presentSweep(row);
}
export async function studyById(id: string | null, { load }: Context) {
  const row = id ? await load.study.load(id) : null;
  return row && P.presentStudy(row);
}
export async function rangeById(id: string | null, { load }: Context) {
  const row = id ? await load.largest_range.load(id) : null;
  return row && P.presentRange(row);
}
export async function explanationById(id: string | null, { load }: Context) {
  const row = id ? await load.explanation.load(id) : null;
  return row && P.presentExplanation(row);
}
export async function pointById(id: string, { load }: Context) {
  const row = await load.point.load(id);
  const sweep = row && (await load.sweep.load(row.sweep_id));
  return row && sweep && P.presentPoint(row, sweep);
}
export async function outcomeById(id: string, context: Context) {
  const place = parseOutcomeId(id);
  return place ? outcomeByPlace(place.pointId, place.position, context) : null;
}
async function outcomeByPlace(pointId: string, position: number, context: Context) {
  const row = await context.db
    .selectFrom('outcome')
    .selectAll()
    .where('point_id', '=', pointId)
    .where('position', '=', position)
    .executeTakeFirst();
  return row ? P.presentOutcome(row, await specOfPoint(pointId, context)) : null;
}
async function imageById(id: string | null, { load }: Context) {
  const row = id ? await load.artifact.load(id) : null;
  return row && P.presentArtifact(row);
}
async function statusOf(jobId: string, { load }: Context) {
  return (await load.job.load(jobId))?.status;
}
async function specOfPoint(pointId: string, { load }: Context): Promise<ModelSpec> {
  const point = await load.point.load(pointId);
  const sweep = await load.sweep.load(point!.sweep_id);
  const model = await load.model.load(sweep!.model_id);
  return JSON.parse(model!.spec) as ModelSpec;
}
const sizeOf = async (artifactId: string, { load }: Context) => (await load.artifact.load(artifactId))!;
