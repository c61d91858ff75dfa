import { z } from 'zod';
import { tf } from '../lib/backend.js';
import { compile } from '../lib/compile.js';
import { TrojanscopeError } from '../lib/errors.js';
import { choice } from '../lib/params.js';
import { classMask, defineExplainer, type Explained } from './explainer.js';

/**
 * Grad-CAM (Selvaraju et al. 2017, section 3): the maps of the last convolution, each weighed by the mean gradient of the
 * class's logit over it, summed and rectified; then brought to the image's size, bilinearly.
 */
export const gradCam = defineExplainer({
  title: 'Grad-CAM',
  description:
    'The last convolution’s maps, each weighed by the class’s gradient over it, summed and enlarged to the image.',
  paper: {
    citation:
      'Selvaraju, R. R., et al.: Grad-CAM: Visual explanations from deep networks via gradient-based localization (2017)',
    url: 'https://arxiv.org/abs/1610.02391',
  },
  parameters: z.strictObject({
    sign: choice(
      ['POSITIVE', 'BOTH'],
      'POSITIVE',
      'POSITIVE keeps what speaks for the class, as the paper does; BOTH keeps what speaks against it too.',
    ),
  }),
  highlight: 0.9,
  create(explained) {
    const { network, weights, shape, classes } = explained;
    const { height, width, channels } = shape;
    const size = shapeOfMaps(explained);
    const examples = [tf.zeros([1, height, width, channels]), tf.zeros([classes]), tf.zeros(size)];
    const graph = compile((images, ofClass, nothing) => {
      let activations: tf.Tensor4D | undefined;
      // What is added to the maps is 0: the logit's gradient by it is that by the maps.
      const gradient = tf.grad((added) =>
        tf.sum(
          tf.mul(
            network.logits(weights, images as tf.Tensor4D, (own) => {
              activations ??= tf.keep(own.clone());
              return tf.add(own, added);
            }),
            ofClass!,
          ),
        ),
      )(nothing!);
      const weighed = tf.mul(activations!, tf.mean(gradient, [1, 2], true));
      activations!.dispose();
      const both = tf.sum(weighed, 3, true) as tf.Tensor4D;
      const seen = network.looksAt?.(shape) ?? { top: 0, left: 0, height, width };
      const around = (at: number, size: number, all: number): [number, number] => [at, all - at - size];
      const enlarged = (small: tf.Tensor4D) =>
        tf.pad(tf.image.resizeBilinear(small, [seen.height, seen.width], false, true), [
          [0, 0],
          around(seen.top, seen.height, height),
          around(seen.left, seen.width, width),
          [0, 0],
        ]);
      return [enlarged(both), enlarged(tf.relu(both))];
    }, examples);
    tf.dispose(examples);
    return {
      dispose: graph.dispose,
      async map(image, label, { sign }) {
        const inputs = [tf.expandDims(image, 0), classMask(label, classes), tf.zeros(size)];
        const maps = graph.run(...inputs);
        const values = (await maps[sign === 'BOTH' ? 0 : 1]!.data()) as Float32Array;
        tf.dispose([inputs, maps]);
        return { values };
      },
    };
  },
});

/** [1,h,w,k] of the last convolution's maps. */
function shapeOfMaps({ network, weights, shape }: Explained): number[] {
  const { height, width, channels } = shape;
  let maps: number[] | undefined;
  tf.tidy(() => {
    network.logits(weights, tf.zeros([1, height, width, channels]), (own) => {
      maps = own.shape;
      return own;
    });
  });
  if (maps) return maps;
  throw new TrojanscopeError(
    'UNSUPPORTED',
    'Grad-CAM: expected a network with a convolution whose maps have a height and a width; this one has none. Choose another method.',
    ['method'],
  );
}
