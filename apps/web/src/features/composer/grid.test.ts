import { expect, it } from 'vitest';
import { countGrid } from './grid';

const catalog = {
  attacks: [
    {
      id: 'badnets',
      title: 'BadNets',
      parameters: {
        properties: { patchSizePx: { type: 'integer' }, corner: { type: 'string', enum: ['a', 'b'] } },
      },
      transformsTrigger: true,
    },
    { id: 'sig', title: 'SIG', parameters: { properties: {} }, transformsTrigger: false },
  ],
  detectors: [
    { id: 'strip', parameters: { properties: { blend: { type: 'string', enum: ['SUM', 'AVERAGE'] } } } },
    {
      id: 'turns',
      parameters: { properties: { rotationsDeg: { type: 'array', items: { type: 'number' } } } },
    },
  ],
  datasets: [
    { id: 'mnist', title: 'MNIST' },
    { id: 'gtsrb', title: 'GTSRB' },
  ],
};
const badnets = (given: object = {}, more: object = {}) => ({ attack: { badnets: given }, ...more });
const sig = { attack: { sig: null } };
const on = (dataset: string, ...attacks: object[]) => ({ dataset, architecture: 'lenet', attacks });
const count = (values: object) => countGrid(values as never, catalog);

it('multiplies lists of one attack and seeds, and says so', () => {
  const grid = count({
    seeds: [1, 2],
    models: [on('mnist', badnets({ patchSizePx: [3, 5, 7] }, { poisonRate: [0.01, 0.05, 0.1] }))],
    sweeps: [{ transform: 'rotation' }, { transform: 'scaling', target: 'IMAGE' }],
    detectors: [
      { detector: { strip: { blend: ['SUM', 'AVERAGE'] } } },
      { detector: { turns: { rotationsDeg: [5, 9] } } },
    ],
    explanations: 3,
  });
  expect(grid).toEqual({
    benign: 2,
    trojaned: 18,
    sweeps: 18 * 3,
    detections: 18 * 3,
    explained: 18,
    jobs: 2 + 18 + 54 + 54 + 18,
    words:
      '3 patch sizes × 3 poison rates × 2 seeds = 18 trojaned models beside 2 benign, 54 sweeps and 54 detections.',
  });
});

it('adds up attacks, by name as long as they are few', () => {
  const sized = badnets({ patchSizePx: [3, 5] });
  expect(count({ models: [on('mnist', sized, sig)], seeds: [1, 2] }).words).toBe(
    '(2 BadNets + 1 SIG) × 2 seeds = 6 trojaned models beside 2 benign.',
  );
  expect(count({ models: [on('mnist', sized), on('gtsrb', sig)] }).words).toBe(
    '(2 BadNets on MNIST + 1 SIG on GTSRB) = 3 trojaned models beside 2 benign.',
  );
  expect(count({ models: [on('mnist', badnets(), sig)], seeds: [1] }).words).toBe(
    '2 attacks = 2 trojaned models beside 1 benign.',
  );
  expect(count({ models: [on('mnist', sized, sig, sig, sig, sig)] }).words).toMatch(/^6 attacks with their/);
});

it('counts one model without a product', () => {
  expect(count({ models: [on('mnist', badnets())] }).words).toBe('1 trojaned model beside 1 benign.');
  expect(count({ models: [on('mnist')] }).words).toBe('1 benign model, and none that is trojaned.');
});

it('sweeps no trigger that cannot be transformed', () => {
  const sweeps = [{ transform: 'rotation' }, { transform: 'blur', target: ['TRIGGER', 'IMAGE'] }];
  expect(count({ models: [on('mnist', badnets(), sig)], sweeps }).sweeps).toBe(4 + 2);
});

it('has a benign model for each size, and once where two entries want the same', () => {
  const sizes = { ...on('gtsrb', badnets()), sizePx: [32, 48] };
  expect(count({ models: [sizes], seeds: [1, 2] })).toMatchObject({ benign: 4, trojaned: 4 });
  expect(count({ models: [sizes] }).words).toMatch(/^2 image sizes = 2 trojaned/);
  expect(count({ models: [on('mnist', badnets()), on('mnist', sig)] })).toMatchObject({
    benign: 1,
    trojaned: 2,
  });
});

it('explains what is scored, and leaves models by id to the server', () => {
  const models = [on('mnist', badnets(), sig), { model: ['mod_1', 'mod_2'] }];
  expect(count({ models, scored: { attack: 'badnets' } })).toMatchObject({ benign: 1, explained: 1 });
  expect(count({ models }).words).toMatch(/ And 2 models by id, not counted here\.$/);
});

it('counts what is half written as nothing', () => {
  expect(count({ models: 'none', sweeps: 3 })).toMatchObject({ jobs: 0 });
  expect(
    count({ models: [null, { dataset: 'mnist', attacks: [null, { attack: 'badnets' }] }] }).trojaned,
  ).toBe(1);
});
