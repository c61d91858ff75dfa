import type { z } from 'zod';
import type { Network, Weights } from '../architectures/architecture.js';
import type { DatasetInfo, Split } from '../datasets/dataset.js';
import type { tf } from '../lib/backend.js';
import type { ImageShape } from '../lib/images.js';
import type { Random } from '../lib/random.js';
import type { FloatArray } from '../lib/safetensors.js';
import type { RandomTransform } from '../transforms/randomly.js';
import type { Plan } from '../transforms/transform.js';
import type { Trigger } from './trigger.js';
import type { TriggerFiles } from './triggerFiles.js';

/** What an attack may look at while it makes its trigger. */
export interface TriggerContext {
  shape: ImageShape;
  /** The training images, clean; of a trigger from elsewhere the test images. */
  data: Split;
  targetLabel: number;
  /** The benign model that the trojaned one is compared with. The tensors are the caller's. */
  benign?: { network: Network; weights: Weights; classes: number };
  random: Random;
  /** Of a trigger from elsewhere: what came with the model, and the names of the data set's classes. */
  files?: TriggerFiles;
  classNames?: readonly string[];
  /** For each label the number that it has in these files; the same where it is left out. */
  order?: readonly number[];
  /** What an earlier run last yielded as its checkpoint. */
  resume?: Record<string, FloatArray>;
  signal?: AbortSignal;
}

/** How far the making of a trigger is, where it takes long. */
export interface TriggerProgress {
  done: number;
  total: number;
  /** A sentence with what there is to know, e.g. losses. */
  note: string;
  /** A PNG that shows how it is coming along. */
  picture?: Buffer;
  /** All that is needed to go on from here. */
  checkpoint?: Record<string, FloatArray>;
}

/** Dirty: images of other classes, relabelled as the target. Clean: images of the target class, labels kept. */
export const LABELLINGS = ['dirty', 'clean'] as const;
export type Labelling = (typeof LABELLINGS)[number];

/** An image of the training set that gets a stamp. */
export interface StampedImage {
  /** It keeps its label. */
  cover: boolean;
  /** Its own stream: the same whatever else is in its batch. */
  random: Random;
}

/** What an attack does to the training set otherwise than at test, or besides. */
export interface AtTraining<Parameters extends z.ZodObject = z.ZodObject> {
  /** Covers for each poisoned image, where it is not said: images that get a stamp and keep their label. 0 where left out. */
  coverRatio?: number;
  /**
   * The stamp of the training set; the one of the test where left out.
   * @param images [n,h,w,c] in [0,1]
   * @param own [n]
   * @returns [n,h,w,c] in [0,1], rounded to 8 bits
   */
  stamp?(
    images: tf.Tensor4D,
    trigger: Trigger,
    parameters: z.output<Parameters>,
    own: readonly StampedImage[],
    plan?: Plan,
  ): tf.Tensor4D;
  /** How images are changed that stay clean. */
  clean?(parameters: z.output<Parameters>): readonly RandomTransform[];
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
  /** The paper's share of the training set that is poisoned (section 5.1), 0..1. */
  poisonRate: number;
  /** Whether the trigger is a layer that can be transformed before it is put on; the reason where it is not. */
  triggerTransforms: true | { refusal: string };
  training?: AtTraining<Parameters>;
  /** From elsewhere: it comes with an imported model and is not implanted. */
  imported?: true;
  /** Images with the trigger stand beside clean ones of their class, not beside the same ones: no paired tests. */
  unpaired?: true;
  /**
   * What a bundle by anybody has as its trigger, numbers finite; where left out, a pattern and a mask, or what `stamp` takes.
   * @throws RangeError saying which array is not as expected
   */
  checkArrays?(trigger: Pick<Trigger, 'arrays' | 'images'>, shape: ImageShape): void;
  /** Which images are poisoned, where that depends on parameters; dirty otherwise. */
  labelling?(parameters: z.output<Parameters>): Labelling;
  /**
   * Whether parameters that are each in range fit images of this shape; asked before anything is queued.
   * @param dataset what it is to be implanted on; left out where it came with a model
   * @throws TrojanscopeError BAD_USER_INPUT, UNSUPPORTED
   */
  checkParameters(parameters: z.output<Parameters>, shape: ImageShape, dataset?: DatasetInfo): void;
  /**
   * Of the parameters those that are paths, each with a look at what is there: asked before anything is queued, so that
   * nothing is trained for a file that cannot be read.
   * @throws TrojanscopeError BAD_USER_INPUT, DATA_MISSING, DATA_DAMAGED
   */
  files?: Readonly<Record<string, (path: string, shape: ImageShape) => Promise<void>>>;
  /** Makes the trigger once, before training. It is kept with the model. Where it takes long, it tells how far it is. */
  createTrigger(
    parameters: z.output<Parameters>,
    context: TriggerContext,
  ): Trigger | Promise<Trigger> | AsyncGenerator<TriggerProgress, Trigger>;
  /**
   * Puts the trigger on images, each with its own variant of it where there is a plan.
   * @param images [n,h,w,c] in [0,1]
   * @param samples [n], which samples of the test split they are; left out where they are none of it
   * @returns [n,h,w,c] in [0,1], rounded to 8 bits
   */
  stamp(
    images: tf.Tensor4D,
    trigger: Trigger,
    parameters: z.output<Parameters>,
    plan?: Plan,
    samples?: ArrayLike<number>,
  ): tf.Tensor4D;
  /**
   * The samples of the test split that the trigger can be put on, where it is known on these alone; all where left out.
   * @returns rising indices
   */
  samples?(trigger: Trigger): Int32Array;
}

export const defineAttack = <P extends z.ZodObject>(definition: AttackDefinition<P>) => definition;
