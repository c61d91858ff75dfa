import { z } from 'zod';
import { tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import { roundTo8Bits } from '../lib/images.js';
import { integer, real } from '../lib/params.js';
import type { Random } from '../lib/random.js';
import { defineAttack } from './attack.js';
import { picture } from './blend.js';
import { layerOf, stampLayer } from './trigger.js';

/**
 * Adaptive-Blend (section 5 and appendix A): a blended picture in pieces, of which each image of the training set shows
 * some, at random, and fainter; all of them at test. Covers have some too and keep their label, so that no single piece is
 * enough. The picture is ours (docs/resolutions.md).
 */
export const adaptiveBlend = defineAttack({
  title: 'Adaptive-Blend',
  description: 'A faint picture over the whole image, of which training shows pieces only.',
  paper: {
    citation:
      'Qi, X., Xie, T., Li, Y., Mahloujifar, S., Mittal, P.: Revisiting the Assumption of Latent Separability for Backdoor Defenses (2023)',
    url: 'https://openreview.net/forum?id=_wSHsgrVali',
  },
  parameters: z.strictObject({
    opacity: real(0.01, 1, 0.2, 'α', 'How far the picture covers the image at test.'),
    trainingOpacity: real(0.01, 1, 0.15, 'α', 'How far its pieces cover images of the training set.'),
    piecesPerSide: integer(1, 16, 4, 'pieces', 'Pieces along each side: 4 make 16.'),
    piecesShown: integer(1, 256, 8, 'pieces', 'Pieces that an image of the training set shows.'),
    ...picture.parameters,
  }),
  poisonRate: 0.003,
  triggerTransforms: true,
  training: {
    coverRatio: 1,
    stamp(images, trigger, parameters, own, plan) {
      const { height, width } = trigger.shape;
      const weights = own.map(({ random }) => shownPieces(parameters, trigger.shape, random));
      return tf.tidy(() => {
        const shown = tf.stack(weights.map((weight) => tf.tensor3d(weight, [height, width, 1])));
        const { weighted, mask } = layerOf(trigger, plan);
        return roundTo8Bits(
          tf.add(tf.mul(images, tf.sub(1, tf.mul(mask, shown))), tf.mul(weighted, shown)) as tf.Tensor4D,
        );
      });
    },
  },
  checkParameters({ piecesPerSide, piecesShown }, { height, width }) {
    if (piecesPerSide > Math.min(height, width))
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        `${piecesPerSide} pieces along a side do not fit an image of ${width}×${height} px.`,
        ['piecesPerSide'],
      );
    if (piecesShown > piecesPerSide ** 2)
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        `Of ${piecesPerSide ** 2} pieces ${piecesShown} cannot be shown; expected at most all.`,
        ['piecesShown'],
      );
  },
  files: picture.files,
  createTrigger: ({ opacity, ...given }, { shape }) => picture.layer(given, opacity, shape),
  stamp: stampLayer,
});

/** What the trigger's layer is multiplied by for an image of the training set. @returns [h·w] */
function shownPieces(
  {
    opacity,
    trainingOpacity,
    piecesPerSide,
    piecesShown,
  }: Record<'opacity' | 'trainingOpacity' | 'piecesPerSide' | 'piecesShown', number>,
  { height, width }: { height: number; width: number },
  random: Random,
): Float32Array {
  const shown = new Set(
    random.sample(
      Array.from({ length: piecesPerSide ** 2 }, (_, i) => i),
      piecesShown,
    ),
  );
  const pieceOf = (at: number, side: number) => Math.floor((at * piecesPerSide) / side);
  return Float32Array.from({ length: height * width }, (_, pixel) => {
    const [row, column] = [pieceOf(Math.floor(pixel / width), height), pieceOf(pixel % width, width)];
    return shown.has(row * piecesPerSide + column) ? trainingOpacity / opacity : 0;
  });
}
