import { beforeAll, expect, it } from 'vitest';
import { lenet } from '../architectures/lenet.js';
import { shapes } from '../datasets/shapes.js';
import type { Model } from '../implant/model.js';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { toArrays } from '../lib/tensors.js';
import { DEFAULT_EXPLANATION } from '../requests.js';
import { backdooredRecord } from '../testing/models.js';
import { makeTrigger } from '../testing/triggers.js';
import { explainStrip, type StripFrame } from './strip.js';

beforeAll(() => loadEngine());

const how = {
  ...DEFAULT_EXPLANATION,
  parameters: { copies: 3, noiseLevel: 0.1, mode: 'MAGNITUDE', seed: 1 },
};

it('explains a sample clean, trojaned and transformed, with the trigger boxed where it is in view', async () => {
  const record = { ...backdooredRecord(), weightsSha256: '' };
  const tensors = lenet.initialise(shapes.shape, 4, createRandom(1));
  const model: Model = {
    record,
    weights: await toArrays(tensors),
    trigger: await makeTrigger('badnets', shapes.shape),
  };
  tf.dispose(tensors);
  const frames: StripFrame[] = [];
  const settings = [
    { transform: 'translation', target: 'TRIGGER', value: 2 },
    { transform: 'scaling', target: 'IMAGE', value: 3 },
  ] as const;
  for await (const frame of explainStrip(model, 3, settings, how)) frames.push(frame);
  expect(frames.map(({ subject }) => subject)).toEqual(['CLEAN', 'TROJANED', ...settings]);
  expect(frames[0]!.score).toBeNull();
  expect(frames[1]!.score!.box).toEqual({ top: 20, left: 20, height: 5, width: 5 });
  expect(frames[2]!.score!.box).not.toEqual(frames[1]!.score!.box);
  // Three times as large, only the middle is in view.
  expect(frames[3]!.score).toBeNull();
});
