import { z } from 'zod';

/** Random changes of every training image: none in the paper, because it would decide the curves being measured. */
export const augmentationSchema = z.strictObject({
  rotationDeg: z
    .number()
    .min(0)
    .max(180)
    .default(0)
    .meta({ unit: '°', description: 'Turns by up to this angle either way.' }),
  scale: z.number().min(0).max(0.5).default(0).describe('Scales by up to this share either way.'),
  shiftPx: z
    .number()
    .min(0)
    .max(32)
    .default(0)
    .meta({ unit: 'px', description: 'Shifts by up to this along each axis.' }),
  mirror: z.boolean().default(false).describe('Mirrors every other image, left to right.'),
});

export type Augmentation = z.output<typeof augmentationSchema>;

/** SGD with Nesterov momentum under a one-cycle schedule: up linearly, down along a cosine. */
export const recipeSchema = z.strictObject({
  epochs: z.int().min(1).max(200).meta({ unit: 'epochs', description: 'Passes over the training set.' }),
  batchSize: z
    .int()
    .min(1)
    .max(4096)
    .meta({ unit: 'images', description: 'Images a step; an incomplete last batch is left out.' }),
  learningRate: z.number().positive().max(10).describe('The highest learning rate.'),
  momentum: z.number().min(0).max(1).describe('Nesterov momentum.'),
  weightDecay: z.number().min(0).max(1).describe('L2 penalty on kernels; biases have none.'),
  warmUp: z.number().min(0).max(1).describe('Share of the steps on the way up.'),
  augmentation: augmentationSchema.optional().describe('Random changes of every image; none by default.'),
});

export type Recipe = z.output<typeof recipeSchema>;

/** Images a step: no more than there are. */
export const batchSizeOf = ({ batchSize }: Pick<Recipe, 'batchSize'>, images: number): number =>
  Math.min(batchSize, images);

/** The learning rate of step `step` (from 0) of `steps`. */
export function learningRateAt(step: number, steps: number, { learningRate, warmUp }: Recipe): number {
  const up = Math.max(1, Math.round(warmUp * steps));
  if (step < up) return (learningRate * (step + 1)) / up;
  return (learningRate / 2) * (1 + Math.cos((Math.PI * (step - up)) / Math.max(1, steps - up)));
}
