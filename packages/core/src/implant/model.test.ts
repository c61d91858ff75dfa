import { appendFile, cp, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { layerTrigger } from '../attacks/trigger.js';
import { backdooredRecord } from '../testing/models.js';
import { loadModel, saveModel } from './model.js';

const shape = { height: 28, width: 28, channels: 1 };
const numbers = (count: number) => Float32Array.from({ length: count }, (_, i) => i / 7);

const aModel = () => ({
  record: backdooredRecord(),
  weights: { 'dense/kernel': { shape: [2, 3], values: numbers(6) } },
  trigger: layerTrigger(
    shape,
    numbers(784),
    Float32Array.from({ length: 784 }, (_, i) => Number(i === 783)),
  ),
});

let folder: string;
beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'trojanscope-test-')), 'model');
});
afterEach(() => rm(path.dirname(folder), { recursive: true }));

test('a bundle is read as it was written, and written anew over an old one', async () => {
  await saveModel(folder, { ...aModel(), weights: { old: { shape: [1], values: numbers(1) } } });
  const record = await saveModel(folder, aModel());
  const { weights, trigger, ...read } = await loadModel(folder);
  expect(read.record).toEqual(record);
  expect(weights).toEqual(aModel().weights);
  expect(trigger).toEqual(aModel().trigger);
});

describe('a bundle that is not whole is refused in words:', () => {
  const file = (name: string) => path.join(folder, name);
  test.each<[string, string, RegExp, () => Promise<unknown>]>([
    ['no folder', 'DATA_MISSING', /no model/, () => rm(folder, { recursive: true })],
    ['no record', 'DATA_MISSING', /no model/, () => rm(file('model.json'))],
    ['no weights', 'DATA_MISSING', /weights/, () => rm(file('weights.safetensors'))],
    ['no trigger', 'DATA_MISSING', /trigger/, () => rm(file('trigger.safetensors'))],
    ['a record cut short', 'DATA_DAMAGED', /model\.json/, () => truncate(file('model.json'), 40)],
    [
      'another format',
      'DATA_DAMAGED',
      /model\.json.*other/,
      () => writeFile(file('model.json'), '{"format":"other"}'),
    ],
    ['weights cut short', 'DATA_DAMAGED', /weights.*hash/, () => truncate(file('weights.safetensors'), 20)],
    [
      'weights with something behind',
      'DATA_DAMAGED',
      /weights.*hash/,
      () => appendFile(file('weights.safetensors'), 'x'),
    ],
    [
      'other weights',
      'DATA_DAMAGED',
      /weights.*hash/,
      () => cp(file('trigger.safetensors'), file('weights.safetensors')),
    ],
    ['a trigger cut short', 'DATA_DAMAGED', /trigger/, () => truncate(file('trigger.safetensors'), 200)],
  ])('%s', async (_, code, message, damage) => {
    await saveModel(folder, aModel());
    await damage();
    await expect(loadModel(folder)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
