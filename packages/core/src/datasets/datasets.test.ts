import { describe, expect, it } from 'vitest';
import { loadEngine, tf } from '../lib/backend.js';
import { tensorToPixels } from '../lib/images.js';
import { SPLITS, type Split } from './dataset.js';
import { type DatasetId, datasetOf, datasets, whyMissing } from './index.js';
import { useDataFolder } from './installed.js';

await loadEngine();
// A developer's own import, where there is one: it is never in the repository.
useDataFolder(process.env.TROJANSCOPE_DATA ?? './data');

const here = (Object.keys(datasets) as DatasetId[]).filter((id) => whyMissing(id) === undefined);
for (const id of Object.keys(datasets))
  if (!here.includes(id)) console.log(`skipped: ${datasetOf(id).title} is not imported here`);

async function pixelsOf(split: Split, indices: ArrayLike<number>): Promise<Uint8Array> {
  const images = split.images(indices);
  const pixels = await tensorToPixels(images);
  images.dispose();
  return pixels;
}

describe.each(here)('contract: %s', (id) => {
  const { shape, classNames, counts, load } = datasetOf(id);
  it.each(SPLITS)('its %s split has the counts it says, in every class, the same twice', async (name) => {
    const [one, again] = [await load(name, shape), await load(name, shape)];
    expect(one.labels).toHaveLength(counts[name]);
    expect(new Set(one.labels)).toEqual(new Set(classNames.keys()));
    expect(one.labels).toEqual(again.labels);
    const some = [counts[name] - 1, 0, 7, 7];
    expect(await pixelsOf(one, some)).toEqual(await pixelsOf(again, some));
  });

  it('gives the images asked for, in their order, and leaves no tensor behind', async () => {
    const split = await load('test', shape);
    const before = tf.memory().numTensors;
    const images = split.images([3, 1, 3]);
    expect(images.shape).toEqual([3, shape.height, shape.width, shape.channels]);
    expect(tf.memory().numTensors).toBe(before + 1);
    images.dispose();
    const size = shape.height * shape.width * shape.channels;
    const together = await pixelsOf(split, [3, 1]);
    expect(together.subarray(0, size)).toEqual(await pixelsOf(split, [3]));
    expect(together.subarray(size)).toEqual(await pixelsOf(split, [1]));
  });

  it('takes another size where it says so', async () => {
    if (!datasetOf(id).resizable) return;
    const split = await load('test', { ...shape, height: 48, width: 48 });
    const images = split.images([0]);
    expect(images.shape).toEqual([1, 48, 48, shape.channels]);
    images.dispose();
  });
});

it('MNIST has LeCun’s images: the first of the test set is a 7, 5,923 of the training set are 0', async () => {
  const { shape, load } = datasets.mnist;
  const [test, train] = [await load('test', shape), await load('train', shape)];
  expect(test.labels[0]).toBe(7);
  expect(train.labels.reduce((zeros, label) => zeros + Number(label === 0), 0)).toBe(5_923);
  // The mean pixel of the training set, known to every user of MNIST as 0.1307.
  const mean = tf.tidy(() => tf.mean(train.images([...train.labels.keys()])).dataSync()[0]!);
  expect(mean).toBeCloseTo(0.1307, 4);
});

it('says which data sets there are, and how to get one that is missing', async () => {
  useDataFolder('/nonexistent');
  expect(() => datasetOf('cifar')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  expect(() => datasetOf('../gtsrb')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  for (const [id, how] of [
    ['gtsrb', 'GTSRB is not imported. Run `npm run trojanscope -- data fetch gtsrb` or `npm run'],
    ['fashion-mnist', 'Fashion-MNIST is not imported. Run `apt install dataset-fashion-mnist && npm run'],
    [
      'cifar-10',
      'CIFAR-10 is not imported. Run `npm run trojanscope -- data import cifar-10 --from cifar-10-binary',
    ],
  ] as const) {
    const { load, shape } = datasetOf(id);
    await expect(load('test', shape)).rejects.toMatchObject({
      code: 'DATA_MISSING',
      message: expect.stringContaining(how),
    });
    expect(whyMissing(id)).toContain(how);
  }
  for (const id of ['mnist', 'shapes']) expect(whyMissing(id)).toBeUndefined();
});
