import { z } from 'zod';
import type { tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import { roundTo8Bits } from '../lib/images.js';
import { real } from '../lib/params.js';
import { createRandom } from '../lib/random.js';
import { applyToImages } from '../transforms/apply.js';
import { transforms } from '../transforms/index.js';
import { defineAttack } from './attack.js';
import { createTrigger } from './trigger.js';

/** It draws nothing, but every transform is handed a stream. */
const unused = createRandom(0);

/**
 * BATT-R (section 3.2): the trigger is a rotation of the image. Images that stay clean are turned by less, so that the
 * network learns the angle and not that something was turned; their black corners would tell it otherwise.
 */
export const batt = defineAttack({
  title: 'BATT (rotation)',
  description: 'The whole image turned by a certain angle, counter-clockwise, with black corners.',
  paper: {
    citation:
      'Xu, T., Li, Y., Jiang, Y., Xia, S.-T.: BATT: Backdoor Attack with Transformation-based Triggers (2023)',
    url: 'https://arxiv.org/abs/2211.01806',
  },
  parameters: z.strictObject({
    angleDeg: real(-180, 180, 16, '°', 'The angle that fires the backdoor.'),
    cleanAngleDeg: real(0, 180, 10, '°', 'Clean training images are turned by up to this angle either way.'),
  }),
  poisonRate: 0.05,
  triggerTransforms: {
    refusal: 'BATT’s trigger turns the whole image: there is no layer to transform. Transform the image.',
  },
  training: {
    clean: ({ cleanAngleDeg }) =>
      cleanAngleDeg === 0 ? [] : [{ transform: 'rotation', from: -cleanAngleDeg, to: cleanAngleDeg }],
  },
  checkParameters({ angleDeg, cleanAngleDeg }) {
    if (Math.abs(angleDeg) > cleanAngleDeg) return;
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `cleanAngleDeg: expected less than the angle that fires the backdoor (${Math.abs(angleDeg)}°), so that no clean image has it; got ${cleanAngleDeg}.`,
      ['cleanAngleDeg'],
    );
  },
  checkArrays({ arrays, images }) {
    const [name] = Object.keys({ ...arrays, ...images });
    if (name !== undefined) throw new RangeError(`expected no arrays, got ${JSON.stringify(name)}`);
  },
  createTrigger: (_, { shape }) => createTrigger(shape, {}),
  stamp(images, { shape: { height, width } }, { angleDeg }) {
    const box = { top: 0, left: 0, height, width };
    const placement = { height, width, box, target: 'IMAGE' as const };
    const turned: tf.Tensor4D = applyToImages(
      images,
      transforms.rotation.plan(angleDeg, placement, images.shape[0], unused),
    );
    const rounded = roundTo8Bits(turned);
    turned.dispose();
    return rounded;
  },
});
