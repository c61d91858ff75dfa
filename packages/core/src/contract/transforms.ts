import assert from 'node:assert/strict';
import { tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { planFor } from '../sweep/subjects.js';
import { applyToImages, applyToLayer } from '../transforms/apply.js';
import type { Placement, TransformDefinition, TransformTarget } from '../transforms/transform.js';
import {
  assertDifferent,
  assertLevels,
  assertSame,
  assertTensors,
  assertWithin,
  type Check,
} from './check.js';

const SIDE = 28;
const square = { top: 20, left: 20, height: 5, width: 5 };
const whole = { top: 0, left: 0, height: SIDE, width: SIDE };

/** In 8-bit levels, as the images of data sets are. */
const pictures = (count: number, channels: number) =>
  tf.tidy(() =>
    tf.div(tf.floor(tf.randomUniform<tf.Rank.R4>([count, SIDE, SIDE, channels], 0, 256, 'float32', 7)), 255),
  ) as tf.Tensor4D;

/** A trigger of any colours, half covering, and nothing outside its box. */
const layer = (channels: number) =>
  tf.tidy(() => {
    const { top, left, height, width } = square;
    const pad = (x: tf.Tensor4D) =>
      tf.pad(x, [
        [0, 0],
        [top, SIDE - top - height],
        [left, SIDE - left - width],
        [0, 0],
      ]) as tf.Tensor4D;
    const pattern = pad(tf.slice(pictures(1, channels), [0, 0, 0, 0], [1, height, width, channels]));
    return { pattern, mask: pad(tf.fill<tf.Rank.R4>([1, height, width, 1], 0.5)) };
  }) as unknown as { pattern: tf.Tensor4D; mask: tf.Tensor4D };

/**
 * What every transform keeps to, of trigger or image.
 *
 * Long for one function: it is a list.
 */
export function transformChecks(
  transform: TransformDefinition,
  target: TransformTarget,
  channels: number,
): Check[] {
  const place: Placement = {
    height: SIDE,
    width: SIDE,
    box: target === 'TRIGGER' ? square : whole,
    target,
  };
  const planAt = (value: number, samples = 4, seed = 1) =>
    transform.plan(value, place, samples, createRandom(seed));
  const { minimum, maximum, identity, defaultValues } = transform;
  const values = new Set([...defaultValues, minimum, maximum]);

  return [
    {
      name: 'says what it is, and has values in its range, the identity among them',
      run() {
        const { title, description, valueName, unit } = transform;
        for (const [name, text] of Object.entries({ title, valueName, unit }))
          assert.ok(text.length > 0, `${name}: expected words`);
        assert.match(description, /\.$/, 'description: expected a sentence with a full stop');
        assert.ok(
          defaultValues.includes(identity),
          `defaultValues: expected the identity, ${identity}, among them`,
        );
        assert.equal(new Set(defaultValues).size, defaultValues.length, 'defaultValues: expected each once');
        assertWithin(defaultValues, minimum, maximum, 'defaultValues');
      },
    },
    {
      name: 'leaves images and layers exactly as they are at its identity',
      async run() {
        // Not in 8-bit levels: rounding would show.
        const images = tf.randomUniform<tf.Rank.R4>([4, SIDE, SIDE, channels], 0, 1, 'float32', 7);
        const plan = planAt(identity);
        const same = applyToImages(images, plan);
        assertSame(await same.data(), await images.data(), 'images at the identity');
        const given = layer(channels);
        const kept = applyToLayer(given, plan.variants.slice(0, 1));
        assertSame(
          await kept.pattern.data(),
          await given.pattern.data(),
          'a layer’s pattern at the identity',
        );
        assertSame(await kept.mask.data(), await given.mask.data(), 'a layer’s mask at the identity');
        tf.dispose([images, same, { ...given }, { ...kept }]);
      },
    },
    {
      name: 'keeps shape and range of images, in 8-bit levels, leaves no tensor behind, changes no input',
      async run() {
        const images = pictures(4, channels);
        const before = (await images.data()).slice();
        const tensors = tf.memory().numTensors;
        for (const value of values) {
          const changed = applyToImages(images, planAt(value));
          assert.deepEqual(changed.shape, images.shape, `at ${value}: expected the shape of the images`);
          assertLevels(await changed.data(), `images at ${value}`);
          changed.dispose();
        }
        assertTensors(tensors, 0, 'images');
        assertSame(await images.data(), before, 'the images that it was given');
        images.dispose();
      },
    },
    {
      name: 'keeps shape and range of layers, leaves no tensor behind, changes no input',
      async run() {
        const given = layer(channels);
        const before = (await given.pattern.data()).slice();
        const tensors = tf.memory().numTensors;
        for (const value of values) {
          const { variants } = planAt(value);
          const { pattern, mask } = applyToLayer(given, variants);
          assert.deepEqual(
            pattern.shape,
            [variants.length, SIDE, SIDE, channels],
            `at ${value}: a layer’s pattern`,
          );
          assert.deepEqual(mask.shape, [variants.length, SIDE, SIDE, 1], `at ${value}: a layer’s mask`);
          assertWithin(await pattern.data(), 0, 1, `a layer’s pattern at ${value}`);
          assertWithin(await mask.data(), 0, 1, `a layer’s mask at ${value}`);
          tf.dispose([pattern, mask]);
        }
        assertTensors(tensors, 0, 'layers');
        assertSame(await given.pattern.data(), before, 'the layer that it was given');
        tf.dispose({ ...given });
      },
    },
    {
      name: 'changes something at every other value worth a sweep',
      async run() {
        const images = pictures(4, channels);
        for (const value of defaultValues.filter((value) => value !== identity)) {
          const changed = applyToImages(images, planAt(value));
          assertDifferent(await changed.data(), await images.data(), `at ${value}: expected other images`);
          changed.dispose();
        }
        images.dispose();
      },
    },
    {
      name: 'makes the same of the same plan, and of the same sample in any batch',
      async run() {
        const images = pictures(6, channels);
        const value = defaultValues.at(-1)!;
        const plan = planAt(value, 6);
        const [once, twice, again] = [plan, plan, planAt(value, 6)].map((plan) =>
          applyToImages(images, plan),
        );
        assertSame(await twice!.data(), await once!.data(), 'the same plan twice');
        assertSame(await again!.data(), await once!.data(), 'the same seed twice');
        const positions = [4, 1];
        const some = tf.gather(images, positions);
        const alone = applyToImages(some, planFor(plan, positions));
        const expected = tf.gather(once!, positions);
        const [theirs, ours] = [await expected.data(), Float32Array.from(await alone.data())];
        // A batch of another size may sum in another order, and a level in thousands then rounds the other way.
        const difference =
          ours.reduce((sum, level, i) => sum + Math.abs(level - theirs[i]!), 0) / ours.length;
        assert.ok(
          255 * difference < 0.1,
          `the same samples in another batch: ${255 * difference} levels apart`,
        );
        tf.dispose([images, once!, twice!, again!, some, alone, expected]);
      },
    },
    {
      name: 'plans the same for the same seed, one variant for each sample, all of the same steps',
      run() {
        const [one, again] = [1, 1].map((seed) => planAt(defaultValues.at(-1)!, 50, seed));
        const parametersOf = ({ variants }: typeof one & object) =>
          variants.map(({ parameters }) => parameters);
        assertSame(again!.variantOf, one!.variantOf, 'variantOf of the same seed');
        assert.deepEqual(parametersOf(again!), parametersOf(one!), 'parameters of the same seed');
        assert.equal(one!.variantOf.length, 50, 'variantOf: expected one for each sample');
        assert.equal(
          new Set(one!.variantOf).size,
          one!.variants.length,
          'variants: expected each to be used',
        );
        assertWithin(one!.variantOf, 0, one!.variants.length - 1, 'variantOf');
        const kinds = one!.variants.map(({ steps }) => steps.map((step) => 'sourceOf' in step).join());
        assert.equal(new Set(kinds).size, 1, 'steps: expected the same kinds of steps in each variant');
      },
    },
  ];
}
