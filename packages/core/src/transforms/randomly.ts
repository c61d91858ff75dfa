import { z } from 'zod';
import { TrojanscopeError } from '../lib/errors.js';
import type { ImageShape } from '../lib/images.js';
import type { Random } from '../lib/random.js';
import { checkTransformValue, type TransformId, transformOf, transforms } from './index.js';
import type { Placement, Plan } from './transform.js';

/** A transform at a value that is drawn for each image, uniformly. */
export const randomTransformSchema = z
  .strictObject({
    transform: z.enum(Object.keys(transforms) as [TransformId, ...TransformId[]]).describe('The transform.'),
    from: z.number().describe('The lowest value that is drawn, in the transform’s own unit.'),
    to: z.number().describe('The highest value; the same as the lowest draws nothing.'),
  })
  .superRefine(({ transform, from, to }, context) => {
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message });
    for (const [field, value] of Object.entries({ from, to })) {
      try {
        checkTransformValue(transform, value, []);
      } catch (error) {
        if (!(error instanceof TrojanscopeError)) throw error;
        refuse(field, error.message);
      }
    }
    if (from > to) refuse('to', `expected at least the lowest value, ${from}`);
  });
export type RandomTransform = z.output<typeof randomTransformSchema>;

/** The trigger before it is put on; every image that has it, covers too; or all images of the training set. */
export const TRAINING_TARGETS = ['TRIGGER', 'POISONED', 'ALL'] as const;

/** What is transformed at random while a backdoor is implanted. */
export const trainingTransformsSchema = z.strictObject({
  target: z
    .enum(TRAINING_TARGETS)
    .describe(
      'Trigger: the layer, before it is put on. Poisoned: images that have it, covers too. All: clean images too, as ' +
        'BackdoorBox’s PhysicalBA does.',
    ),
  transforms: z
    .array(randomTransformSchema)
    .min(1)
    .max(10)
    .optional()
    .describe(
      'One after the other, each at a value drawn for each image; those of BackdoorBox’s PhysicalBA when left out.',
    ),
});
/** As a model's record has them: always with ranges. */
export type TrainingTransforms = Required<z.output<typeof trainingTransformsSchema>>;

/**
 * BackdoorBox's PhysicalBA (tests/test_PhysicalBA.py) in our transforms: flip, jitter by 0.2, affine by 10°, a tenth of the
 * side and 0.8 to 0.9, in torchvision's order.
 */
export const physicalTransforms = ({ height, width }: ImageShape): RandomTransform[] => [
  { transform: 'mirror', from: 50, to: 50 },
  { transform: 'brightness', from: 0.8, to: 1.2 },
  { transform: 'contrast', from: 0.8, to: 1.2 },
  { transform: 'rotation', from: -10, to: 10 },
  { transform: 'scaling', from: 0.8, to: 0.9 },
  {
    transform: 'translation',
    from: 0,
    to: Math.min(transforms.translation.maximum, Math.min(height, width) / 10),
  },
];

/** What was left out is as Li et al. have it. */
export const completeTransforms = (
  { target, transforms }: z.output<typeof trainingTransformsSchema>,
  shape: ImageShape,
): TrainingTransforms => ({ target, transforms: transforms ?? physicalTransforms(shape) });

/** A plan in which each image has its own values. @param randoms [n], the stream of each image */
export function drawnPlan(
  list: readonly RandomTransform[],
  placement: Placement,
  randoms: readonly Random[],
): Plan {
  const variants = randoms.map((random) => ({
    steps: list.flatMap(({ transform, from, to }) => {
      const definition = transformOf(transform);
      let value = from;
      // The identity takes no step, where the other images of a batch do.
      if (from < to)
        do value = from + (to - from) * random.float();
        while (value === definition.identity);
      const { variants, variantOf } = definition.plan(value, placement, 1, random);
      return variants[variantOf[0]!]!.steps;
    }),
    parameters: {},
  }));
  return { variants, variantOf: Int32Array.from(randoms.keys()) };
}
