import { type Model, partsOf } from '../implant/model.js';
import { type Classifier, createClassifier } from '../inference/classifier.js';
import { tf } from '../lib/backend.js';
import { toTensors } from '../lib/tensors.js';

const KEPT = 4;
const warm = new Map<string, Classifier>();

/**
 * The classifier of a trained model, kept for the next sweep of the same model: making its graph takes as long as a few
 * thousand images. It stays this module's to dispose; the four used last are kept.
 */
export function warmClassifier({ record, weights }: Model): Classifier {
  const { shape } = partsOf(record.spec);
  const key = `${record.weightsSha256}/${shape.height}`;
  const classifier = warm.get(key) ?? create();
  warm.delete(key);
  warm.set(key, classifier);
  for (const [oldest, unused] of warm) {
    if (warm.size <= KEPT) break;
    warm.delete(oldest);
    unused.dispose();
  }
  return classifier;

  function create() {
    const { architecture } = partsOf(record.spec);
    const tensors = toTensors(weights);
    try {
      return createClassifier(architecture, tensors, shape, architecture.inferenceBatch);
    } finally {
      tf.dispose(tensors);
    }
  }
}
