import { tf } from '../../lib/backend.js';
import type { Random } from '../../lib/random.js';

/**
 * Made images of earlier steps, so that a discriminator does not forget what it has learnt to see through (Zhu et al.
 * 2017, section 4: 50 images).
 */
export interface ImagePool {
  /**
   * Of each image, in half of the cases a kept one in its place, once the pool is full.
   * @param images [n,h,w,c], which become the pool's
   * @returns [n,h,w,c], the caller's to dispose
   */
  exchange(images: tf.Tensor4D, random: Random): tf.Tensor4D;
  /** [k,h,w,c] of all that it keeps, new; undefined while it is empty. */
  contents(): tf.Tensor4D | undefined;
  dispose(): void;
}

/** @param contents what an earlier pool kept, which become this one's */
export function createImagePool(capacity: number, contents?: tf.Tensor4D): ImagePool {
  const kept = contents ? singles(contents) : [];
  contents?.dispose();
  return {
    exchange(images, random) {
      const single = singles(images);
      const chosen = single.map((image) => {
        if (kept.length < capacity) {
          kept.push(image);
          return image;
        }
        if (random.float() < 0.5) return image;
        const place = random.integer(capacity);
        const old = kept[place]!;
        kept[place] = image;
        return old;
      });
      const result = tf.concat(chosen);
      tf.dispose([images, [...chosen, ...single].filter((image) => !kept.includes(image))]);
      return result;
    },
    contents: () => (kept.length > 0 ? tf.concat(kept) : undefined),
    dispose: () => tf.dispose(kept),
  };
}

const singles = (images: tf.Tensor4D) => tf.split(images, images.shape[0]) as tf.Tensor4D[];
