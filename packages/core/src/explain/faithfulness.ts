import { imagesAtOnce } from '../architectures/batches.js';
import { type Explained, filled } from '../explainers/explainer.js';
import { tf } from '../lib/backend.js';
import { compile } from '../lib/compile.js';
import { createRandom } from '../lib/random.js';

/**
 * Whether the pixels that a map calls important are so to the model: areas, 0..1, under the explained class's confidence
 * while pixels are taken away (`deletion`: less is better) or put in (`insertion`: more is better), the most important
 * first (Petsiuk et al. 2018, arXiv:1806.07421); and the same in a random order.
 */
export interface Faithfulness {
  deletion: number;
  insertion: number;
  randomDeletion: number;
  randomInsertion: number;
}

/** Pixels come and go in so many equal steps: a row each of MNIST. */
const STEPS = 28;

export interface FaithfulnessMeter {
  /**
   * What is taken away gives way to the image's mean colour.
   * @param image [h,w,c] in [0,1]
   * @param saliency [h·w]; signed maps count by magnitude
   * @param seed of the random order, which also decides between pixels that are equally important
   * @returns null of a map that is zero everywhere: it has no order
   */
  measure(
    image: tf.Tensor3D,
    label: number,
    saliency: Float32Array,
    seed: number,
  ): Promise<Faithfulness | null>;
  dispose(): void;
}

export function createFaithfulness({ network, weights, shape, classes }: Explained): FaithfulnessMeter {
  const { height, width, channels } = shape;
  const pixels = height * width;
  const batch = imagesAtOnce({ network, weights }, 'forward', shape, 2 * (STEPS + 1));
  const example = tf.zeros<tf.Rank.R4>([batch, height, width, channels]);
  const graph = compile((images) => tf.softmax(network.logits(weights, images as tf.Tensor4D)), [example]);
  example.dispose();

  /** The class's confidence where these pixels alone are the image's. */
  async function confidences(image: tf.Tensor3D, label: number, kept: readonly Float32Array[]) {
    const found: number[] = [];
    for (let first = 0; first < kept.length; first += batch) {
      const own = kept.slice(first, first + batch);
      const masks = new Float32Array(batch * pixels);
      own.forEach((mask, i) => {
        masks.set(mask, i * pixels);
      });
      const images = tf.tidy(() => {
        const keep = tf.tensor4d(masks, [batch, height, width, 1]);
        return tf.add(tf.mul(image, keep), tf.mul(filled(image, 'MEAN'), tf.sub(1, keep)));
      });
      const [probabilities] = graph.run(images);
      const values = await probabilities!.data();
      tf.dispose([images, probabilities!]);
      own.forEach((_, i) => {
        found.push(values[i * classes + label]!);
      });
    }
    return found;
  }

  /** @param order of the pixels, the most important first */
  async function areas(image: tf.Tensor3D, label: number, order: Int32Array) {
    const steps = Array.from({ length: STEPS + 1 }, (_, step) => Math.round((step * pixels) / STEPS));
    const first = (count: number, value: number) => {
      const mask = new Float32Array(pixels).fill(1 - value);
      for (const pixel of order.subarray(0, count)) mask[pixel] = value;
      return mask;
    };
    const kept = [...steps.map((count) => first(count, 0)), ...steps.map((count) => first(count, 1))];
    const all = await confidences(image, label, kept);
    return { deletion: area(all.slice(0, STEPS + 1)), insertion: area(all.slice(STEPS + 1)) };
  }

  return {
    dispose: graph.dispose,
    async measure(image, label, saliency, seed) {
      if (saliency.every((value) => value === 0)) return null;
      const shuffled = createRandom(seed).fork('pixels').permutation(pixels);
      // Sorting is stable: what is equal stays in random order.
      const ranked = shuffled.toSorted((a, b) => Math.abs(saliency[b]!) - Math.abs(saliency[a]!));
      const own = await areas(image, label, ranked);
      const random = await areas(image, label, shuffled);
      return { ...own, randomDeletion: random.deletion, randomInsertion: random.insertion };
    },
  };
}

/** Under values at equal distances over 0..1, by trapezoids. */
const area = (values: readonly number[]): number =>
  values.slice(1).reduce((sum, value, i) => sum + (value + values[i]!) / 2, 0) / (values.length - 1);
