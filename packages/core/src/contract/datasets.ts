import assert from 'node:assert/strict';
import { type DatasetDefinition, SPLITS, type Split } from '../datasets/dataset.js';
import { tf } from '../lib/backend.js';
import { tensorToPixels } from '../lib/images.js';
import { assertSame, assertTensors, assertWithin, type Check } from './check.js';

async function pixelsOf(split: Split, indices: ArrayLike<number>): Promise<Uint8Array> {
  const images = split.images(indices);
  const pixels = await tensorToPixels(images);
  images.dispose();
  return pixels;
}

/** What every data set keeps to whose images are here. */
export const datasetChecks = ({ shape, classNames, counts, resizable, load }: DatasetDefinition): Check[] => [
  ...SPLITS.map(
    (name): Check => ({
      name: `its ${name} split has the counts it says, in every class, the same twice`,
      async run() {
        const [one, again] = [await load(name, shape), await load(name, shape)];
        assert.equal(one.labels.length, counts[name], `expected ${counts[name]} labels`);
        const labels = [...new Set(one.labels)].sort((a, b) => a - b);
        if (counts[name] > 0) assert.deepEqual(labels, [...classNames.keys()], 'labels: expected each class');
        assertSame(one.labels, again.labels, 'labels, read twice');
        if (counts[name] === 0) return;
        const some = [counts[name] - 1, 0, Math.min(7, counts[name] - 1), Math.min(7, counts[name] - 1)];
        assertSame(await pixelsOf(one, some), await pixelsOf(again, some), 'images, read twice');
      },
    }),
  ),
  {
    name: 'gives the images asked for, in their order, and leaves no tensor behind',
    async run() {
      const split = await load('test', shape);
      const [a, b] = counts.test > 3 ? [3, 1] : [0, 0];
      const before = tf.memory().numTensors;
      const images = split.images([a, b, a]);
      assert.deepEqual(images.shape, [3, shape.height, shape.width, shape.channels]);
      assertWithin(await images.data(), 0, 1, 'images');
      assertTensors(before, 1, 'images');
      images.dispose();
      const size = shape.height * shape.width * shape.channels;
      const together = await pixelsOf(split, [a, b]);
      assertSame(together.subarray(0, size), await pixelsOf(split, [a]), 'the first of two images');
      assertSame(together.subarray(size), await pixelsOf(split, [b]), 'the second of two images');
    },
  },
  {
    name: 'takes another size where it says so',
    async run() {
      if (!resizable) return;
      const split = await load('test', { ...shape, height: 48, width: 48 });
      const images = split.images([0]);
      assert.deepEqual(images.shape, [1, 48, 48, shape.channels]);
      images.dispose();
    },
  },
];
