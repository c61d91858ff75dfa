import { z } from 'zod';
import { choice, integer, optionalInteger } from './lib/params.js';

/**
 * What a training, an implant and a sweep are told besides what is chosen for them: bounds, defaults, units. The API
 * checks by it, forms draw it.
 */

/** @param decides what it decides, in words */
export const seedOf = (decides: string) =>
  integer(0, 2 ** 31 - 1, 1, '', `Decides ${decides}; the same again gives the same.`);

export const trainingParameters = z.strictObject({
  sizePx: optionalInteger(1, 512, 'px', 'Side of the square that images are resized to.'),
  seed: seedOf('initialisation, order of batches and poisoned images'),
});

/** Besides what a training is told. */
export const implantParameters = z.strictObject({
  poisonRate: z
    .number()
    .gt(0)
    .max(0.9)
    .optional()
    .meta({ description: 'Share of the training images that get the trigger.' }),
  startFromBenign: z
    .boolean()
    .default(false)
    .describe(
      'Start from the benign model’s weights instead of from random ones (retraining; paper, section 3.1).',
    ),
});

export const sweepParameters = z.strictObject({
  samples: integer(1, 10_000, 1_000, '', 'Test images at each value, the same ones at all.'),
  seed: seedOf('which samples, and which way each of them is shifted'),
  eligibility: choice(
    ['TRUE_LABEL', 'BENIGN_PREDICTION'],
    'TRUE_LABEL',
    'What must not be the target label for a sample to be used (paper, section 3.1).',
  ),
});
