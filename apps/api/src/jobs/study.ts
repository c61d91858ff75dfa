import {
  type AttackId,
  attackOf,
  type OwnModel,
  type PlannedGroup,
  type PlannedModel,
  parseParameters,
  placedIn,
  planStudy,
  readStudyDocument,
  type StudyDocument,
  type StudyOptions,
  type StudyPresetId,
  studyPresets,
  TrojanscopeError,
  triggerRefusal,
  within,
  withOptions,
  withoutNulls,
} from '@trojanscope/core';
import { type RunStudyInput, runStudyRequest } from '@trojanscope/schema';
import type { z } from 'zod';
import type { Db } from '../store/database.js';
import { detectionLike } from '../store/detections.js';
import { newId } from '../store/ids.js';
import { USABLE } from '../store/jobs.js';
import { findModel, modelLike } from '../store/models.js';
import { insertStudyJobs, insertStudyRow } from '../store/studies.js';
import { sweepLike } from '../store/sweeps.js';
import type { Actor } from '../viewer.js';
import {
  checkBackdoor,
  checkFiles,
  checkPaths,
  knownDataset,
  modelRow,
  requireTrained,
  trainable,
} from './checks.js';
import { insertDetection } from './detect.js';
import { explainJob } from './explain.js';
import { insertModel } from './model.js';
import type { Starter } from './start.js';
import { insertSweep } from './sweep.js';

/** What is asked of a study, before its defaults are filled in. */
type Given = z.input<typeof runStudyRequest>;

/** A study's input, with what it consists of. */
interface CheckedStudy {
  /** `own` where it came as a document. */
  preset: StudyPresetId | 'own';
  name: string;
  options: StudyOptions;
  document: StudyDocument;
  groups: PlannedGroup[];
  /** Models that are there already, or so it says. */
  own: OwnModel[];
  /** What is refused of them only when they are looked up, with its place in the document. */
  placed(error: unknown): unknown;
}

/** Of a study's input what names files on the server. */
const FILES = ['styleFolder', 'generatorFile', 'pictureFile'] as const satisfies (keyof RunStudyInput)[];

/** @throws TrojanscopeError BAD_USER_INPUT, UNSUPPORTED, FORBIDDEN; DATA_MISSING where a data set of it is not imported */
export function checkStudy(given: Given, by: Actor): CheckedStudy {
  const study = readStudy(given, by);
  checkParts(study);
  return study;
}

/** What an input asks for, whether or not its files and data sets are there. @throws as `checkStudy`, but DATA_MISSING */
export const readStudy = (given: Given, by: Actor): CheckedStudy =>
  planOf(parseParameters(runStudyRequest, withoutNulls(given)), by);

function planOf(input: RunStudyInput, by: Actor): CheckedStudy {
  const { preset: id, document: text, seed, seeds, sizePx, name } = input;
  if (text !== undefined) return ownStudy({ ...input, document: text }, by);
  if (id === undefined)
    throw new TrojanscopeError('BAD_USER_INPUT', 'preset: expected a preset or a document; got neither.', [
      'preset',
    ]);
  checkPaths(FILES, input, [], by);
  const files = FILES.flatMap((file) => (input[file] ? [[file, input[file]]] : []));
  const options: StudyOptions = {
    seeds: Array.from({ length: seeds }, (_, i) => seed + i),
    ...(sizePx !== undefined ? { sizePx } : {}),
    ...Object.fromEntries(files),
  };
  const { title } = studyPresets[id];
  const document = withOptions(studyPresets[id], options);
  return {
    preset: id,
    name: name ?? (sizePx === undefined ? title : `${title}, at ${sizePx} px`),
    options,
    document,
    groups: planStudy(document),
    own: [],
    placed: (error) => error,
  };
}

/** What a document says is said there alone. */
function ownStudy(input: RunStudyInput & { document: string }, by: Actor): CheckedStudy {
  const said = [
    ...(['preset', 'sizePx', ...FILES] as const).filter((name) => input[name] !== undefined),
    ...(['seed', 'seeds'] as const).filter((name) => input[name] !== 1),
  ];
  if (said[0])
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `${said[0]}: expected nothing beside a document, which says that itself; got ${JSON.stringify(input[said[0]])}.`,
      [said[0]],
    );
  const { document, groups, own } = within(['document'], () => readStudyDocument(input.document));
  for (const { spec } of groups.flatMap(({ trojaned }) => trojaned)) {
    const { attack, parameters } = spec.backdoor!;
    const named = Object.keys(attackOf(attack).files ?? {}).filter((name) => parameters[name]);
    checkPaths(named, parameters, ['document'], by);
  }
  const { title, seeds } = document;
  const placed = (error: unknown) => {
    const refused = placedIn(input.document, error);
    if (!(refused instanceof TrojanscopeError)) return refused;
    return new TrojanscopeError(refused.code, refused.message, ['document', ...refused.field]);
  };
  return { preset: 'own', name: input.name ?? title, options: { seeds }, document, groups, own, placed };
}

function checkParts({ groups }: CheckedStudy): void {
  for (const { benign, trojaned } of groups) {
    trainable(knownDataset(benign.dataset));
    for (const { spec } of trojaned) checkBackdoor(spec);
  }
}

/** All seeds of a study take the same files. */
async function checkFilesOf({ groups, options: { seeds } }: CheckedStudy): Promise<void> {
  for (const { benign, trojaned } of groups)
    if (benign.seed === seeds[0]) for (const { spec } of trojaned) await checkFiles(spec, []);
}

