import assert from 'node:assert/strict';
import { lenet } from '../architectures/lenet.js';
import type { AttackDefinition, TriggerContext } from '../attacks/attack.js';
import type { Trigger } from '../attacks/trigger.js';
import type { Split } from '../datasets/dataset.js';
import { tf } from '../lib/backend.js';
import type { ImageShape } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { transforms } from '../transforms/index.js';
import { randomTransformSchema } from '../transforms/randomly.js';
import type { Plan } from '../transforms/transform.js';
import {
  assertDifferent,
  assertLevels,
  assertSame,
  assertTensors,
  assertWithin,
  type Check,
  checkParameters,
  checkWords,
  isSentence,
} from './check.js';

/** As MNIST and GTSRB have them. */
export const ATTACKED_SHAPES: readonly ImageShape[] = [
  { height: 28, width: 28, channels: 1 },
  { height: 96, width: 96, channels: 3 },
];

/** How a trigger is made for a check. */
export interface Making {
  parameters: Record<string, unknown>;
  /** What a trigger from elsewhere comes with. */
  context?(): Promise<Pick<TriggerContext, 'files' | 'classNames'>>;
}

/** The defaults, but few steps of what is optimised. */
export function quickly({ parameters }: AttackDefinition): Making {
  const few = parameters.safeParse({ steps: 3 });
  return { parameters: few.success ? few.data : parameters.parse({}) };
}

/** Random pictures of any shape, of four classes. */
export const picturesOf = (shape: ImageShape): Split => ({
  labels: Int32Array.from({ length: 64 }, (_, i) => i % 4),
  images: (indices) =>
    tf.randomUniform(
      [indices.length, shape.height, shape.width, shape.channels],
      0,
      1,
      'float32',
      indices[0],
    ),
});

/** A trigger as an implant makes it, whatever way the attack chose. */
export async function triggerBy(
  attack: AttackDefinition,
  shape: ImageShape,
  { parameters, context }: Making,
): Promise<Trigger> {
  const weights = lenet.initialise(shape, 4, createRandom(1));
  const making = attack.createTrigger(parameters, {
    shape,
    data: picturesOf(shape),
    ...(await context?.()),
    targetLabel: 0,
    benign: { network: lenet, weights, classes: 4 },
    random: createRandom(1),
  });
  try {
    if (!(Symbol.asyncIterator in making)) return await making;
    for (;;) {
      const { done, value } = await making.next();
      if (done) return value;
    }
  } finally {
    tf.dispose(weights);
  }
}

/**
 * What every attack keeps to, on images of one shape.
 *
 * Long for one function: it is a list.
 */
