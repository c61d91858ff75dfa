import { describe, expect, it } from 'vitest';
import { SPLITS } from './dataset.js';
import { type DatasetId, datasets } from './index.js';

describe.each(Object.keys(datasets) as DatasetId[])('contract: %s', (id) => {
  const { shape, classNames, counts, load } = datasets[id];
  it.each(SPLITS)('its %s split has the counts it says, in every class, the same twice', async (split) => {
    const [one, again] = [await load(split), await load(split)];
    expect(one.labels).toHaveLength(counts[split]);
    expect(one.pixels).toHaveLength(counts[split] * shape.height * shape.width * shape.channels);
    expect(new Set(one.labels)).toEqual(new Set(classNames.keys()));
    expect(Buffer.compare(one.pixels, again.pixels)).toBe(0);
    expect(Buffer.compare(one.labels, again.labels)).toBe(0);
  });
});

it('MNIST has LeCun’s images: the first of the test set is a 7, 5,923 of the training set are 0', async () => {
  const [test, train] = [await datasets.mnist.load('test'), await datasets.mnist.load('train')];
  expect(test.labels[0]).toBe(7);
  expect(train.labels.reduce((zeros, label) => zeros + Number(label === 0), 0)).toBe(5_923);
  // The mean pixel of the training set, known to every user of MNIST as 0.1307.
  let sum = 0;
  for (const pixel of train.pixels) sum += pixel;
  expect(sum / train.pixels.length / 255).toBeCloseTo(0.1307, 4);
});
