import { z } from 'zod';

/** SGD with Nesterov momentum under a one-cycle schedule: up linearly, down along a cosine. */
export const recipeSchema = z.strictObject({
  epochs: z.int().min(1).max(200).describe('Passes over the training set.'),
  batchSize: z.int().min(1).max(4096).describe('Images a step; an incomplete last batch is left out.'),
  learningRate: z.number().positive().max(10).describe('The highest learning rate.'),
  momentum: z.number().min(0).max(1).describe('Nesterov momentum.'),
  weightDecay: z.number().min(0).max(1).describe('L2 penalty on kernels; biases have none.'),
  warmUp: z.number().min(0).max(1).describe('Share of the steps on the way up.'),
});

export type Recipe = z.output<typeof recipeSchema>;

/** The learning rate of step `step` (from 0) of `steps`. */
export function learningRateAt(step: number, steps: number, { learningRate, warmUp }: Recipe): number {
  const up = Math.max(1, Math.round(warmUp * steps));
  if (step < up) return (learningRate * (step + 1)) / up;
  return (learningRate / 2) * (1 + Math.cos((Math.PI * (step - up)) / Math.max(1, steps - up)));
}
