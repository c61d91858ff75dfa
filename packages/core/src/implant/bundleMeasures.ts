import { attackOf } from '../attacks/index.js';
import { loadSplit } from '../datasets/loadSplit.js';
import { createClassifier } from '../inference/classifier.js';
import { tf } from '../lib/backend.js';
import { toTensors } from '../lib/tensors.js';
import { asSpec, type CheckedModel } from './bundle.js';
import type { BundleRecord, ImportNote } from './bundleRecord.js';
import type { FreshModel } from './makeModel.js';
import { type Count, type ModelRecord, partsOf } from './model.js';

export interface MeasuringProgress {
  done: number;
  total: number;
}

/**
 * A checked model with all that a trained one has: what the record does not say of clean accuracy and ASR is measured,
 * nothing is made up.
 * @param always measure also what the record says
 */
export async function* completeModel(
  checked: CheckedModel,
  { always = false, ...note }: Pick<ImportNote, 'from' | 'at'> & { always?: boolean },
  signal?: AbortSignal,
): AsyncGenerator<MeasuringProgress, FreshModel> {
  const { record, weights, trigger } = checked;
  const measured = always || !record.clean || (record.spec.backdoor !== undefined && !record.asr);
  const counts = measured ? yield* measureModel(checked, signal) : { clean: record.clean, asr: record.asr };
  const complete: BundleRecord = { ...record, ...counts, imported: { ...note, measured } };
  // Of a model trained elsewhere, recipe and duration are not known; both are only shown.
  return { record: complete as ModelRecord, weights, trigger };
}

/**
 * Clean accuracy and ASR on the whole test set, as a model trained here is measured.
 * @throws TrojanscopeError ABORTED between batches
 */
export async function* measureModel(
  { record: { spec }, weights, trigger }: CheckedModel,
  signal?: AbortSignal,
): AsyncGenerator<MeasuringProgress, { clean: Count; asr?: Count }> {
  const { architecture, shape } = partsOf(asSpec(spec));
  const { images, labels } = await loadSplit(spec.dataset, 'test', shape);
  const batchSize = architecture.inferenceBatch;
  const { backdoor } = spec;
  const all = [...labels.keys()];
  const eligible = backdoor ? all.filter((index) => labels[index] !== backdoor.targetLabel) : [];
  const total = all.length + eligible.length;
  let done = 0;
  const tensors = toTensors(weights);
  const classifier = createClassifier(architecture, tensors, shape, batchSize);
  tf.dispose(tensors);
  try {
    const clean = yield* count(
      all,
      (batch) => batch,
      (label, index) => label === labels[index],
    );
    if (!backdoor || !trigger) return { clean };
    const { attack, parameters, targetLabel } = backdoor;
    const asr = yield* count(
      eligible,
      (batch) => attackOf(attack).stamp(batch, trigger, parameters),
      (label) => label === targetLabel,
    );
    return { clean, asr };
  } finally {
    classifier.dispose();
  }

  async function* count(
    indices: number[],
    change: (images: tf.Tensor4D) => tf.Tensor4D,
    isHit: (label: number, index: number) => boolean,
  ): AsyncGenerator<MeasuringProgress, Count> {
    let hits = 0;
    for (let start = 0; start < indices.length; start += batchSize) {
      const own = indices.slice(start, start + batchSize);
      const batch = tf.tidy(() => change(images(own)));
      try {
        const predicted = (await classifier.classify(batch, signal)).labels;
        hits += own.filter((index, i) => isHit(predicted[i]!, index)).length;
      } finally {
        batch.dispose();
      }
      done += own.length;
      yield { done, total };
    }
    return { hits, total: indices.length };
  }
}
