import { attackOf } from '../attacks/index.js';
import type { Trigger } from '../attacks/trigger.js';
import type { Model } from '../implant/model.js';
import { tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import type { Random } from '../lib/random.js';
import { type TransformId, transforms } from '../transforms/index.js';
import type { Placement, TransformTarget, WarpPlan } from '../transforms/transform.js';
import { warpImages } from '../transforms/warp.js';

/** One place on one axis: which transform, of what, how strong. */
export interface Setting {
  transform: TransformId;
  target: TransformTarget;
  value: number;
}

export interface Backdoored extends Model {
  trigger: Trigger;
}

/** @throws TrojanscopeError UNSUPPORTED where the model is benign or its trigger cannot be transformed */
export function requireBackdoor(model: Model, target?: TransformTarget): Backdoored {
  const { backdoor } = model.record.spec;
  if (!backdoor || !model.trigger)
    throw new TrojanscopeError('UNSUPPORTED', 'The model is benign: it has no trigger.');
  const refusal = triggerRefusal(backdoor.attack);
  if (target === 'TRIGGER' && refusal) throw new TrojanscopeError('UNSUPPORTED', refusal);
  return model as Backdoored;
}

/** Why an attack's trigger cannot be transformed, in the words that form, API and core all use; null when it can. */
export function triggerRefusal(attack: Parameters<typeof attackOf>[0]): string | null {
  const { triggerTransforms } = attackOf(attack);
  return triggerTransforms === true ? null : triggerTransforms.refusal;
}

/** The warps of all samples of a sweep. Draws the same for the same stream, whatever the value. */
export function planOf(
  { transform, target, value }: Setting,
  { trigger }: Backdoored,
  samples: number,
  random: Random,
): WarpPlan {
  const { height, width } = trigger.shape;
  const box = target === 'TRIGGER' ? trigger.box : { top: 0, left: 0, height, width };
  const placement: Placement = { height, width, box, target };
  return transforms[transform].plan(value, placement, samples, random);
}

/** The warps of some of a plan's samples. */
export const planFor = ({ warps, warpOf }: WarpPlan, positions: ArrayLike<number>): WarpPlan => ({
  warps,
  warpOf: Int32Array.from(positions, (position) => warpOf[position]!),
});

/**
 * The trojaned images of a setting: TRIGGER is stamp(x, warp), IMAGE is warp(stamp(x)).
 * @param images [n,h,w,c] clean, in [0,1]
 * @returns [n,h,w,c]
 */
export function trojanedImages(
  images: tf.Tensor4D,
  model: Backdoored,
  target: TransformTarget,
  plan?: WarpPlan,
): tf.Tensor4D {
  const attack = attackOf(model.record.spec.backdoor!.attack);
  if (!plan) return attack.stamp(images, model.trigger);
  if (target === 'TRIGGER') return attack.stamp(images, model.trigger, plan);
  return tf.tidy(() => warpImages(attack.stamp(images, model.trigger), plan));
}
