import { tf } from '../lib/backend.js';
import { projectImages } from '../lib/kernels.js';
import type { Random } from '../lib/random.js';
import type { Augmentation } from './recipe.js';

/**
 * Turns, scales, shifts and mirrors each image by its own draw, bilinearly, black outside.
 * @param images [n,h,w,c] in [0,1]
 * @returns [n,h,w,c]
 */
export function augment(
  images: tf.Tensor4D,
  { rotationDeg, scale, shiftPx, mirror }: Augmentation,
  random: Random,
): tf.Tensor4D {
  const [count, height, width] = images.shape;
  const between = (limit: number) => (2 * random.float() - 1) * limit;
  const rows = Array.from({ length: count }, () => {
    const angle = (between(rotationDeg) * Math.PI) / 180;
    const factor = 1 / (1 + between(scale));
    const flip = mirror && random.float() < 0.5 ? -1 : 1;
    const [a, b] = [factor * flip * Math.cos(angle), factor * -Math.sin(angle)];
    const [c, d] = [factor * flip * Math.sin(angle), factor * Math.cos(angle)];
    const [x, y] = [(width - 1) / 2, (height - 1) / 2];
    // The output's pixel (x, y) shows the source's (ax + by + e, cx + dy + f); the middle stays but for the shift.
    return [a, b, x - a * x - b * y + between(shiftPx), c, d, y - c * x - d * y + between(shiftPx), 0, 0];
  });
  return tf.tidy(() => projectImages(images, tf.tensor2d(rows)));
}
