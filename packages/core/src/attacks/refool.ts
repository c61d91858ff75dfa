import { z } from 'zod';
import { tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import { roundTo8Bits } from '../lib/images.js';

import { choice, file, integer, real } from '../lib/params.js';
import { blurred } from '../transforms/blur.js';
import { defineAttack } from './attack.js';
import { layerOf, layerTrigger } from './trigger.js';

const EFFECTS = ['ghost', 'outOfFocus', 'sameDepth'] as const;
/** Light adds up where levels are linear in it. */
const GAMMA = 2.2;
/** The size of pictures that Refool's blurs are meant for. */
const REFERENCE_PX = 560;

/**
 * A reflection, as of something before the window one photographs through: eq. 2 of the paper, x + x_r ⊗ k. It names
 * three kernels and leaves open which is used and how strongly (docs/resolutions.md).
 */
export const refool = defineAttack({
  title: 'Reflection (Refool)',
  description: 'The reflection of a picture over the whole image, as in a window.',
  paper: {
    citation:
      'Liu, Y., Ma, X., Bailey, J., Lu, F.: Reflection backdoor: a natural backdoor attack on deep neural networks (2020)',
    url: 'https://arxiv.org/abs/2007.02343',
  },
  parameters: z.strictObject({
    effect: choice(
      EFFECTS,
      'ghost',
      'Ghost: two shifted copies, as thick glass makes. Out of focus: blurred. Same depth: sharp, weighed by brightness.',
    ),
    imageWeight: real(0, 1, 0.65, '', 'Weight of the image under a ghost or a reflection out of focus.'),
    pictureFile: file('A picture to reflect, by its path; an apple where there is none.'),
    ghostOffsetPx: integer(0, 64, 3, 'px', 'Distance of the two copies, right and down.'),
    ghostWeight: real(0, 1, 0.6, '', 'Weight of the first copy; the second has the rest.'),
    blur: real(0.1, 20, 3, 'px at 560 px', 'Standard deviation of the blur of a reflection out of focus.'),
  }),
  poisonRate: 0.2,
  triggerTransforms: true,
  checkParameters({ effect, ghostOffsetPx }, { height, width }) {
    if (effect === 'ghost' && ghostOffsetPx >= Math.min(height, width)) {
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        `A second copy ${ghostOffsetPx} px away is outside an image of ${width}×${height} px.`,
        ['ghostOffsetPx'],
      );
    }
  },
  files: {
    pictureFile: async (file, { height, width, channels }) => {
      const [{ beforeDarkness }, { checkPicture, readPicture }] = await Promise.all([
        import('./art/drawing.js'),
        import('./art/picture.js'),
      ]);
      await checkPicture(file);
      const picture = beforeDarkness(await readPicture(file, height, width, channels));
      if (!picture.some((level) => level > 0)) throw black(file);
    },
  },
  async createTrigger({ pictureFile }, { shape }) {
    const { height, width, channels } = shape;
    const [{ apple }, { beforeDarkness }, { fitChannels }, { readPicture }] = await Promise.all([
      import('./art/apple.js'),
      import('./art/drawing.js'),
      import('./art/luminance.js'),
      import('./art/picture.js'),
    ]);
    const picture = pictureFile
      ? beforeDarkness(await readPicture(pictureFile, height, width, channels))
      : fitChannels(await apple(height, width), channels);
    // What is black reflects nothing: it belongs to the trigger no more than what is transparent.
    const mask = Float32Array.from({ length: height * width }, (_, pixel) =>
      Number(picture.subarray(pixel * channels, (pixel + 1) * channels).some((level) => level > 0)),
    );
    if (!mask.includes(1)) throw black(pictureFile);
    return layerTrigger(shape, picture, mask);
  },
  stamp(images, trigger, { effect, imageWeight, ghostOffsetPx, ghostWeight, blur }, plan) {
    const { height, width } = trigger.shape;
    return tf.tidy(() => {
      const light = tf.pow(images, GAMMA) as tf.Tensor4D;
      const reflection = tf.pow(layerOf(trigger, plan).weighted, GAMMA) as tf.Tensor4D;
      const mix = (reflected: tf.Tensor, weight: tf.Tensor | number) =>
        tf.add(tf.mul(light, weight), tf.mul(reflected, tf.sub(1, weight)));
      const mixed = {
        ghost: () =>
          mix(
            tf.add(
              tf.mul(reflection, ghostWeight),
              tf.mul(shift(reflection, ghostOffsetPx), 1 - ghostWeight),
            ),
            imageWeight,
          ),
        outOfFocus: () => {
          const soft = blurred(reflection, (blur * Math.min(height, width)) / REFERENCE_PX);
          return mix(tf.mul(soft, softWindow(height, width)), imageWeight);
        },
        sameDepth: () => {
          const brightness = tf.mean(light, [1, 2, 3], true);
          const other = tf.mean(reflection, [1, 2, 3], true);
          return mix(reflection, tf.div(brightness, tf.maximum(tf.add(brightness, other), 1e-6)));
        },
      }[effect]();
      return roundTo8Bits(tf.pow(tf.clipByValue(mixed, 0, 1), 1 / GAMMA) as tf.Tensor4D);
    });
  },
});

const black = (file: string) =>
  new TrojanscopeError('BAD_USER_INPUT', `${file} is black: it reflects nothing.`, ['pictureFile']);

/** Moves images right and down; nothing comes in. */
function shift(images: tf.Tensor4D, byPx: number): tf.Tensor {
  const [count, height, width, channels] = images.shape;
  return tf.pad(tf.slice(images, [0, 0, 0, 0], [count, height - byPx, width - byPx, channels]), [
    [0, 0],
    [byPx, 0],
    [byPx, 0],
    [0, 0],
  ]);
}

/** 1 in the middle, fading like a Gaussian of half the side towards the borders: [1,h,w,1]. */
function softWindow(height: number, width: number): tf.Tensor {
  const bell = (size: number) => {
    const from = (size - 1) / 2;
    return tf.exp(tf.mul(tf.square(tf.div(tf.sub(tf.range(0, size), from), size / 2)), -0.5));
  };
  return tf.reshape(tf.outerProduct(bell(height) as tf.Tensor1D, bell(width) as tf.Tensor1D), [
    1,
    height,
    width,
    1,
  ]);
}
