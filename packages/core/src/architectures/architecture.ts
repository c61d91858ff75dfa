import type { tf } from '../lib/backend.js';
import type { ImageShape } from '../lib/images.js';
import type { Random } from '../lib/random.js';
import type { Recipe } from '../training/recipe.js';

/** The weights of a network by name, in the order in which they are saved. */
export type Weights<T = tf.Tensor> = Record<string, T>;

export interface ArchitectureDefinition {
  title: string;
  description: string;
  paper: { citation: string; url: string };
  /** How it is trained where nobody says otherwise. */
  recipe: Recipe;
  /** The smallest side of an image that the layers still fit. */
  minimumSidePx: number;
  /** Fresh weights. Drawn from `random` alone. */
  initialise(shape: ImageShape, classes: number, random: Random): Weights;
  /**
   * @param images [n,h,w,c] in [0,1]
   * @returns logits [n,classes]
   */
  logits(weights: Weights, images: tf.Tensor4D): tf.Tensor2D;
}

export const defineArchitecture = (definition: ArchitectureDefinition) => definition;
