import { attackOf } from '../attacks/index.js';
import type { Trigger } from '../attacks/trigger.js';
import { type DatasetId, datasetOf } from '../datasets/index.js';
import { loadSplit } from '../datasets/loadSplit.js';
import { eligibleFor } from '../implant/eligible.js';
import { type Model, partsOf } from '../implant/model.js';
import { tf } from '../lib/backend.js';
import { encodePng, tensorToPixels } from '../lib/images.js';
import { planFor, planOf, requireBackdoor, type Setting, stamp, trojanedImages } from './subjects.js';

/** The trojaned, transformed image of one sample of a sweep, as the model saw it, made again from seed and spec. */
export async function outcomePicture(
  model: Model,
  setting: Setting & { seed: number; samples: number },
  position: number,
  sampleIndex: number,
): Promise<Buffer> {
  const backdoored = requireBackdoor(model, setting.target);
  const { shape } = partsOf(model.record.spec);
  const test = await loadSplit(model.record.spec.dataset, 'test', shape);
  const plan = planFor(planOf(setting, backdoored, setting.samples, setting.seed), [position]);
  return pictureOf(
    tf.tidy(() =>
      trojanedImages(test.images([sampleIndex]), backdoored, setting.target, plan, [sampleIndex]),
    ),
  );
}

/**
 * The pattern where its mask lets it show, transparent elsewhere: RGBA. What is added is shown on mid-grey, its largest
 * change as black or white: most such triggers are too faint to be seen. None where the trigger is no layer.
 */
export async function triggerPicture({ shape, arrays, mask }: Trigger): Promise<Buffer | undefined> {
  const { height, width, channels } = shape;
  const pattern = arrays.pattern?.values ?? (arrays.add && onGrey(arrays.add.values));
  if (!pattern) return undefined;
  const pixels = new Uint8Array(height * width * 4);
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < 3; c++)
      pixels[i * 4 + c] = Math.round(255 * pattern[i * channels + (channels === 3 ? c : 0)]!);
    pixels[i * 4 + 3] = Math.round(255 * mask[i]!);
  }
  return encodePng(pixels, { height, width, channels: 4 });
}

/** @param add in [-1,1] @returns in [0,1] */
function onGrey(add: Float32Array): Float32Array {
  const largest = add.reduce((most, level) => Math.max(most, Math.abs(level)), 0);
  return add.map((level) => 0.5 + level / (2 * largest));
}

/** The first test image that is eligible, or else the first that the trigger can be put on, with the trigger on it. */
export async function triggerOnSample(model: Model): Promise<Buffer> {
  const backdoored = requireBackdoor(model);
  const { spec } = model.record;
  const test = await loadSplit(spec.dataset, 'test', partsOf(spec).shape);
  const eligibleAs = eligibleFor(backdoored.backdoor, backdoored.trigger);
  const [first = 0] = attackOf(backdoored.backdoor.attack).samples?.(backdoored.trigger) ?? [];
  const eligible = test.labels.findIndex((label, sample) => eligibleAs(sample, label));
  const sample = eligible < 0 ? first : eligible;
  return trojanedPicture(model, sample);
}

/** A test image with the trigger on it, untransformed. */
export async function trojanedPicture(model: Model, sampleIndex: number): Promise<Buffer> {
  const backdoored = requireBackdoor(model);
  const { shape } = partsOf(model.record.spec);
  const test = await loadSplit(model.record.spec.dataset, 'test', shape);
  return pictureOf(tf.tidy(() => stamp(test.images([sampleIndex]), backdoored, undefined, [sampleIndex])));
}

/** A clean image of the test split, of a square of `sizePx` or the data set's own shape. */
export async function samplePicture(dataset: DatasetId, index: number, sizePx?: number): Promise<Buffer> {
  const { shape } = datasetOf(dataset);
  const own = sizePx ? { ...shape, height: sizePx, width: sizePx } : shape;
  return pictureOf((await loadSplit(dataset, 'test', own)).images([index]));
}

/** A PNG of the one image of `images`, which it disposes. */
export async function pictureOf(images: tf.Tensor4D): Promise<Buffer> {
  const [, height, width, channels] = images.shape;
  const pixels = await tensorToPixels(images);
  images.dispose();
  return encodePng(pixels, { height, width, channels });
}
