import { z } from 'zod';
import { tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import type { ArchitectureDefinition, Network } from './architecture.js';

/** A number for all channels, or one for each. */
const perChannel = (number: z.ZodNumber) => z.array(number).min(1).max(3);

/** What a network takes off an image in [0,1] and divides it by, channel by channel, before its first layer. */
export const normalizationSchema = z.strictObject({
  mean: perChannel(z.number().min(-1_000).max(1_000)).describe(
    'Taken off: a number for all channels, or one for each.',
  ),
  std: perChannel(z.number().min(1e-6).max(1_000)).describe(
    'Divided by: a number for all channels, or one for each.',
  ),
});
export type Normalization = z.output<typeof normalizationSchema>;

/**
 * The same network behind its normalization, wherever it is asked: images stay in [0,1] for everybody else, and
 * gradients are by them.
 */
export function normalized<N extends Network & Pick<ArchitectureDefinition, 'trainingLogits'>>(
  network: N,
  { mean, std }: Normalization,
): N {
  const enter = (images: tf.Tensor4D): tf.Tensor4D => tf.div(tf.sub(images, mean), std);
  const { trainingLogits } = network;
  return {
    ...network,
    logits: (weights, images, tap) => network.logits(weights, enter(images), tap),
    ...(trainingLogits && { trainingLogits: (weights, images) => trainingLogits(weights, enter(images)) }),
  };
}

/** @throws TrojanscopeError BAD_USER_INPUT where the numbers do not fit the images' channels */
export function checkNormalization(normalization: Normalization, channels: number): void {
  for (const name of ['mean', 'std'] as const) {
    const { length } = normalization[name];
    if (length === 1 || length === channels) continue;
    const wanted = channels === 1 ? 'one number' : `one number, or ${channels}`;
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `${name}: expected ${wanted} for images of ${channels} channels; got ${length}.`,
      ['normalization', name],
    );
  }
}
