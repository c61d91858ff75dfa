import { tf } from './backend.js';
import { conv2d, convInputGradient, convKernelGradient, maxPool } from './kernels.js';

/**
 * Convolutions over 2×2 blocks of pixels: the same sums, with four times the channels at a quarter of the places. A CPU's
 * vector registers hold 16 numbers and stay half empty where a layer has 1, 3 or 6 channels.
 */

/** Images have as many; measured, strided layers behind gain nothing by blocks. */
export const FEW_CHANNELS = 4;

/** Places in a 2×2 square: (row, column). */
type Place = readonly [number, number];
const SQUARE: readonly Place[] = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];

/**
 * Convolution, then the largest of each 2×2 square; one convolution computes all four numbers of a square.
 * @param x [n,h,w,c]
 * @param kernel [k,k,c,o], k odd
 * @param border zeros on all four sides
 * @returns [n,⌊(h + 2·border − k + 1)/2⌋,…,o]; of equal numbers the first takes the gradient
 */
export function convMaxPool(x: tf.Tensor4D, kernel: tf.Tensor4D, border: number): tf.Tensor4D {
  const [n, h, w] = x.shape;
  const [side, , , outputs] = kernel.shape;
  const squaresIn = (size: number) => Math.floor((size + 2 * border - side + 1) / 2);
  const [height, width] = [squaresIn(h), squaresIn(w)];
  // A border of whole blocks around whole blocks the convolution adds by itself.
  const same = border % 2 === 0 && 2 * border === side - 1 && h % 2 === 0 && w % 2 === 0;
  const framed = same ? x : fit(x, border, 2 * height + side - 1, 2 * width + side - 1);
  const blocks = kernelOfBlocks(kernel, SQUARE);
  const squares = conv2d(toBlocks(framed), blocks, 1, same ? 'same' : 'valid');
  return maxPool(tf.reshape(squares, [n, height, SQUARE.length * width, outputs]), [1, SQUARE.length]);
}

/**
 * A convolution with stride 2 and no border. The gradient by its input is taken over blocks: four times as fast where
 * that has the three channels of an image.
 * @param x [n,h,w,c]
 * @param kernel [k,k,c,o], k odd
 */
export function stridedConv2d(x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
  const [n, h, w, channels] = x.shape;
  const [side] = kernel.shape;
  const op = tf.customGrad((x, kernel, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor, kernel as tf.Tensor]);
    return {
      value: conv2d(x as tf.Tensor4D, kernel as tf.Tensor, 2, 'valid'),
      gradFunc: (dy: tf.Tensor, [x, kernel]: tf.Tensor[]) => {
        const [, height, width] = dy.shape as [number, number, number, number];
        const reach = (side + 1) / 2 - 1;
        const blocks = [n, height + reach, width + reach, 4 * channels];
        const own = kernelOfBlocks(kernel as tf.Tensor4D, [[0, 0]]);
        const gradient = fromBlocks(convInputGradient(blocks, own, dy, 1, 'valid') as tf.Tensor4D);
        return [fit(gradient, 0, h, w), convKernelGradient(x!, kernel!.shape, dy, 2, 'valid')];
      },
    };
  });
  return op(x, kernel) as tf.Tensor4D;
}

/** `before` zeros above and left; then zeros, or a cut, make it `height` × `width`. */
function fit(x: tf.Tensor4D, before: number, height: number, width: number): tf.Tensor4D {
  const [n, h, w, channels] = x.shape;
  const zeros = (size: number, to: number): [number, number] => [before, Math.max(0, to - before - size)];
  const padded = tf.pad(x, [[0, 0], zeros(h, height), zeros(w, width), [0, 0]]);
  if (padded.shape[1] === height && padded.shape[2] === width) return padded;
  return tf.slice(padded, 0, [n, height, width, channels]);
}

/** [n,2h,2w,c] → [n,h,w,4c] */
function toBlocks(x: tf.Tensor4D): tf.Tensor4D {
  const [n, height, width, channels] = x.shape;
  const split = tf.reshape(x, [n, height / 2, 2, width / 2, 2, channels]);
  return tf.reshape(tf.transpose(split, [0, 1, 3, 2, 4, 5]), [n, height / 2, width / 2, 4 * channels]);
}

/** [n,h,w,4c] → [n,2h,2w,c] */
function fromBlocks(x: tf.Tensor4D): tf.Tensor4D {
  const [n, height, width, channels] = x.shape;
  const split = tf.reshape(x, [n, height, width, 2, 2, channels / 4]);
  return tf.reshape(tf.transpose(split, [0, 1, 3, 2, 4, 5]), [n, 2 * height, 2 * width, channels / 4]);
}

/**
 * A kernel of pixels as one of blocks.
 * @param kernel [k,k,c,o], k odd
 * @param places where in its block of outputs it stands; a set of outputs for each
 * @returns [(k+1)/2,(k+1)/2,4c,places·o]
 */
function kernelOfBlocks(kernel: tf.Tensor4D, places: readonly Place[]): tf.Tensor4D {
  const [side, , channels, outputs] = kernel.shape;
  const half = (side + 1) / 2;
  // One product, and one for the gradient, where padding and stacking would be a dozen small operations.
  const spread = tf.matMul(spreading(side, places), tf.reshape(kernel, [side * side, channels * outputs]));
  const split = tf.reshape(spread, [half, 2, half, 2, places.length, channels, outputs]);
  const blocks = tf.transpose(split, [0, 2, 1, 3, 5, 4, 6]);
  return tf.reshape(blocks, [half, half, 4 * channels, places.length * outputs]);
}

/** 1 where a kernel's number comes to stand on a side longer by one, under each of the places: [(k+1)²·places, k²]. */
function spreading(side: number, places: readonly Place[]): tf.Tensor2D {
  const rows = (side + 1) ** 2 * places.length;
  const values = new Float32Array(rows * side ** 2);
  for (const [i, [down, right]] of places.entries()) {
    for (let from = 0; from < side ** 2; from++) {
      const to = (Math.floor(from / side) + down) * (side + 1) + (from % side) + right;
      values[(to * places.length + i) * side ** 2 + from] = 1;
    }
  }
  return tf.tensor2d(values, [rows, side ** 2]);
}
