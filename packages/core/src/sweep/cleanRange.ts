import { loadSplit } from '../datasets/loadSplit.js';
import { type Model, partsOf } from '../implant/model.js';
import { tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { applyToImages } from '../transforms/apply.js';
import { type TransformId, transformOf } from '../transforms/index.js';
import {
  findLargestRange,
  type LargestRange,
  type RangeSearch,
  type RangeTrial,
} from '../transforms/largestRange.js';
import { imagePlan } from './subjects.js';
import { warmClassifier } from './warmClassifier.js';

export interface RangeOptions {
  samples: number;
  seed: number;
  /** Accuracies at values that an earlier attempt tried. */
  known?: ReadonlyMap<number, number>;
  signal?: AbortSignal;
}

/**
 * How far clean images can be transformed until a model no longer classifies them right: the paper finds its ranges of
 * values by trial and error (section 4.2).
 * @param search without the identity, which is the transform's own
 * @throws TrojanscopeError ABORTED between batches
 */
export async function* cleanRange(
  model: Model,
  transform: TransformId,
  search: Omit<RangeSearch, 'identity'>,
  { samples, seed, known, signal }: RangeOptions,
): AsyncGenerator<RangeTrial, LargestRange> {
  const { shape } = partsOf(model.record.spec);
  const test = await loadSplit(model.record.spec.dataset, 'test', shape);
  const indices = createRandom(seed)
    .fork('samples')
    .sample([...test.labels.keys()], samples);
  const { identity } = transformOf(transform);
  const classifier = warmClassifier(model, indices.length);
  const { batchSize } = classifier;

  const accuracyAt = async (value: number) => {
    const before = known?.get(value);
    if (before !== undefined) return before;
    const whole = imagePlan({ transform, value }, shape, indices.length, seed);
    let right = 0;
    for (let start = 0; start < indices.length; start += batchSize) {
      const batch = indices.subarray(start, start + batchSize);
      const variantOf = whole.variantOf.subarray(start, start + batch.length);
      const images = tf.tidy(() => applyToImages(test.images(batch), { ...whole, variantOf }));
      const { labels } = await classifier.classify(images, signal);
      images.dispose();
      batch.forEach((index, i) => {
        right += Number(labels[i] === test.labels[index]);
      });
    }
    return right / indices.length;
  };
  return yield* findLargestRange(accuracyAt, { ...search, identity });
}
