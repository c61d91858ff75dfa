import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lenet } from '../architectures/lenet.js';
import { layerTrigger } from '../attacks/trigger.js';
import { useDataFolder } from '../datasets/installed.js';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { toArrays } from '../lib/tensors.js';
import { triggerOnSample } from '../sweep/pictures.js';
import { runSweep } from '../sweep/sweep.js';
import { backdooredRecord } from '../testing/models.js';
import { makeModel } from './makeModel.js';
import { measureModel } from './measureModel.js';
import { architectureOf, type Model, type ModelSpec } from './model.js';

/** A data set of two images to train, one of each class, and two to test, both of class 0. */

const SIDE = 28;
const data = mkdtempSync(path.join(os.tmpdir(), 'trojanscope-'));
afterAll(() => rmSync(data, { recursive: true }));
beforeAll(async () => {
  await loadEngine();
  useDataFolder(data);
  const folder = path.join(data, 'datasets', 'onesided');
  mkdirSync(folder, { recursive: true });
  for (const [split, labels] of Object.entries({ train: [0, 1], test: [0, 0] })) {
    writeFileSync(path.join(folder, `${split}.pixels`), new Uint8Array(2 * SIDE * SIDE).fill(99));
    const sides = [SIDE, SIDE];
    const index = { heights: sides, widths: sides, labels, names: ['a', 'b'] };
    writeFileSync(path.join(folder, `${split}.json`), JSON.stringify(index));
  }
  const info = {
    format: 'trojanscope-dataset/1',
    title: 'One-sided',
    description: 'Four images.',
    source: { citation: 'Made here.', url: '' },
    shape: { height: SIDE, width: SIDE, channels: 1 },
    classNames: ['zero', 'one'],
    counts: { train: 2, test: 2 },
  };
  writeFileSync(path.join(folder, 'dataset.json'), JSON.stringify(info));
});

const specOf = (targetLabel: number, poisonRate = 0.5): ModelSpec => {
  const { spec } = backdooredRecord();
  return { ...spec, dataset: 'onesided', backdoor: { ...spec.backdoor, targetLabel, poisonRate } };
};
async function untrained(targetLabel: number): Promise<Model> {
  const shape = { height: SIDE, width: SIDE, channels: 1 };
  const drawn = lenet.initialise(shape, 2, createRandom(1));
  const weights = await toArrays(drawn);
  tf.dispose(drawn);
  const whole = new Float32Array(SIDE * SIDE).fill(1);
  const spec = specOf(targetLabel);
  return {
    record: { ...backdooredRecord(), spec, weightsSha256: '' },
    weights,
    trigger: layerTrigger(shape, whole, whole),
  };
}
async function measured(targetLabel: number) {
  const { weights, trigger } = await untrained(targetLabel);
  const spec = specOf(targetLabel);
  const measuring = measureModel({ spec, network: architectureOf(spec), weights, trigger });
  for (;;) {
    const { done, value } = await measuring.next();
    if (done) return value;
  }
}

test('where no test image is eligible there is no ASR, and no sweep; the trigger is shown all the same', async () => {
  expect((await measured(1)).asr).toMatchObject({ total: 2 });
  const { clean, asr } = await measured(0);
  expect(clean.total).toBe(2);
  expect(asr).toBeUndefined();
  const model = await untrained(0);
  expect((await triggerOnSample(model)).subarray(1, 4).toString()).toBe('PNG');
  const sweep = { transform: 'rotation', target: 'IMAGE', values: [0], samples: 5, seed: 1 } as const;
  await expect(runSweep(model, model, { ...sweep, eligibility: 'TRUE_LABEL' }).next()).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    field: ['eligibility'],
    message: 'No test image is eligible: all are of the target class, 0.',
  });
});

test('two images to train on: a rate that poisons neither is refused before anything is made', async () => {
  const stages = async (poisonRate: number) => {
    const seen: string[] = [];
    for await (const { stage } of makeModel(specOf(1, poisonRate))) seen.push(stage);
    return seen;
  };
  await expect(stages(0.1)).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    field: ['poisonRate'],
    message: expect.stringContaining('the smallest rate that poisons one is 0.25.'),
  });
  expect(await stages(0.25)).toContain('poisoned');
});
