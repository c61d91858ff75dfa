import { setImmediate } from 'node:timers/promises';
import type { Network, Weights } from '../architectures/architecture.js';
import { tf } from '../lib/backend.js';
import { type Compiled, compile } from '../lib/compile.js';
import { throwIfAborted } from '../lib/errors.js';
import type { ImageShape } from '../lib/images.js';

export interface Predictions {
  /** [n] */
  labels: Int32Array;
  /** [n], the softmax probability of the label, 0..1. */
  confidences: Float32Array;
  /** [n], the entropy of the softmax probabilities of all classes, in nats; where it was asked for. */
  entropies?: Float32Array;
}

/** A network with its weights frozen into a graph, to ask for labels. */
export interface Classifier {
  readonly batchSize: number;
  /**
   * @param images [n,h,w,c] in [0,1], any n
   * @throws TrojanscopeError ABORTED between batches
   */
  classify(images: tf.Tensor4D, signal?: AbortSignal): Promise<Predictions>;
  dispose(): void;
}

/** Below it the logarithm is taken of this: what is zero adds nothing to an entropy. */
const TINY = 1e-37;

/** Batches of `batchSize`; the last one is padded, because a graph is made for one shape. */
export function createClassifier(
  network: Network,
  weights: Weights,
  { height, width, channels }: ImageShape,
  batchSize: number,
  { entropies: wanted = false }: { entropies?: boolean } = {},
): Classifier {
  const example = tf.zeros<tf.Rank.R4>([batchSize, height, width, channels]);
  const graph: Compiled = compile(
    (images) => {
      const probabilities = tf.softmax(network.logits(weights, images as tf.Tensor4D));
      const answers = [tf.cast(tf.argMax(probabilities, 1), 'float32'), tf.max(probabilities, 1)];
      if (!wanted) return answers;
      return [...answers, tf.neg(tf.sum(tf.mul(probabilities, tf.log(tf.maximum(probabilities, TINY))), 1))];
    },
    [example],
  );
  example.dispose();

  return {
    batchSize,
    dispose: graph.dispose,
    async classify(images, signal) {
      const count = images.shape[0];
      const labels = new Int32Array(count);
      const confidences = new Float32Array(count);
      const entropies = wanted ? new Float32Array(count) : undefined;
      for (let start = 0; start < count; start += batchSize) {
        await setImmediate();
        throwIfAborted(signal);
        const size = Math.min(batchSize, count - start);
        const batch = tf.tidy(() => {
          if (size === count && size === batchSize) return images.clone();
          const rows = tf.slice(images, start, size);
          return size === batchSize
            ? rows
            : tf.pad(rows, [
                [0, batchSize - size],
                [0, 0],
                [0, 0],
                [0, 0],
              ]);
        });
        const [label, confidence, entropy] = graph.run(batch);
        labels.set((await label!.data()).subarray(0, size), start);
        confidences.set((await confidence!.data()).subarray(0, size) as Float32Array, start);
        entropies?.set((await entropy!.data()).subarray(0, size) as Float32Array, start);
        tf.dispose([batch, label!, confidence!, entropy]);
      }
      return { labels, confidences, ...(entropies && { entropies }) };
    },
  };
}
