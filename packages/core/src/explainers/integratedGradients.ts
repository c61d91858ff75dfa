import { z } from 'zod';
import { imagesAtOnce } from '../architectures/batches.js';
import { tf } from '../lib/backend.js';
import { compile } from '../lib/compile.js';
import { choice, integer, real } from '../lib/params.js';
import { channelSum, classMask, defineExplainer, FILLS, filled } from './explainer.js';

/** A difference of logits below this is none to take a share of. */
const LEAST_DIFFERENCE = 1;
/** Steps are divided so often at most. */
const DIVISIONS = 2;

/**
 * Integrated gradients (Sundararajan et al. 2017, eq. 1): each number of the image minus the baseline's, times the mean
 * gradient on the straight way between the two. The integral is a sum over the middles of equal steps, which comes
 * nearer than the ends that eq. 3 takes. Completeness (Proposition 1): the map sums to the difference of the two
 * logits. How far it does not is told, over that difference or 1, whichever is larger; while that is too much, each step
 * is divided into three, whose middle one has the same middle, so that nothing is computed twice.
 */
export const integratedGradients = defineExplainer({
  title: 'Integrated Gradients',
  description:
    'The gradient of the class’s score, integrated on the way from a baseline to the image: the map sums to what the score gains on it.',
  paper: {
    citation: 'Sundararajan, M., Taly, A., Yan, Q.: Axiomatic attribution for deep networks (2017)',
    url: 'https://arxiv.org/abs/1703.01365',
  },
  parameters: z.strictObject({
    steps: integer(1, 1_000, 64, '', 'Steps from the baseline to the image, to begin with.'),
    tolerance: real(
      0,
      1,
      0.001,
      '',
      'How far the map’s sum may be from what the score gains, as a share of that: beyond it each step is divided into three, twice at most.',
    ),
    baseline: choice(FILLS, 'BLACK', 'What stands for nothing: a level, or the image’s mean colour.'),
  }),
  highlight: 0.5,
  create({ network, weights, shape, classes }) {
    const { height, width, channels } = shape;
    const chunk = imagesAtOnce({ network, weights }, 'backward', shape, 32);
    const examples = [
      tf.zeros([chunk, height, width, channels]),
      tf.zeros([classes]),
      tf.zeros([chunk, 1, 1, 1]),
    ];
    const graph = compile((images, ofClass, counted) => {
      const scores = (x: tf.Tensor) => tf.sum(tf.mul(network.logits(weights, x as tf.Tensor4D), ofClass!), 1);
      const gradient = tf.grad((x) => tf.sum(scores(x)))(images!);
      return [tf.sum(tf.mul(gradient, counted!), 0), scores(images!)];
    }, examples);
    tf.dispose(examples);
    return {
      dispose: graph.dispose,
      async map(image, label, { steps, tolerance, baseline }) {
        const from = tf.tidy(() => tf.add(tf.zerosLike(image), filled(image, baseline)));
        const ofClass = classMask(label, classes);
        /** Images at some shares of the way, and the sum of the gradients there. */
        const along = async (shares: readonly number[]) => {
          const pad = <T>(list: readonly number[], by: T) => [
            ...list,
            ...Array(chunk - list.length).fill(by),
          ];
          const shape: [number, number, number, number] = [chunk, 1, 1, 1];
          const [images, counted] = tf.tidy(() => [
            tf.add(from, tf.mul(tf.tensor4d(pad(shares, 0), shape), tf.sub(image, from))),
            tf.tensor4d(
              pad(
                shares.map(() => 1),
                0,
              ),
              shape,
            ),
          ]);
          const results = graph.run(images!, ofClass, counted!);
          const [sum, scores] = await Promise.all(results.map((result) => result.data()));
          tf.dispose([images!, counted!, results]);
          return { sum: sum!, scores: scores! };
        };
        const [at, start] = [(await along([1])).scores[0]!, (await along([0])).scores[0]!];
        const gained = at - start;
        const [x, before] = [await image.data(), await from.data()];
        const sums = new Float64Array(height * width * channels);
        const addAlong = async (shares: readonly number[]) => {
          for (let first = 0; first < shares.length; first += chunk) {
            const { sum } = await along(shares.slice(first, first + chunk));
            for (let i = 0; i < sums.length; i++) sums[i]! += sum[i]!;
          }
        };
        const middles = (count: number) => Array.from({ length: count }, (_, i) => (i + 0.5) / count);
        /** The map of the steps so far, and how far it is from complete. */
        const mapOf = (count: number) => {
          const attributions = Float32Array.from(sums, (sum, i) => (sum / count) * (x[i]! - before[i]!));
          const total = attributions.reduce((all, value) => all + value, 0);
          return {
            values: channelSum(attributions, channels),
            completenessError: Math.abs(total - gained) / Math.max(LEAST_DIFFERENCE, Math.abs(gained)),
          };
        };
        await addAlong(middles(steps));
        let made = mapOf(steps);
        for (let count = 3 * steps; made.completenessError > tolerance; count *= 3) {
          if (count > steps * 3 ** DIVISIONS) break;
          await addAlong(middles(count).filter((_, i) => i % 3 !== 1));
          made = mapOf(count);
        }
        tf.dispose([from, ofClass]);
        return made;
      },
    };
  },
});
