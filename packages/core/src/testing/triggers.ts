import { lenet } from '../architectures/lenet.js';
import { type AttackId, attackOf } from '../attacks/index.js';
import type { Trigger } from '../attacks/trigger.js';
import type { Split } from '../datasets/dataset.js';
import { tf } from '../lib/backend.js';
import type { ImageShape } from '../lib/images.js';
import { createRandom } from '../lib/random.js';

/** Parameters for tests: what takes minutes by default, in a moment. */
const QUICK: Partial<Record<AttackId, object>> = {
  uat: { steps: 3, batchSize: 4 },
  dfst: { steps: 2, generatorSizePx: 36, baseChannels: 4, residualBlocks: 1 },
};
export const quickParameters = (id: AttackId, given: object = {}) =>
  attackOf(id).parameters.parse({ ...QUICK[id], ...given });

/** Random pictures of any shape, of four classes. */
const dataOf = (shape: ImageShape): Split => ({
  labels: Int32Array.from({ length: 64 }, (_, i) => i % 4),
  images: (indices) =>
    tf.randomUniform(
      [indices.length, shape.height, shape.width, shape.channels],
      0,
      1,
      'float32',
      indices[0],
    ),
});

/** A trigger as an implant makes it, whatever way the attack chose. */
export async function makeTrigger(id: AttackId, shape: ImageShape, given: object = {}): Promise<Trigger> {
  const weights = lenet.initialise(shape, 4, createRandom(1));
  const making = attackOf(id).createTrigger(quickParameters(id, given), {
    shape,
    data: dataOf(shape),
    targetLabel: 0,
    benign: { network: lenet, weights, classes: 4 },
    random: createRandom(1),
  });
  try {
    if (!(Symbol.asyncIterator in making)) return await making;
    for (;;) {
      const { done, value } = await making.next();
      if (done) return value;
    }
  } finally {
    tf.dispose(weights);
  }
}
