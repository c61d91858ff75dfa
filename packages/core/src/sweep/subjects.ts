import { attackOf } from '../attacks/index.js';
import type { Trigger } from '../attacks/trigger.js';
import type { BackdoorSpec, Model } from '../implant/model.js';
import { tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import type { ImageShape } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { applyToImages } from '../transforms/apply.js';
import { type TransformId, transformOf } from '../transforms/index.js';
import type { Placement, Plan, TransformTarget } from '../transforms/transform.js';

/** One place on one axis: which transform, of what, how strong. */
export interface Setting {
  transform: TransformId;
  target: TransformTarget;
  value: number;
}

export interface Backdoored extends Model {
  trigger: Trigger;
  backdoor: BackdoorSpec;
}

/** @throws TrojanscopeError UNSUPPORTED where the model is benign or its trigger cannot be transformed */
export function requireBackdoor(model: Model, target?: TransformTarget): Backdoored {
  const { trigger } = model;
  const { backdoor } = model.record.spec;
  if (!backdoor || !trigger)
    throw new TrojanscopeError('UNSUPPORTED', 'The model is benign: it has no trigger.');
  const refusal = triggerRefusal(backdoor.attack);
  if (target === 'TRIGGER' && refusal) throw new TrojanscopeError('UNSUPPORTED', refusal);
  return { ...model, trigger, backdoor };
}

/** Why an attack's trigger cannot be transformed, in the words that form, API and core all use; null when it can. */
export function triggerRefusal(attack: Parameters<typeof attackOf>[0]): string | null {
  const { triggerTransforms } = attackOf(attack);
  return triggerTransforms === true ? null : triggerTransforms.refusal;
}

/** One place, because pictures of a sweep's samples are made again later. */
const directionsOf = (seed: number) => createRandom(seed).fork('directions');

/** What happens to all samples of a sweep. Draws the same for the same seed, whatever the value. */
export function planOf(setting: Setting, { trigger }: Backdoored, samples: number, seed: number): Plan {
  const { transform, target, value } = setting;
  const { shape, box } = trigger;
  if (target === 'IMAGE') return imagePlan(setting, shape, samples, seed);
  const placement: Placement = { height: shape.height, width: shape.width, box, target };
  return transformOf(transform).plan(value, placement, samples, directionsOf(seed));
}

/** What happens to whole images, trojaned or clean. */
export function imagePlan(
  { transform, value }: Pick<Setting, 'transform' | 'value'>,
  { height, width }: ImageShape,
  samples: number,
  seed: number,
): Plan {
  const placement: Placement = { height, width, box: { top: 0, left: 0, height, width }, target: 'IMAGE' };
  return transformOf(transform).plan(value, placement, samples, directionsOf(seed));
}

/** The plan of some of a plan's samples. */
export function planFor({ variants, variantOf }: Plan, positions: ArrayLike<number>): Plan {
  const used = Int32Array.from(positions, (position) => variantOf[position]!);
  const own = [...new Set(used)];
  return {
    variants: own.map((index) => variants[index]!),
    variantOf: used.map((index) => own.indexOf(index)),
  };
}

/**
 * The trigger on images, as it is or with each image's own variant of it.
 * @param images [n,h,w,c] clean, in [0,1]
 * @param samples [n], which of the test split they are
 */
export const stamp = (
  images: tf.Tensor4D,
  { trigger, backdoor }: Backdoored,
  plan?: Plan,
  samples?: ArrayLike<number>,
): tf.Tensor4D => attackOf(backdoor.attack).stamp(images, trigger, backdoor.parameters, plan, samples);

/**
 * The trojaned images of a setting: TRIGGER is stamp(x, plan), IMAGE is plan(stamp(x)).
 * @param images [n,h,w,c] clean, in [0,1]
 * @param samples [n], which of the test split they are
 * @returns [n,h,w,c]
 */
export function trojanedImages(
  images: tf.Tensor4D,
  model: Backdoored,
  target: TransformTarget,
  plan: Plan,
  samples?: ArrayLike<number>,
): tf.Tensor4D {
  if (target === 'TRIGGER') return stamp(images, model, plan, samples);
  return tf.tidy(() => applyToImages(stamp(images, model, undefined, samples), plan));
}
