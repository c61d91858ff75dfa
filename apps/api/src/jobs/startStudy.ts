import {
  type ModelSpec,
  nameSchema,
  type PlannedModel,
  planStudy,
  type StudyOptions,
  type SweepSpec,
  studyParameters,
  studyPresets,
} from '@trojanscope/core';
import type { RunStudyInput } from '@trojanscope/schema';
import { type WorkOfStudy, workOfStudy } from '../forecast/work.js';
import { type Db, holds, now } from '../store/database.js';
import { newId } from '../store/ids.js';
import { insertJob } from '../store/jobs.js';
import type { Actor } from '../viewer.js';
import { check, checkFiles, checkPaths, knownDataset } from './checks.js';
import { canonical, once } from './once.js';
import { checkBackdoor, insertModel } from './startModel.js';
import { insertSweep } from './startSweep.js';

/** A study's input, with what it consists of. */
interface CheckedStudy {
  name: string;
  options: StudyOptions;
  groups: ReturnType<typeof planStudy>;
}

/** Of a study's input what names files on the server. */
const FILES = ['styleFolder', 'generatorFile', 'pictureFile'] as const satisfies (keyof RunStudyInput)[];

/** @throws TrojanscopeError BAD_USER_INPUT, UNSUPPORTED, FORBIDDEN; DATA_MISSING where a data set of it is not imported */
export function checkStudy(input: RunStudyInput, by: Actor): CheckedStudy {
  const study = readStudy(input, by);
  checkParts(study);
  return study;
}

/** What an input asks for, whether or not its files and data sets are there. @throws as `checkStudy`, but DATA_MISSING */
export function readStudy(input: RunStudyInput, by: Actor): CheckedStudy {
  checkPaths(FILES, input, [], by);
  const preset = studyPresets[input.preset];
  const { shape } = studyParameters;
  const seed = check(shape.seed, input.seed, 'seed');
  const seeds = check(shape.seeds, input.seeds, 'seeds');
  const sizePx = check(shape.sizePx, input.sizePx ?? undefined, 'sizePx');
  const options: StudyOptions = {
    seeds: Array.from({ length: seeds }, (_, i) => seed + i),
    ...(sizePx !== undefined ? { sizePx } : {}),
    ...(input.styleFolder ? { styleFolder: input.styleFolder } : {}),
    ...(input.generatorFile ? { generatorFile: input.generatorFile } : {}),
    ...(input.pictureFile ? { pictureFile: input.pictureFile } : {}),
  };
  const title = sizePx === undefined ? preset.title : `${preset.title}, at ${sizePx} px`;
  const name = check(nameSchema.optional(), input.name ?? undefined, 'name') ?? title;
  return { name, options, groups: planStudy(preset, options) };
}

function checkParts({ groups }: CheckedStudy): void {
  for (const { benign, trojaned } of groups) {
    knownDataset(benign.dataset);
    for (const { spec } of trojaned) checkBackdoor(spec);
  }
}

/** All seeds of a study take the same files. */
async function checkFilesOf({ groups, options: { seeds } }: CheckedStudy): Promise<void> {
  for (const { benign, trojaned } of groups)
    if (benign.seed === seeds[0]) for (const { spec } of trojaned) await checkFiles(spec, []);
}

/** Queues what a preset consists of. What is there already, or under way, is taken over. */
export async function startStudy(db: Db, input: RunStudyInput, by: Actor): Promise<string> {
  const study = readStudy(input, by);
  await checkFilesOf(study);
  checkParts(study);
  return once(db, 'runStudy', input, by, (tx) => insertStudy(tx, input.preset, study, by));
}

/**
 * What starting a study would queue, found by starting it and taking that back.
 * @throws TrojanscopeError as `checkStudy`
 */
export async function rehearseStudy(db: Db, input: RunStudyInput, by: Actor): Promise<WorkOfStudy> {
  const study = checkStudy(input, by);
  const back = new Error('Nothing of it is kept.');
  let work: WorkOfStudy;
  await db
    .transaction()
    .execute(async (tx) => {
      work = await workOfStudy(tx, await insertStudy(tx, input.preset, study, by));
      throw back;
    })
    .catch((error) => {
      if (error !== back) throw error;
    });
  return work!;
}

