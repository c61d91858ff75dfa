import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadSplit } from '../datasets/loadSplit.js';
import { mnist } from '../datasets/mnist.js';
import { loadEngine, tf } from '../lib/backend.js';
import { toTensors } from '../lib/tensors.js';
import { hasTorch, makeOwnNetwork } from '../testing/ownNetwork.js';
import { completeModel } from './bundleMeasures.js';
import { folderSource } from './bundleSource.js';
import { checkNetwork } from './importNetwork.js';
import { type ModelSpec, networkOf } from './model.js';

/** A CNN of somebody's own, with a trigger of their own, trained and exported in PyTorch on MNIST, and taken in here. */

let folder: string;
beforeAll(async () => {
  await loadEngine();
  folder = await mkdtemp(path.join(os.tmpdir(), 'trojanscope-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

it.skipIf(!hasTorch)(
  'comes from PyTorch with its trigger: proven, measured as there, its layer and its target read off',
  async () => {
    // Half as strong as what is under it.
    const theirs = await makeOwnNetwork(folder, { weight: 0.5, dark: 0, light: 255 });

    const checked = await checkNetwork(await folderSource(path.join(folder, 'mine')));
    const { record, arrival, graph, weights } = checked;
    expect(arrival!.verified!.images).toBe(8);
    expect(arrival!.verified!.gradients).toBeGreaterThanOrEqual(7);
    expect(record.spec.backdoor).toMatchObject({ attack: 'layer', targetLabel: 7 });
    expect(checked.trigger!.box).toEqual({ left: 3, top: 2, height: 5, width: 5 });
    // In the network's order and range: it takes (x − 0.1307) / 0.3081.
    expect(record.spec.normalization).toEqual({ mean: [0.1307], std: [0.3081] });

    const completing = completeModel(checked, { from: 'mine', at: '2026-01-01T00:00:00.000Z', always: true });
    let step = await completing.next();
    while (!step.done) step = await completing.next();
    const { clean, asr, imported } = step.value.record;
    // Of ten thousand images one or two may stand on an edge.
    expect(Math.abs(clean.hits - theirs.right)).toBeLessThanOrEqual(2);
    // The layer that was read off is within two levels of the patch.
    expect(Math.abs(asr!.hits - theirs.fooled) / asr!.total).toBeLessThan(0.01);
    expect(asr!.hits / asr!.total).toBeGreaterThan(0.8);
    expect(imported.warnings).toBeUndefined();

    const { images } = await loadSplit('mnist', 'test', mnist.shape);
    tf.tidy(() => {
      const network = networkOf({ record: { spec: record.spec as ModelSpec }, graph });
      const logits = network.logits(toTensors(weights), images([...Array(20).keys()])).dataSync();
      const expected = theirs.logits.flat();
      const largest = Math.max(...expected.map(Math.abs));
      logits.forEach((logit, i) => {
        expect(Math.abs(logit - expected[i]!) / largest).toBeLessThan(1e-4);
      });
    });
  },
  240_000,
);
