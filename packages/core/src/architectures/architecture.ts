import type { tf } from '../lib/backend.js';
import type { Box, ImageShape } from '../lib/images.js';
import type { Random } from '../lib/random.js';
import type { Recipe } from '../training/recipe.js';

/** The weights of a network by name, in the order in which they are saved. Kernels end in `kernel`. */
export type Weights<T = tf.Tensor> = Record<string, T>;

/** What is asked of a trained network: enough to classify, to take gradients and to know how many images fit. */
export interface Network {
  /** Images that go through at once when nothing is trained, where they are small: no batch takes longer than a second. */
  inferenceBatch: number;
  /** What an image that goes through takes of memory, by its pixels; `backward` where gradients are taken. */
  bytesPerPixel: { forward: number; backward: number };
  /**
   * As a trained network answers.
   * @param images [n,h,w,c] in [0,1]
   * @param tap is given the maps of the last convolution; without it nothing is done for its sake
   * @returns logits [n,classes]
   */
  logits(weights: Weights, images: tf.Tensor4D, tap?: Tap): tf.Tensor2D;
  /** Where on images of this shape it looks; all over them where it is left out. */
  looksAt?(images: ImageShape): Box;
}

/**
 * What is done with the maps of a network's last convolution, behind its activation: what it returns goes on through the
 * network.
 * @param maps [n,h,w,k], h·w > 1
 * @returns [n,h,w,k]
 */
export type Tap = (maps: tf.Tensor4D) => tf.Tensor4D;

/** A network that is made here: trained from random weights or from those of another model. */
export interface ArchitectureDefinition extends Network {
  title: string;
  description: string;
  paper: { citation: string; url: string };
  /** How it is trained by default: from random weights, and from those of a trained model. */
  recipes: Record<Start, Recipe>;
  /** The smallest side of an image that the layers still fit. */
  minimumSidePx: number;
  /** Fresh weights. Drawn from `random` alone. */
  initialise(shape: ImageShape, classes: number, random: Random): Weights;
  /**
   * As a network answers while it is trained, where that differs: by the batch's own statistics. `statistics` are the
   * next values of the running ones, by name; these are no weights to be trained.
   */
  trainingLogits?(weights: Weights, images: tf.Tensor4D): { logits: tf.Tensor2D; statistics: Weights };
}

/** What training begins with: random weights, or those of another model. */
export const STARTS = ['SCRATCH', 'MODEL'] as const;
export type Start = (typeof STARTS)[number];

/** Running means and variances: carried along, not trained. */
export const isStatistic = (name: string) => name.endsWith('/mean') || name.endsWith('/variance');

export const defineArchitecture = (definition: ArchitectureDefinition) => definition;
