import { beforeAll, expect, it } from 'vitest';
import { lenet } from '../architectures/lenet.js';
import { type AttackId, attackOf } from '../attacks/index.js';
import { loadEngine } from '../lib/backend.js';
import { toArrays, toTensors } from '../lib/tensors.js';
import type { TrainingTransforms } from '../transforms/randomly.js';
import { completeBackdoor } from './backdoor.js';
import { type MakingOptions, makeModel } from './makeModel.js';
import type { ModelSpec } from './model.js';

beforeAll(() => loadEngine());

const trainingTransforms: TrainingTransforms = {
  target: 'ALL',
  transforms: [
    { transform: 'rotation', from: -10, to: 10 },
    { transform: 'brightness', from: 0.8, to: 1.2 },
  ],
};
const specOf = (attack: AttackId, more: object = {}): ModelSpec => ({
  dataset: 'shapes',
  architecture: 'lenet',
  recipe: { ...lenet.recipes.SCRATCH, epochs: 2 },
  start: 'SCRATCH',
  seed: 1,
  backdoor: completeBackdoor({
    attack,
    parameters: attackOf(attack).parameters.parse({}),
    targetLabel: 0,
    ...more,
  }),
});

async function made(spec: ModelSpec, { resume }: MakingOptions = {}) {
  const making = makeModel(spec, { resume });
  const checkpoints: NonNullable<MakingOptions['resume']>[] = [];
  for (;;) {
    const { done, value } = await making.next();
    if (done) return { checkpoints, ...value };
    if (value.stage !== 'training' || !value.checkpoint) continue;
    const { step, weights, momenta } = value.checkpoint;
    const [w, m] = [await toArrays(weights), await toArrays(momenta)];
    checkpoints.push({
      get checkpoint() {
        return { step, weights: toTensors(w), momenta: toTensors(m) };
      },
    });
  }
}

it.each<[AttackId, object]>([
  ['badnets', { trainingTransforms, coverRatio: 0.5 }],
  ['wanet', {}],
  ['adaptiveBlend', { poisonRate: 0.1 }],
  ['batt', {}],
])(
  '%s with %j: the same seed gives the same bytes, also resumed in the middle of training',
  async (attack, more) => {
    const spec = specOf(attack, more);
    const whole = await made(spec);
    expect(whole.record.poison!.covers?.effective).toBe(
      { badnets: 100, wanet: 400, adaptiveBlend: 200 }[attack as string],
    );
    const resumed = await made(spec, { resume: { ...whole.checkpoints[0], trigger: whole.trigger } });
    expect(resumed.weights).toEqual(whole.weights);
    expect(resumed.record.poison).toEqual(whole.record.poison);
    expect([resumed.record.clean, resumed.record.asr]).toEqual([whole.record.clean, whole.record.asr]);
    const other = await made({ ...spec, seed: 2 });
    expect(other.weights).not.toEqual(whole.weights);
  },
  120_000,
);

it('what is not asked for changes nothing: no covers and no transforms are as if there were no such options', async () => {
  const plain = await made(specOf('badnets'));
  const said = await made(specOf('badnets', { coverRatio: 0 }));
  expect(said.weights).toEqual(plain.weights);
  expect(plain.record).not.toHaveProperty('poison.covers');
  expect(plain.record.spec.backdoor).not.toHaveProperty('coverRatio');
}, 60_000);

it('refuses to transform a trigger that is no layer before anything is made', async () => {
  const spec = specOf('wanet', { trainingTransforms: { ...trainingTransforms, target: 'TRIGGER' } });
  await expect(made(spec)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});
