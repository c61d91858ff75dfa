import type { Network } from '../architectures/architecture.js';
import { tf } from '../lib/backend.js';
import type { Box, ImageShape } from '../lib/images.js';

/** How an imported network is asked, where its file does not say. What is left out is as it is for networks of our own. */
export interface OnnxReading {
  /** Which of its outputs is asked, by its place; the first where it is left out. */
  output?: number;
  /** It answers with probabilities, and no softmax at its end could be left away for logits. */
  probabilities?: true;
  /** It sees the square of so many px in the middle of images; all of them where it is left out. */
  crop?: number;
  /** It takes channels in the order of BGR. */
  bgr?: true;
  /** For each label the output that says it; the same where it is left out. */
  order?: number[];
}

/** What a network sees of images of this shape. */
export const seenOf = (images: ImageShape, { crop }: Pick<OnnxReading, 'crop'> = {}): ImageShape =>
  crop === undefined ? images : { ...images, height: crop, width: crop };

/** The middle, as torchvision's CenterCrop has it: half a pixel is rounded to the even one. */
function middleOf({ height, width }: Pick<ImageShape, 'height' | 'width'>, side: number): Box {
  const start = (length: number) => {
    const spare = length - side;
    return spare % 4 === 3 ? (spare + 1) / 2 : Math.floor(spare / 2);
  };
  return { top: start(height), left: start(width), height: side, width: side };
}

function cut(images: tf.Tensor4D, side: number): tf.Tensor4D {
  const [count, height, width, channels] = images.shape;
  const { top, left } = middleOf({ height, width }, side);
  return tf.slice(images, [0, top, left, 0], [count, side, side, channels]);
}

/** A probability of 0 has no logarithm. */
const LEAST = 1e-30;

/**
 * The network as one of our own: for images of RGB, with a logit for each label. Of probabilities the logits are their
 * logarithms: softmax makes the same probabilities of them again, and what is explained is the logarithm.
 */
export function readAs<N extends Network>(network: N, { probabilities, crop, bgr, order }: OnnxReading): N {
  if (!probabilities && !crop && !bgr && !order) return network;
  return {
    ...network,
    logits: (weights, images, tap) =>
      tf.tidy(() => {
        const seen = crop ? cut(images, crop) : images;
        const answers = network.logits(weights, bgr ? tf.reverse(seen, 3) : seen, tap);
        const logits = probabilities ? tf.log(tf.add<tf.Tensor2D>(answers, LEAST)) : answers;
        return order ? tf.gather(logits, order, 1) : logits;
      }),
    ...(crop && { looksAt: (images: ImageShape) => middleOf(images, crop) }),
  };
}