/** What a preset consists of. What is there already, or under way, is taken over. */
export const runStudy: Starter<typeof runStudyRequest> = {
  mutation: 'runStudy',
  request: runStudyRequest,
  makes: 'Study',
  async check(input, by) {
    const study = planOf(input, by);
    await checkFilesOf(study);
    checkParts(study);
    return async (tx) => [await insertStudy(tx, study, by)];
  },
};

/**
 * What starting a study would queue, found by starting it and taking that back.
 * @param look at the study while it stands
 * @throws TrojanscopeError as `checkStudy`
 */
export async function rehearseStudy<T>(
  db: Db,
  given: Given,
  by: Actor,
  look: (tx: Db, studyId: string) => Promise<T>,
): Promise<T> {
  const study = checkStudy(given, by);
  const back = new Error('Nothing of it is kept.');
  let seen: T;
  await db
    .transaction()
    .execute(async (tx) => {
      seen = await look(tx, await insertStudy(tx, study, by));
      throw back;
    })
    .catch((error) => {
      if (error !== back) throw error;
    });
  return seen!;
}

async function insertStudy(
  tx: Db,
  { preset, name, options, document, groups, own, placed }: CheckedStudy,
  by: Actor,
): Promise<string> {
  const studyId = newId('Study');
  const created = { studyId, createdBy: by.id };
  const jobs: string[] = [];
  await insertStudyRow(tx, { id: studyId, name, preset, seed: options.seeds[0]!, options, document });
  for (const group of groups) {
    const benign =
      (await modelLike(tx, group.benign, null)) ?? (await insertModel(tx, group.benign, created));
    jobs.push(benign.jobId);
    for (const planned of group.trojaned) jobs.push(...(await startModel(tx, planned, benign, created)));
  }
  for (const one of own)
    jobs.push(
      ...(await startOwn(tx, one, created).catch((error) => {
        throw placed(error);
      })),
    );
  await insertStudyJobs(tx, studyId, [...new Set(jobs)]);
  return studyId;
}

/** A trojaned model with its sweeps, detections and explanations. @returns the ids of its jobs in order */
async function startModel(
  db: Db,
  { spec, sweeps, detections, explanations, scored }: PlannedModel,
  benign: { id: string; jobId: string },
  created: { studyId: string; createdBy: string },
): Promise<string[]> {
  const model =
    (await modelLike(db, spec, benign.id)) ??
    (await insertModel(db, spec, { ...created, benignId: benign.id, needs: [benign.jobId] }));
  const work = { sweeps, detections, explanations, scored };
  const pair = { modelId: model.id, benignId: benign.id };
  return [model.jobId, ...(await startWork(db, work, pair, [benign.jobId, model.jobId], created))];
}

/**
 * A model that is there, with the benign one beside it, if any, and what is done with it. @returns the ids of its jobs in order
 * @throws TrojanscopeError at its place in the document: NOT_FOUND; CONFLICT where it is in the trash or not trained;
 * UNSUPPORTED where it is benign, or nothing that is asked for can be done with its trigger; DATA_MISSING
 */
async function startOwn(
  db: Db,
  { id, at, sweeps, detections, explanations, scored }: OwnModel,
  created: { studyId: string; createdBy: string },
): Promise<string[]> {
  const refusedHere = (error: TrojanscopeError) => new TrojanscopeError(error.code, error.message, [...at]);
  try {
    const model = await modelRow(db, id, 'model');
    requireTrained(model);
    if (model.kind === 'BENIGN')
      throw new TrojanscopeError(
        'UNSUPPORTED',
        `“${model.name}” is benign: it has no trigger to sweep or to detect. A benign model comes along with the trojaned ones that are compared with it.`,
      );
    knownDataset(model.dataset);
    const attack = model.attack as AttackId;
    const refusal = triggerRefusal(attack);
    const possible = sweeps.filter(({ target }) => target === 'IMAGE' || !refusal);
    if (refusal && sweeps.length > 0 && possible.length === 0)
      throw new TrojanscopeError('UNSUPPORTED', `“${model.name}”: ${refusal}`);
    const benign = model.benign_id ? await findModel(db, model.benign_id) : undefined;
    const work = {
      sweeps: possible,
      detections,
      explanations,
      scored: scored?.attack === attack ? scored : undefined,
    };
    const pair = { modelId: model.id, benignId: model.benign_id };
    const known = [...(benign ? [benign.job_id] : []), model.job_id];
    return [...known, ...(await startWork(db, work, pair, known, created))];
  } catch (error) {
    throw error instanceof TrojanscopeError ? refusedHere(error) : error;
  }
}

/** Sweeps, detections and explanations of a trojaned model. @returns the ids of their jobs in order */
async function startWork(
  db: Db,
  { sweeps, detections, explanations: pick, scored }: Omit<PlannedModel, 'spec'>,
  pair: { modelId: string; benignId: string | null },
  needs: string[],
  created: { studyId: string; createdBy: string },
): Promise<string[]> {
  const sweepJobs: string[] = [];
  for (const sweep of sweeps) {
    const { jobId } =
      (await sweepLike(db, sweep, pair)) ??
      (await insertSweep(db, { ...sweep, ...pair }, { ...created, needs }));
    sweepJobs.push(jobId);
  }
  const jobs = [...sweepJobs];
  for (const detection of detections) {
    const asked = { ...detection, ...pair };
    const { jobId } =
      (await detectionLike(db, asked, USABLE)) ?? (await insertDetection(db, asked, { ...created, needs }));
    jobs.push(jobId);
  }
  if (pick > 0 || scored) {
    const payload = { modelId: pair.modelId, pick, scored };
    const more = { modelId: pair.modelId, ...created, needs: sweepJobs };
    jobs.push(await explainJob.queue(db, undefined, payload, more));
  }
  return jobs;
}
