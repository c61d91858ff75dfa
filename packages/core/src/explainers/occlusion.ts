import { z } from 'zod';
import { imagesAtOnce } from '../architectures/batches.js';
import { tf } from '../lib/backend.js';
import { compile } from '../lib/compile.js';
import { choice, real } from '../lib/params.js';
import { classMask, defineExplainer, FILLS, filled } from './explainer.js';

/**
 * Occlusion (Zeiler and Fergus 2014, section 4.2): what the class's logit loses while a square covers part of the image.
 * A pixel that several squares cover has their mean.
 */
export const occlusion = defineExplainer({
  title: 'Occlusion',
  description:
    'What the class’s score loses while a square covers part of the image, square by square over all of it.',
  paper: {
    citation: 'Zeiler, M. D., Fergus, R.: Visualizing and understanding convolutional networks (2014)',
    url: 'https://arxiv.org/abs/1311.2901',
  },
  parameters: z.strictObject({
    window: real(0.02, 1, 0.15, '', 'Side of the square as a share of the image’s longer side.'),
    stride: real(0.1, 1, 0.5, '', 'How far it moves, as a share of its own side.'),
    fill: choice(FILLS, 'MEAN', 'What covers: a level, or the image’s mean colour.'),
  }),
  highlight: 0.9,
  create({ network, weights, shape, classes }) {
    const { height, width, channels } = shape;
    const chunk = imagesAtOnce({ network, weights }, 'forward', shape, 64);
    const examples = [tf.zeros([chunk, height, width, channels]), tf.zeros([classes])];
    const graph = compile(
      (images, ofClass) => tf.sum(tf.mul(network.logits(weights, images as tf.Tensor4D), ofClass!), 1),
      examples,
    );
    tf.dispose(examples);
    return {
      dispose: graph.dispose,
      async map(image, label, { window, stride, fill }) {
        const side = Math.max(1, Math.round(window * Math.max(height, width)));
        const step = Math.max(1, Math.round(stride * side));
        const squares = startsOf(height, side, step).flatMap((top) =>
          startsOf(width, side, step).map((left) => ({ top, left })),
        );
        const ofClass = classMask(label, classes);
        /** The logit of the image with each of these squares covered; of null, with none. */
        const scoresOf = async (covered: readonly ({ top: number; left: number } | null)[]) => {
          const cover = new Float32Array(chunk * height * width);
          covered.forEach((square, i) => {
            if (!square) return;
            for (const pixel of pixelsOf(square, side, height, width)) cover[i * height * width + pixel] = 1;
          });
          const images = tf.tidy(() => {
            const mask = tf.tensor4d(cover, [chunk, height, width, 1]);
            return tf.add(tf.mul(image, tf.sub(1, mask)), tf.mul(filled(image, fill), mask));
          });
          const [scores] = graph.run(images, ofClass);
          const values = await scores!.data();
          tf.dispose([images, scores!]);
          return values.subarray(0, covered.length);
        };
        const [whole] = await scoresOf([null]);
        const [sum, times] = [new Float64Array(height * width), new Float64Array(height * width)];
        for (let first = 0; first < squares.length; first += chunk) {
          const own = squares.slice(first, first + chunk);
          const scores = await scoresOf(own);
          own.forEach((square, i) => {
            for (const pixel of pixelsOf(square, side, height, width)) {
              sum[pixel]! += whole! - scores[i]!;
              times[pixel]!++;
            }
          });
        }
        ofClass.dispose();
        return { values: Float32Array.from(sum, (all, pixel) => all / times[pixel]!) };
      },
    };
  },
});

/** Where squares begin on an axis, so that the last reaches its end: it may stick out, and is cut there. */
function startsOf(length: number, side: number, step: number): number[] {
  const count = Math.ceil(Math.max(0, length - side) / step) + 1;
  return Array.from({ length: count }, (_, i) => i * step);
}

/** The pixels of a square that lie on the image. */
function pixelsOf(
  { top, left }: { top: number; left: number },
  side: number,
  height: number,
  width: number,
): number[] {
  const pixels: number[] = [];
  for (let y = top; y < Math.min(top + side, height); y++)
    for (let x = left; x < Math.min(left + side, width); x++) pixels.push(y * width + x);
  return pixels;
}
