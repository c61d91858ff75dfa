import { beforeAll, expect, it } from 'vitest';
import type { Network } from '../architectures/architecture.js';
import { loadEngine, tf } from '../lib/backend.js';
import { createClassifier } from './classifier.js';

beforeAll(() => loadEngine());

/** Takes three pixels for the probabilities of three classes, as a network that gives probabilities is asked. */
const network = {
  logits: (_, images) => tf.log(tf.reshape(images, [-1, 3])),
} as Pick<Network, 'logits'> as Network;

it('tells label, confidence and, where it is asked to, the entropy of all classes', async () => {
  const shape = { height: 1, width: 3, channels: 1 };
  // A half and two quarters: ln 2 / 2 + ln 4 / 2. Sure of one: nothing, though the logarithm of zero is infinite.
  const images = tf.tensor4d([0.25, 0.5, 0.25, 0, 0, 1, 1 / 3, 1 / 3, 1 / 3], [3, 1, 3, 1]);
  const classifier = createClassifier(network, {}, shape, 2, { entropies: true });
  const { labels, confidences, entropies } = await classifier.classify(images);
  expect([...labels.subarray(0, 2)]).toEqual([1, 2]);
  expect(confidences[0]).toBeCloseTo(0.5, 6);
  expect(entropies![0]).toBeCloseTo(1.039721, 5);
  expect(entropies![1]).toBeCloseTo(0, 6);
  expect(entropies![2]).toBeCloseTo(Math.log(3), 5);
  classifier.dispose();
  const plain = createClassifier(network, {}, shape, 2);
  expect(await plain.classify(images)).toEqual({ labels, confidences });
  plain.dispose();
  images.dispose();
});
