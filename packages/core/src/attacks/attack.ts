import type { z } from 'zod';
import type { tf } from '../lib/backend.js';
import type { ImageShape } from '../lib/images.js';
import type { Random } from '../lib/random.js';
import type { WarpPlan } from '../transforms/transform.js';
import type { Trigger } from './trigger.js';

/** What an attack may look at while it makes its trigger. */
export interface TriggerContext {
  shape: ImageShape;
  random: Random;
  signal?: AbortSignal;
}

/**
 * A method of implanting a backdoor, as data: one object says all that form, API, database and core know of it.
 * `Parameters` is its zod object, with bounds, defaults, units and descriptions.
 */
export interface AttackDefinition<Parameters extends z.ZodObject = z.ZodObject> {
  title: string;
  description: string;
  paper: { citation: string; url: string };
  parameters: Parameters;
  /** Whether the trigger is a layer that can be transformed before it is put on; the reason where it is not. */
  triggerTransforms: true | { refusal: string };
  /**
   * Whether parameters that are each in range fit images of this shape; asked before anything is queued.
   * @throws TrojanscopeError BAD_USER_INPUT
   */
  checkParameters(parameters: z.output<Parameters>, shape: ImageShape): void;
  /** Makes the trigger once, before training. It is kept with the model. */
  createTrigger(parameters: z.output<Parameters>, context: TriggerContext): Promise<Trigger>;
  /**
   * Puts the trigger on images, each warped by its own warp where there is a plan.
   * @param images [n,h,w,c] in [0,1]
   * @returns [n,h,w,c] in [0,1], rounded to 8 bits
   */
  stamp(images: tf.Tensor4D, trigger: Trigger, plan?: WarpPlan): tf.Tensor4D;
}

export const defineAttack = <P extends z.ZodObject>(definition: AttackDefinition<P>) => definition;
