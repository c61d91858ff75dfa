import { attackOf } from '../attacks/index.js';
import type { Trigger } from '../attacks/trigger.js';
import { type DatasetId, datasets } from '../datasets/index.js';
import { loadSplit } from '../datasets/loadSplit.js';
import { type Model, partsOf } from '../implant/model.js';
import { tf } from '../lib/backend.js';
import { encodePng, imagesToTensor, tensorToPixels } from '../lib/images.js';
import { planFor, planOf, requireBackdoor, type Setting, trojanedImages } from './subjects.js';
import { directionsOf } from './sweep.js';

/** The trojaned, transformed image of one sample of a sweep, as the model saw it, made again from seed and spec. */
export async function outcomePicture(
  model: Model,
  setting: Setting & { seed: number; samples: number },
  position: number,
  sampleIndex: number,
): Promise<Buffer> {
  const backdoored = requireBackdoor(model, setting.target);
  const { dataset } = partsOf(model.record.spec);
  const test = await loadSplit(model.record.spec.dataset, 'test');
  const plan = planFor(planOf(setting, backdoored, setting.samples, directionsOf(setting.seed)), [position]);
  const image = tf.tidy(() =>
    trojanedImages(
      imagesToTensor(test.pixels, dataset.shape, [sampleIndex]),
      backdoored,
      setting.target,
      plan,
    ),
  );
  const pixels = await tensorToPixels(image);
  image.dispose();
  return encodePng(pixels, dataset.shape);
}

/** The pattern where its mask lets it show, transparent elsewhere: RGBA. */
export function triggerPicture({ shape, pattern, mask }: Trigger): Promise<Buffer> {
  const { height, width, channels } = shape;
  const pixels = new Uint8Array(height * width * 4);
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < 3; c++)
      pixels[i * 4 + c] = Math.round(255 * pattern[i * channels + (channels === 3 ? c : 0)]!);
    pixels[i * 4 + 3] = Math.round(255 * mask[i]!);
  }
  return encodePng(pixels, { height, width, channels: 4 });
}

/** The first test image that is not of the target class, with the trigger on it. */
export async function triggerOnSample(model: Model): Promise<Buffer> {
  const { record, trigger } = requireBackdoor(model);
  const { dataset } = partsOf(record.spec);
  const { attack, targetLabel } = record.spec.backdoor!;
  const test = await loadSplit(record.spec.dataset, 'test');
  const index = test.labels.findIndex((label) => label !== targetLabel);
  const stamped = tf.tidy(() =>
    attackOf(attack).stamp(imagesToTensor(test.pixels, dataset.shape, [index]), trigger),
  );
  const pixels = await tensorToPixels(stamped);
  stamped.dispose();
  return encodePng(pixels, dataset.shape);
}

/** A clean image of the test split. */
export async function samplePicture(dataset: DatasetId, index: number): Promise<Buffer> {
  const { pixels } = await loadSplit(dataset, 'test');
  const { shape } = datasets[dataset];
  const size = shape.height * shape.width * shape.channels;
  return encodePng(pixels.subarray(index * size, (index + 1) * size), shape);
}
