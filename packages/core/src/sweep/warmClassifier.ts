import { LRUCache } from 'lru-cache';
import { inferenceBatch } from '../architectures/batches.js';
import { type Model, networkOf, partsOf } from '../implant/model.js';
import { type Classifier, createClassifier } from '../inference/classifier.js';
import { tf } from '../lib/backend.js';
import { bytesOf, toTensors } from '../lib/tensors.js';

/** Room for the weights of any two models, which a sweep has at work at once. */
const WARM_BYTES = 300e6;

/** A classifier with the name of all that its answers depend on, but for the images. */
export interface WarmClassifier extends Classifier {
  readonly key: string;
}

const warm = new LRUCache<string, WarmClassifier>({
  max: 4,
  maxSize: WARM_BYTES,
  dispose: (classifier) => classifier.dispose(),
});

/**
 * A classifier of a trained model for `count` images, kept for the next sweep of the same model: making its graph takes as
 * long as a few hundred images. It stays this module's to dispose; those used last are kept, four at most.
 */
export function warmClassifier(
  model: Model,
  count: number,
  options: { entropies?: boolean } = {},
): WarmClassifier {
  const { record, weights } = model;
  const { shape } = partsOf(record.spec);
  const network = networkOf(model);
  const batchSize = inferenceBatch({ network, weights }, shape, count);
  // The same weights are another network behind another normalization.
  const key = `${record.weightsSha256} ${JSON.stringify(record.spec)} ${batchSize}${options.entropies ? ' with entropies' : ''}`;
  const known = warm.get(key);
  if (known) return known;
  const tensors = toTensors(weights);
  try {
    const classifier = { ...createClassifier(network, tensors, shape, batchSize, options), key };
    warm.set(key, classifier, { size: bytesOf(weights) });
    return classifier;
  } finally {
    tf.dispose(tensors);
  }
}
