import {
  type DetectionSpec,
  type DetectorId,
  detectorNotes,
  detectorOf,
  oneDetector,
  parseParameters,
  runDetection,
  summarize,
  TrojanscopeError,
  within,
} from '@trojanscope/core';
import { runDetectorRequest } from '@trojanscope/schema';
import { z } from 'zod';
import type { Db } from '../store/database.js';
import {
  detectionSpecOf,
  findDetection,
  insertDetectionRow,
  insertImages,
  judgedImages,
  judgedSamples,
  saveSummary,
} from '../store/detections.js';
import { newId } from '../store/ids.js';
import type { NewJob } from '../store/jobs.js';
import { keptModel } from '../store/models.js';
import { modelRow, requireTrained } from './checks.js';
import { defineJob } from './defineJob.js';
import type { Starter } from './start.js';

/** How much a trial computes. @param beside whether a benign model is asked as well */
export const detectionAmount = (queries: number, samples: number, beside: boolean) => ({
  // Clean, trojaned and other clean images by the trojaned model, as they are too; clean and trojaned by the benign one.
  classified: samples * (3 * (queries + 1) + (beside ? 2 * queries : 0)),
});

/** Tries a detector. Samples that are judged are not judged again. */
export const detectJob = defineJob({
  kind: 'detect',
  title: (detector: DetectorId) => `${detectorOf(detector).title} on clean and trojaned images`,
  payload: z.strictObject({ detectionId: z.string() }),
  async workOf(db, { payload }) {
    const { queries, samples, benign_id } = await findDetection(db, payload.detectionId as string);
    return detectionAmount(queries, samples, benign_id !== null);
  },
  async run({ detectionId }, { db, blobs, signal, changed, save, keep }) {
    const row = await findDetection(db, detectionId);
    const spec = detectionSpecOf(row);
    const from = await judgedSamples(db, detectionId);
    await save({ stage: 'loading models', done: from, total: row.samples, unit: 'samples' }, async () => {});
    const trojaned = await keptModel(db, blobs, row.model_id);
    const benign = row.benign_id ? await keptModel(db, blobs, row.benign_id) : null;
    const { targetLabel } = trojaned.record.spec.backdoor!;
    let total = row.samples;
    for await (const part of runDetection(trojaned, benign, spec, { signal, from })) {
      total = part.total;
      await keep({ stage: 'asking', done: part.done, total, unit: 'samples' }, (transaction) =>
        insertImages(transaction, detectionId, part.images, targetLabel),
      );
      changed('Detection', detectionId);
    }
    const summary = summarize(await judgedImages(db, detectionId), targetLabel, spec.seed);
    await save({ stage: 'measuring' }, (transaction) => saveSummary(transaction, detectionId, summary));
    changed('Detection', detectionId);
  },
});

export const runDetector: Starter<typeof runDetectorRequest> = {
  mutation: 'runDetector',
  request: runDetectorRequest,
  makes: 'Detection',
  check({ modelId, detector: asked, samples, seed }, by) {
    const { detector, parameters } = chosenDetector(asked);
    return async (tx) => {
      const model = await modelRow(tx, modelId, 'modelId');
      if (model.kind === 'BENIGN')
        throw new TrojanscopeError(
          'UNSUPPORTED',
          `“${model.name}” is benign: it has no trigger for a detector to find.`,
          ['modelId'],
        );
      requireTrained(model);
      const spec = { detector, parameters, samples, seed };
      const pair = { modelId, benignId: model.benign_id };
      return [(await insertDetection(tx, { ...spec, ...pair }, { createdBy: by.id })).id];
    };
  },
};

/** A new detection with its job. */
export async function insertDetection(
  db: Db,
  { modelId, benignId, ...spec }: DetectionSpec & { modelId: string; benignId: string | null },
  options: Pick<NewJob, 'createdBy' | 'studyId' | 'needs'>,
): Promise<{ id: string; jobId: string }> {
  const id = newId('Detection');
  const plugins = detectorNotes(spec.detector, spec.parameters);
  const jobId = await detectJob.queue(
    db,
    spec.detector,
    { detectionId: id },
    { modelId, plugins, ...options },
  );
  const queries = detectorOf(spec.detector).views(spec.parameters).length;
  const row = { id, model_id: modelId, benign_id: benignId, job_id: jobId, queries };
  await insertDetectionRow(db, { ...row, ...spec });
  return { id, jobId };
}

/** The detector that is asked for, and how often it asks. @throws TrojanscopeError BAD_USER_INPUT */
export function chosenDetector(asked: object) {
  const [detector, given] = oneDetector(asked as Parameters<typeof oneDetector>[0]);
  const at = ['detector', detector];
  const parameters = parseParameters(detectorOf(detector).parameters, given, at);
  const queries = within(at, () => detectorOf(detector).views(parameters).length);
  return { detector, parameters, queries };
}
