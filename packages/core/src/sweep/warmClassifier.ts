import { LRUCache } from 'lru-cache';
import { type Model, partsOf } from '../implant/model.js';
import { type Classifier, createClassifier } from '../inference/classifier.js';
import { tf } from '../lib/backend.js';
import { toTensors } from '../lib/tensors.js';

const warm = new LRUCache<string, Classifier>({ max: 4, dispose: (classifier) => classifier.dispose() });

/**
 * The classifier of a trained model, kept for the next sweep of the same model: making its graph takes as long as a few
 * thousand images. It stays this module's to dispose; the four used last are kept.
 */
export function warmClassifier({ record, weights }: Model): Classifier {
  const { shape, architecture } = partsOf(record.spec);
  const key = `${record.weightsSha256}/${shape.height}`;
  const known = warm.get(key);
  if (known) return known;
  const tensors = toTensors(weights);
  try {
    const classifier = createClassifier(architecture, tensors, shape, architecture.inferenceBatch);
    warm.set(key, classifier);
    return classifier;
  } finally {
    tf.dispose(tensors);
  }
}
