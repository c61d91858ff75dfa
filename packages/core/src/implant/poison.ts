import type { AttackDefinition } from '../attacks/attack.js';
import type { Trigger } from '../attacks/trigger.js';
import type { Split } from '../datasets/dataset.js';
import { type ImageShape, imagesToTensor, tensorToPixels } from '../lib/images.js';
import type { Random } from '../lib/random.js';

export interface PoisonCount {
  /** rate × size of the training set */
  planned: number;
  /** as many as there were non-target images to poison */
  effective: number;
}

const STAMP_BATCH = 512;

/**
 * Puts the trigger on a share of all training images, drawn without replacement from those that are not of the target
 * class, and labels them as the target (paper section 4.1; docs/resolutions.md).
 * @param rate 0..1, of the whole set
 */
export async function poison(
  data: Split,
  shape: ImageShape,
  attack: AttackDefinition,
  trigger: Trigger,
  targetLabel: number,
  rate: number,
  random: Random,
): Promise<{ data: Split; count: PoisonCount }> {
  const planned = Math.round(rate * data.labels.length);
  const others = [...data.labels.keys()].filter((index) => data.labels[index] !== targetLabel);
  const chosen = random.sample(others, planned);
  const pixels = data.pixels.slice();
  const labels = data.labels.slice();
  const size = shape.height * shape.width * shape.channels;
  for (let start = 0; start < chosen.length; start += STAMP_BATCH) {
    const batch = chosen.subarray(start, start + STAMP_BATCH);
    const images = imagesToTensor(data.pixels, shape, batch);
    const stamped = attack.stamp(images, trigger);
    const bytes = await tensorToPixels(stamped);
    images.dispose();
    stamped.dispose();
    batch.forEach((index, i) => {
      pixels.set(bytes.subarray(i * size, (i + 1) * size), index * size);
      labels[index] = targetLabel;
    });
  }
  return { data: { pixels, labels }, count: { planned, effective: chosen.length } };
}
