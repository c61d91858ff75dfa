import { describe, expect, it } from 'vitest';
import { datasetChecks } from '../contract/datasets.js';
import { loadEngine, tf } from '../lib/backend.js';
import { type DatasetId, datasetOf, datasets, whyMissing } from './index.js';
import { useDataFolder } from './installed.js';

await loadEngine();
// A developer's own import, where there is one: it is never in the repository.
useDataFolder(process.env.TROJANSCOPE_DATA ?? './data');

const here = (Object.keys(datasets) as DatasetId[]).filter((id) => whyMissing(id) === undefined);
for (const id of Object.keys(datasets))
  if (!here.includes(id)) console.log(`skipped: ${datasetOf(id).title} is not imported here`);

describe.each(here)('contract: %s', (id) => {
  for (const { name, run } of datasetChecks(datasetOf(id))) it(name, run);
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