export function attackChecks(
  attack: AttackDefinition,
  shape: ImageShape,
  making: Making = quickly(attack),
): Check[] {
  const { parameters } = making;
  const make = () => triggerBy(attack, shape, making);
  const pictures = (count: number) =>
    tf.randomUniform<tf.Rank.R4>([count, shape.height, shape.width, shape.channels], 0, 1, 'float32', 3);
  const movedBy = (radius: number, box: Trigger['box'], samples: number): Plan =>
    transforms.translation.plan(radius, { ...shape, box, target: 'TRIGGER' }, samples, createRandom(1));
  const { training, triggerTransforms } = attack;

  const checks: Check[] = [
    {
      name: 'says what it is, and has a default for every parameter, each with a description',
      run() {
        checkWords(attack, attack.paper);
        checkParameters(attack.parameters);
        attack.checkParameters(attack.parameters.parse({}), shape);
      },
    },
    {
      name: 'makes the same trigger from the same seed, inside the image and in range',
      async run() {
        const [one, again] = [await make(), await make()];
        const { height, width } = shape;
        assert.deepEqual(one.shape, shape, 'shape: expected that of the images');
        assert.equal(one.mask.length, height * width, `mask: expected ${height}·${width} numbers`);
        assertWithin(one.mask, 0, 1, 'mask');
        assertWithin(one.arrays.pattern?.values ?? [], 0, 1, 'pattern');
        assert.deepEqual(Object.keys(again.arrays), Object.keys(one.arrays));
        for (const [name, array] of Object.entries(one.arrays)) {
          const wanted = array.shape.reduce((product, size) => product * size, 1);
          assert.equal(array.values.length, wanted, `${name}: expected as many numbers as its shape says`);
          assertSame(again.arrays[name]!.values, array.values, `${name}: made twice from one seed`);
        }
        assertSame(again.mask, one.mask, 'mask: made twice from one seed');
        const { top, left, height: high, width: wide } = one.box;
        const inside = top >= 0 && left >= 0 && top + high <= height && left + wide <= width;
        assert.ok(inside, `box: expected one inside the image, got ${JSON.stringify(one.box)}`);
      },
    },
    {
      name: 'stamps whole 8-bit levels, keeps the shape, leaves no tensor behind, changes no input',
      async run() {
        const trigger = await make();
        const images = pictures(3);
        const before = (await images.data()).slice();
        const tensors = tf.memory().numTensors;
        const stamped = attack.stamp(images, trigger, parameters, undefined, [0, 1, 2]);
        assert.deepEqual(stamped.shape, images.shape, 'expected the shape of the images');
        assertLevels(await stamped.data(), 'stamp');
        stamped.dispose();
        assertTensors(tensors, 0, 'stamp');
        assertSame(await images.data(), before, 'stamp: the images that it was given');
        images.dispose();
      },
    },
    {
      name: 'with a plan that changes nothing, stamps as without one; refuses, or moves its trigger',
      async run() {
        if (triggerTransforms !== true) {
          assert.ok(isSentence(triggerTransforms.refusal), 'refusal: expected a sentence');
          return;
        }
        const trigger = await make();
        const images = pictures(2);
        const [plain, still, moved] = [undefined, movedBy(0, trigger.box, 2), movedBy(3, trigger.box, 2)].map(
          (plan) => attack.stamp(images, trigger, parameters, plan),
        );
        assertSame(await still!.data(), await plain!.data(), 'a plan that moves by 0 px');
        assertDifferent(
          await moved!.data(),
          await plain!.data(),
          'a plan that moves by 3 px: expected another image',
        );
        tf.dispose([images, plain!, still!, moved!]);
      },
    },
    {
      name: 'changes clean images within the transforms’ ranges',
      run() {
        for (const one of training?.clean?.(attack.parameters.parse({})) ?? [])
          assert.deepEqual(randomTransformSchema.parse(one), one);
      },
    },
  ];
  if (!training?.stamp) return checks;

  const stampOf = async (count: number, plan?: Plan) => {
    const four = pictures(4);
    const images = tf.slice(four, 0, count);
    const trigger = await make();
    const own = Array.from({ length: count }, (_, i) => ({
      cover: i % 2 === 1,
      random: createRandom(`image ${i}`),
    }));
    const tensors = tf.memory().numTensors;
    const stamped = training.stamp!(images, trigger, parameters, own, plan);
    assertTensors(tensors, 1, 'training.stamp');
    assert.deepEqual(stamped.shape, images.shape, 'expected the shape of the images');
    return stamped.data();
  };
  return [
    ...checks,
    {
      name: 'at training stamps whole 8-bit levels, each image alike in any batch, and leaves no tensor behind',
      async run() {
        const [all, some] = [await stampOf(4), await stampOf(2)];
        assertLevels(all, 'training.stamp');
        assertSame(all.subarray(0, some.length), some, 'an image in batches of 4 and 2');
      },
    },
    {
      name: 'at training moves its trigger by a plan, where it has a layer',
      async run() {
        if (triggerTransforms !== true) return;
        const { box } = await make();
        assertSame(await stampOf(4, movedBy(0, box, 4)), await stampOf(4), 'a plan that moves by 0 px');
        assertDifferent(
          await stampOf(4, movedBy(5, box, 4)),
          await stampOf(4),
          'a plan that moves by 5 px: expected other images',
        );
      },
    },
  ];
}