async function insertStudy(
  tx: Db,
  preset: RunStudyInput['preset'],
  { name, options, groups }: CheckedStudy,
  by: Actor,
): Promise<string> {
  const studyId = newId('Study');
  const created = { studyId, createdBy: by.id };
  const jobs: string[] = [];
  await tx
    .insertInto('study')
    .values({
      id: studyId,
      name,
      preset,
      seed: options.seeds[0]!,
      options,
      created_at: now(),
    })
    .execute();
  for (const group of groups) {
    const benign =
      (await modelLike(tx, group.benign, null)) ?? (await insertModel(tx, group.benign, created));
    jobs.push(benign.jobId);
    for (const planned of group.trojaned) jobs.push(...(await startModel(tx, planned, benign, created)));
  }
  await tx
    .insertInto('study_job')
    .values(jobs.map((job_id, i) => ({ study_id: studyId, place: i + 1, job_id })))
    .execute();
  return studyId;
}

interface Existing {
  id: string;
  jobId: string;
}

/** A trojaned model with its sweeps and explanations. @returns the ids of its jobs in order */
async function startModel(
  db: Db,
  { spec, sweeps, explanations: pick, scored }: PlannedModel,
  benign: Existing,
  created: { studyId: string; createdBy: string },
): Promise<string[]> {
  const model =
    (await modelLike(db, spec, benign.id)) ??
    (await insertModel(db, spec, { ...created, benignId: benign.id, needs: [benign.jobId] }));
  const needs = [benign.jobId, model.jobId];
  const sweepJobs: string[] = [];
  for (const sweep of sweeps) {
    const { jobId } =
      (await sweepLike(db, sweep, model.id, benign.id)) ??
      (await insertSweep(db, { ...sweep, values: [...sweep.values], modelId: model.id }, benign.id, {
        ...created,
        needs,
      }));
    sweepJobs.push(jobId);
  }
  const explainJob = await insertJob(db, {
    kind: 'explain',
    title: 'Explain a handful of decisions',
    payload: { modelId: model.id, pick, scored },
    modelId: model.id,
    ...created,
    needs: sweepJobs,
  });
  return [model.jobId, ...sweepJobs, explainJob];
}

/** Jobs that are done or will be. */
const USABLE = ['SUCCEEDED', 'RUNNING', 'QUEUED'] as const;

/**
 * The newest model of the same specification, trained here or imported.
 * @param benignId what a trojaned one is compared with
 */
export async function modelLike(
  db: Db,
  spec: ModelSpec,
  benignId: string | null,
): Promise<Existing | undefined> {
  const rows = await db
    .selectFrom('model')
    .innerJoin('job', 'job.id', 'model.job_id')
    .select(['model.id', 'model.job_id as jobId', 'model.spec'])
    .where('model.dataset', '=', spec.dataset)
    .where('model.benign_id', 'is', benignId)
    .where('model.deleted_at', 'is', null)
    .where('job.status', 'in', USABLE)
    .orderBy('model.id', 'desc')
    .execute();
  return rows.find((row) => canonical(row.spec) === canonical(spec));
}

/** The newest sweep of the same specification. */
export async function sweepLike(
  db: Db,
  { transform, target, values, samples, seed, eligibility }: SweepSpec,
  modelId: string,
  benignId: string,
): Promise<Existing | undefined> {
  return db
    .selectFrom('sweep')
    .innerJoin('job', 'job.id', 'sweep.job_id')
    .select(['sweep.id', 'sweep.job_id as jobId'])
    .where('sweep.model_id', '=', modelId)
    .where('sweep.benign_id', '=', benignId)
    .where('sweep.transform', '=', transform)
    .where('sweep.target', '=', target)
    .where(holds('sweep.values', values))
    .where('sweep.samples', '=', samples)
    .where('sweep.seed', '=', seed)
    .where('sweep.eligibility', '=', eligibility)
    .where('sweep.deleted_at', 'is', null)
    .where('job.status', 'in', USABLE)
    .orderBy('sweep.id', 'desc')
    .executeTakeFirst();
}
