import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { architectures } from '../architectures/index.js';
import { attackOf } from '../attacks/index.js';
import { makeModel } from '../implant/makeModel.js';
import type { Model, ModelSpec } from '../implant/model.js';
import type { Classifier } from '../inference/classifier.js';
import { keptAnswers } from './answers.js';
import { runSweep, type SweepPoint, type SweepSpec } from './sweep.js';

/** How many pictures networks were asked about. */
let asked = 0;
vi.mock('../inference/classifier.js', async (original) => {
  const own = await original<typeof import('../inference/classifier.js')>();
  const createClassifier: typeof own.createClassifier = (...args) => {
    const classifier = own.createClassifier(...args);
    const classify: Classifier['classify'] = (images, signal) => {
      asked += images.shape[0];
      return classifier.classify(images, signal);
    };
    return { ...classifier, classify };
  };
  return { ...own, createClassifier };
});

const clean: ModelSpec = {
  dataset: 'shapes',
  architecture: 'lenet',
  recipe: { ...architectures.lenet.recipes.SCRATCH, epochs: 2 },
  start: 'SCRATCH',
  seed: 1,
};
const trojanedBy = (attack: 'badnets' | 'blend', seed = 1): ModelSpec => {
  const parameters = attackOf(attack).parameters.parse({}) as Record<string, unknown>;
  return { ...clean, seed, backdoor: { attack, parameters, targetLabel: 0, poisonRate: 0.1 } };
};
async function make(spec: ModelSpec): Promise<Model> {
  const making = makeModel(spec);
  let step = await making.next();
  while (!step.done) step = await making.next();
  const { record, ...model } = step.value;
  return { ...model, record: { ...record, weightsSha256: JSON.stringify(spec) } as Model['record'] };
}
let models: Record<'benign' | 'first' | 'second', Model>;
beforeAll(async () => {
  models = {
    benign: await make(clean),
    first: await make(trojanedBy('badnets')),
    second: await make(trojanedBy('blend')),
  };
});
beforeEach(() => {
  keptAnswers.clear();
  asked = 0;
});

/** As a study asks: the paper’s transforms of trigger and image. */
const SWEEPS = (
  [
    ['translation', [0, 3]],
    ['scaling', [0.8, 1]],
    ['rotation', [0, 15, 90, 180]],
  ] as const
).flatMap(([transform, values]) =>
  (['TRIGGER', 'IMAGE'] as const).map(
    (target): SweepSpec => ({ transform, target, values, samples: 100, seed: 1, eligibility: 'TRUE_LABEL' }),
  ),
);
async function sweep(
  model: Model,
  spec: SweepSpec,
  benign: Model | null = models.benign,
): Promise<SweepPoint[]> {
  const points: SweepPoint[] = [];
  for await (const point of runSweep(model, benign, spec)) points.push(point);
  return points;
}

describe('a study', () => {
  it('has the same numbers, to the bit, as one that asks everything anew', async () => {
    for (const model of [models.first, models.second])
      for (const spec of SWEEPS) {
        const shared = await sweep(model, spec);
        const kept = asked;
        keptAnswers.clear();
        expect(await sweep(model, spec)).toEqual(shared);
        // And what is kept now was not changed by who got it.
        expect([await sweep(model, spec), asked - kept > 0]).toEqual([shared, true]);
      }
  });

  it('asks about clean and untransformed pictures once a network, and about the same picture once', async () => {
    const counts: number[] = [];
    for (const spec of SWEEPS) {
      const before = asked;
      await sweep(models.first, spec);
      counts.push((asked - before) / 100);
    }
    expect(counts).toEqual([
      // Clean pictures to both networks, trojaned ones, then those of 3 px.
      4,
      // Trojaned and clean ones moved by 3 px, the clean ones to both networks.
      3, 1, 3,
      // A white square turned by 15°, 90° or 180° to the nearest pixels is a white square: nothing is asked.
      0, 9,
    ]);
    // A second model beside the same benign one, and the same ones again: nothing of the benign one.
    const before = asked;
    for (const spec of SWEEPS.slice(0, 2)) await sweep(models.second, spec);
    // Clean, trojaned, moved; both moved as images.
    expect((asked - before) / 100).toBe(3 + 2);
    for (const spec of SWEEPS) await sweep(models.first, spec);
    expect((asked - before) / 100).toBe(3 + 2);
  });

  it('mistakes no other seed, samples, label, values or benign model for it', async () => {
    const [, spec] = SWEEPS;
    const all = [
      await sweep(models.first, spec!),
      await sweep(models.first, { ...spec!, seed: 2 }),
      await sweep(models.first, { ...spec!, samples: 60 }),
      await sweep(models.first, { ...spec!, eligibility: 'BENIGN_PREDICTION' }),
      await sweep(models.first, { ...spec!, values: [0, 5] }),
      await sweep(models.first, spec!, models.second),
      await sweep(models.first, spec!, null),
    ];
    for (const [i, points] of all.entries()) {
      keptAnswers.clear();
      const specs = [
        spec!,
        { ...spec!, seed: 2 },
        { ...spec!, samples: 60 },
        { ...spec!, eligibility: 'BENIGN_PREDICTION' as const },
        { ...spec!, values: [0, 5] },
        spec!,
        spec!,
      ];
      const benign = i === 5 ? models.second : i === 6 ? null : models.benign;
      expect(await sweep(models.first, specs[i]!, benign)).toEqual(points);
    }
  });

  it('tells a network from the same weights behind another normalization', async () => {
    const { record } = models.first;
    const other: Model = {
      ...models.first,
      record: { ...record, spec: { ...record.spec, normalization: { mean: [0.9], std: [0.05] } } },
    };
    const [one, two] = [await sweep(models.first, SWEEPS[0]!), await sweep(other, SWEEPS[0]!)];
    expect(two[0]!.outcomes.confidences).not.toEqual(one[0]!.outcomes.confidences);
    keptAnswers.clear();
    expect(await sweep(other, SWEEPS[0]!)).toEqual(two);
  });
});
