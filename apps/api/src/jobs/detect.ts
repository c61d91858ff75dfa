import {
  type DetectorId,
  detectorOf,
  detectors,
  parseParameters,
  runDetection,
  summarize,
  TrojanscopeError,
} from '@trojanscope/core';
import { runDetectorRequest } from '@trojanscope/schema';
import { z } from 'zod';
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
import { keptModel } from '../store/models.js';
import { modelRow, requireTrained } from './checks.js';
import { defineJob } from './defineJob.js';
import type { Starter } from './start.js';

/** Tries a detector. Samples that are judged are not judged again. */
export const detectJob = defineJob({
  kind: 'detect',
  title: (detector: DetectorId) => `${detectorOf(detector).title} on clean and trojaned images`,
  payload: z.strictObject({ detectionId: z.string() }),
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
    const { detector, parameters, queries } = chosenDetector(asked);
    return async (tx) => {
      const model = await modelRow(tx, modelId, 'modelId');
      if (model.kind === 'BENIGN')
        throw new TrojanscopeError(
          'UNSUPPORTED',
          `“${model.name}” is benign: it has no trigger for a detector to find.`,
          ['modelId'],
        );
      requireTrained(model);
      const id = newId('Detection');
      const jobId = await detectJob.queue(tx, detector, { detectionId: id }, { modelId, createdBy: by.id });
      await insertDetectionRow(tx, {
        id,
        model_id: modelId,
        benign_id: model.benign_id,
        job_id: jobId,
        detector,
        parameters,
        queries,
        samples,
        seed,
      });
      return [id];
    };
  },
};

/** The one detector that is asked for, and how often it asks. @throws TrojanscopeError BAD_USER_INPUT */
export function chosenDetector(asked: object) {
  const chosen = Object.entries(asked) as [DetectorId, object][];
  const [detector, given] = chosen[0] ?? [];
  if (chosen.length !== 1 || !Object.hasOwn(detectors, detector!))
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `detector: expected exactly one of ${Object.keys(detectors).join(', ')}; got ${chosen.map(([id]) => id).join(', ') || 'none'}.`,
      ['detector'],
    );
  const { parameters: schema, views } = detectorOf(detector!);
  const parameters = parseParameters(schema, given, ['detector', detector!]);
  return { detector: detector!, parameters, queries: queriesOf(() => views(parameters), detector!) };
}

/** How many questions these are. @throws TrojanscopeError BAD_USER_INPUT with the path of the input */
function queriesOf(views: () => readonly unknown[], detector: DetectorId): number {
  try {
    return views().length;
  } catch (error) {
    if (!(error instanceof TrojanscopeError)) throw error;
    throw new TrojanscopeError(error.code, error.message, ['detector', detector, ...error.field]);
  }
}
