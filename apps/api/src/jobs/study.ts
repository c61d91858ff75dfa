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
import type { Work } from '../forecast/work.js';
import type { Db } from '../store/database.js';
import { newId } from '../store/ids.js';
import { findModel } from '../store/models.js';
import { insertStudyJobs, insertStudyRow, type JobWithSpec, jobsWithSpec } from '../store/studies.js';
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
import { checkQueue, type Starter } from './start.js';
import { inserting, type StudyMaker, type Subject, takingOver, weighing } from './studyMaker.js';

/** What is asked of a study, before its defaults are filled in. */
type Given = z.input<typeof runStudyRequest>;

type Place = PlannedGroup['at'];

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
  /** What is refused after reading, with its place in the document; as it is where there is none. */
  placed(error: unknown, at?: Place): unknown;
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
  const placed: CheckedStudy['placed'] = (error, at = []) => {
    const full =
      error instanceof TrojanscopeError
        ? new TrojanscopeError(error.code, error.message, [...at, ...error.field])
        : error;
    const refused = placedIn(input.document, full);
    if (!(refused instanceof TrojanscopeError)) return refused;
    return new TrojanscopeError(refused.code, refused.message, ['document', ...refused.field]);
  };
  for (const { at, spec } of groups.flatMap(({ trojaned }) => trojaned)) {
    const { attack, parameters } = spec.backdoor!;
    const named = Object.keys(attackOf(attack).files ?? {}).filter((name) => parameters[name]);
    inPlace({ placed }, [...at, 'attack', attack], () => checkPaths(named, parameters, [], by));
  }
  const { title, seeds } = document;
  return { preset: 'own', name: input.name ?? title, options: { seeds }, document, groups, own, placed };
}

/** What `check` does; what it refuses is refused at its place in the document. */
function inPlace({ placed }: Pick<CheckedStudy, 'placed'>, at: Place, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw placed(error, at);
  }
}

function checkParts(study: CheckedStudy): void {
  for (const { at, benign, trojaned } of study.groups) {
    inPlace(study, at, () => trainable(knownDataset(benign.dataset)));
    for (const { at: place, spec } of trojaned) inPlace(study, place, () => checkBackdoor(spec));
  }
}

/** All seeds of a study take the same files. */
async function checkFilesOf({ groups, options: { seeds }, placed }: CheckedStudy): Promise<void> {
  const first = groups.filter(({ benign }) => benign.seed === seeds[0]);
  for (const { at, spec } of first.flatMap(({ trojaned }) => trojaned))
    await checkFiles(spec, []).catch((error) => {
      throw placed(error, [...at, 'attack', spec.backdoor!.attack]);
    });
}

/** What a preset consists of. What is there already, or under way, is taken over. */
export const runStudy: Starter<typeof runStudyRequest> = {
  mutation: 'runStudy',
  request: runStudyRequest,
  makes: 'Study',
  async check(input, by, db) {
    const study = planOf(input, by);
    await checkFilesOf(study);
    checkParts(study);
    // Before thousands of them are written, to be taken back.
    await checkQueue(db, by, (await weighStudy(db, study)).fresh.length);
    return async (tx) => [await insertStudy(tx, study, by)];
  },
};

/** What starting a study would come to. */
export interface RehearsedStudy {
  /** What would be queued. */
  fresh: Work[];
  /** What would be taken over, done or not. */
  there: JobWithSpec[];
}

/** @throws TrojanscopeError as `checkStudy`, and where a model that it names is not to be had */
export async function rehearseStudy(db: Db, given: Given, by: Actor): Promise<RehearsedStudy> {
  const { fresh, there } = await weighStudy(db, checkStudy(given, by));
  return { fresh, there: await jobsWithSpec(db, there) };
}

/** @returns what would be queued, and the jobs that would be taken over */
async function weighStudy(db: Db, study: CheckedStudy): Promise<{ fresh: Work[]; there: string[] }> {
  const fresh: Work[] = [];
  const jobs = await makeStudy(db, study, weighing(fresh));
  const own = new Set(fresh.map(({ jobId }) => jobId));
  return { fresh, there: jobs.filter((id) => !own.has(id)) };
}

async function insertStudy(tx: Db, study: CheckedStudy, by: Actor): Promise<string> {
  const { preset, name, options, document } = study;
  const studyId = newId('Study');
  await insertStudyRow(tx, { id: studyId, name, preset, seed: options.seeds[0]!, options, document });
  const jobs = await makeStudy(tx, study, inserting(tx, { studyId, createdBy: by.id }));
  await insertStudyJobs(tx, studyId, jobs);
  return studyId;
}

/** All that a study consists of; what is there is not made. @returns the ids of its jobs in order */
async function makeStudy(
  db: Db,
  { groups, own, placed }: CheckedStudy,
  making: StudyMaker,
): Promise<string[]> {
  const maker = takingOver(db, making);
  const jobs: string[] = [];
  for (const group of groups) {
    const benign = await maker.model(group.benign, null, '');
    jobs.push(benign.jobId);
    for (const { spec, variant, ...work } of group.trojaned) {
      const { id, jobId } = await maker.model(spec, benign, variant);
      const subject = { spec, modelId: id, benignId: benign.id, needs: [benign.jobId, jobId] };
      jobs.push(jobId, ...(await lookAt(maker, work, subject)));
    }
  }
  for (const one of own)
    jobs.push(
      ...(await lookAtOwn(db, maker, one).catch((error) => {
        throw placed(error);
      })),
    );
  // Two ways may lead to the same.
  return [...new Set(jobs)];
}

/**
 * A model that is there, with the benign one beside it, if any, and what is done with it. @returns the ids of its jobs in order
 * @throws TrojanscopeError at its place in the document: NOT_FOUND; CONFLICT where it is in the trash or not trained;
 * UNSUPPORTED where it is benign, or nothing that is asked for can be done with its trigger; DATA_MISSING
 */
async function lookAtOwn(
  db: Db,
  maker: StudyMaker,
  { id, at, sweeps, detections, explanations, scored }: OwnModel,
): Promise<string[]> {
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
    const needs = [...(benign ? [benign.job_id] : []), model.job_id];
    const subject = { spec: model.spec, modelId: model.id, benignId: model.benign_id, needs };
    return [...needs, ...(await lookAt(maker, work, subject))];
  } catch (error) {
    if (!(error instanceof TrojanscopeError)) throw error;
    throw new TrojanscopeError(error.code, error.message, [...at]);
  }
}

/** Sweeps, detections and explanations of a trojaned model. @returns the ids of their jobs in order */
async function lookAt(
  maker: StudyMaker,
  { sweeps, detections, explanations: pick, scored }: Omit<PlannedModel, 'at' | 'spec' | 'variant'>,
  subject: Subject,
): Promise<string[]> {
  const sweepJobs: string[] = [];
  for (const sweep of sweeps) sweepJobs.push(await maker.sweep(sweep, subject));
  const jobs = [...sweepJobs];
  for (const detection of detections) jobs.push(await maker.detection(detection, subject));
  if (pick > 0 || scored) jobs.push(await maker.explanation({ pick, scored }, subject, sweepJobs));
  return jobs;
}
