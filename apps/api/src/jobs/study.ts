import {
  type PlannedModel,
  parseParameters,
  planStudy,
  type StudyOptions,
  studyPresets,
  withoutNulls,
} from '@trojanscope/core';
import { type RunStudyInput, runStudyRequest } from '@trojanscope/schema';
import type { z } from 'zod';
import type { Db } from '../store/database.js';
import { detectionLike } from '../store/detections.js';
import { newId } from '../store/ids.js';
import { USABLE } from '../store/jobs.js';
import { modelLike } from '../store/models.js';
import { insertStudyJobs, insertStudyRow } from '../store/studies.js';
import { sweepLike } from '../store/sweeps.js';
import type { Actor } from '../viewer.js';
import { checkBackdoor, checkFiles, checkPaths, knownDataset } from './checks.js';
import { insertDetection } from './detect.js';
import { explainJob } from './explain.js';
import { insertModel } from './model.js';
import type { Starter } from './start.js';
import { insertSweep } from './sweep.js';

/** What is asked of a study, before its defaults are filled in. */
type Given = z.input<typeof runStudyRequest>;

/** A study's input, with what it consists of. */
interface CheckedStudy {
  preset: RunStudyInput['preset'];
  name: string;
  options: StudyOptions;
  groups: ReturnType<typeof planStudy>;
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

function planOf({ preset: id, seed, seeds, sizePx, ...input }: RunStudyInput, by: Actor): CheckedStudy {
  checkPaths(FILES, input, [], by);
  const preset = studyPresets[id];
  const files = FILES.flatMap((name) => (input[name] ? [[name, input[name]]] : []));
  const options: StudyOptions = {
    seeds: Array.from({ length: seeds }, (_, i) => seed + i),
    ...(sizePx !== undefined ? { sizePx } : {}),
    ...Object.fromEntries(files),
  };
  const title = sizePx === undefined ? preset.title : `${preset.title}, at ${sizePx} px`;
  return { preset: id, name: input.name ?? title, options, groups: planStudy(preset, options) };
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
  { preset, name, options, groups }: CheckedStudy,
  by: Actor,
): Promise<string> {
  const studyId = newId('Study');
  const created = { studyId, createdBy: by.id };
  const jobs: string[] = [];
  await insertStudyRow(tx, { id: studyId, name, preset, seed: options.seeds[0]!, options });
  for (const group of groups) {
    const benign =
      (await modelLike(tx, group.benign, null)) ?? (await insertModel(tx, group.benign, created));
    jobs.push(benign.jobId);
    for (const planned of group.trojaned) jobs.push(...(await startModel(tx, planned, benign, created)));
  }
  await insertStudyJobs(tx, studyId, jobs);
  return studyId;
}

/** A trojaned model with its sweeps, detections and explanations. @returns the ids of its jobs in order */
async function startModel(
  db: Db,
  { spec, sweeps, detections, explanations: pick, scored }: PlannedModel,
  benign: { id: string; jobId: string },
  created: { studyId: string; createdBy: string },
): Promise<string[]> {
  const model =
    (await modelLike(db, spec, benign.id)) ??
    (await insertModel(db, spec, { ...created, benignId: benign.id, needs: [benign.jobId] }));
  const pair = { modelId: model.id, benignId: benign.id };
  const needs = [benign.jobId, model.jobId];
  const sweepJobs: string[] = [];
  for (const sweep of sweeps) {
    const { jobId } =
      (await sweepLike(db, sweep, pair)) ??
      (await insertSweep(db, { ...sweep, ...pair }, { ...created, needs }));
    sweepJobs.push(jobId);
  }
  const jobs = [model.jobId, ...sweepJobs];
  for (const detection of detections) {
    const asked = { ...detection, ...pair };
    const { jobId } =
      (await detectionLike(db, asked, USABLE)) ?? (await insertDetection(db, asked, { ...created, needs }));
    jobs.push(jobId);
  }
  if (pick > 0 || scored) {
    const payload = { modelId: model.id, pick, scored };
    const more = { modelId: model.id, ...created, needs: sweepJobs };
    jobs.push(await explainJob.queue(db, undefined, payload, more));
  }
  return jobs;
}
