import type { Network } from '../architectures/architecture.js';
import { inferenceBatch } from '../architectures/batches.js';
import { attackOf } from '../attacks/index.js';
import { loadSplit } from '../datasets/loadSplit.js';
import { createClassifier } from '../inference/classifier.js';
import { tf } from '../lib/backend.js';
import { toTensors } from '../lib/tensors.js';
import { eligibleFor } from './eligible.js';
import { type Count, type Model, type ModelSpec, partsOf } from './model.js';

/** What is measured of a model. */
interface Measured extends Pick<Model, 'weights' | 'trigger'> {
  spec: ModelSpec;
  network: Network;
}

export interface MeasuringProgress {
  done: number;
  total: number;
}

/**
 * Clean accuracy and ASR on the whole test set (paper, Table 2). No ASR where no test image is eligible, all being of the
 * target class: nothing of nothing is no rate.
 * @throws TrojanscopeError ABORTED between batches
 */
export async function* measureModel(
  { spec, network, weights, trigger }: Measured,
  signal?: AbortSignal,
): AsyncGenerator<MeasuringProgress, { clean: Count; asr?: Count }> {
  const { shape } = partsOf(spec);
  const { images, labels } = await loadSplit(spec.dataset, 'test', shape);
  const batchSize = inferenceBatch({ network, weights }, shape, labels.length);
  const { backdoor } = spec;
  const all = [...labels.keys()];
  const eligibleAs = backdoor && trigger && eligibleFor(backdoor, trigger);
  const eligible = eligibleAs ? all.filter((index) => eligibleAs(index, labels[index]!)) : [];
  const total = all.length + eligible.length;
  let done = 0;
  const tensors = toTensors(weights);
  const classifier = createClassifier(network, tensors, shape, batchSize);
  tf.dispose(tensors);
  try {
    const clean = yield* count(
      all,
      (batch) => batch,
      (label, index) => label === labels[index],
    );
    if (!backdoor || !trigger || eligible.length === 0) return { clean };
    const { attack, parameters, targetLabel } = backdoor;
    const asr = yield* count(
      eligible,
      (batch, own) => attackOf(attack).stamp(batch, trigger, parameters, undefined, own),
      (label) => label === targetLabel,
    );
    return { clean, asr };
  } finally {
    classifier.dispose();
  }

  async function* count(
    indices: number[],
    change: (images: tf.Tensor4D, own: number[]) => tf.Tensor4D,
    isHit: (label: number, index: number) => boolean,
  ): AsyncGenerator<MeasuringProgress, Count> {
    let hits = 0;
    for (let start = 0; start < indices.length; start += batchSize) {
      const own = indices.slice(start, start + batchSize);
      const batch = tf.tidy(() => change(images(own), own));
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
