import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { readSafetensors, writeSafetensors } from '../lib/safetensors.js';
import { toArrays } from '../lib/tensors.js';
import { lenet } from './lenet.js';

const python = process.env.TROJANSCOPE_PARITY_PYTHON ?? 'python3';
const hasTorch = spawnSync(python, ['-c', 'import torch']).status === 0;
if (!hasTorch) console.log(`skipped: ${python} has no torch (Debian: apt install python3-torch)`);

it.skipIf(!hasTorch)('gives PyTorch’s logits and input gradients for the same weights', async () => {
  await loadEngine();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'trojanscope-'));
  const file = (name: string) => path.join(folder, `${name}.safetensors`);
  const weights = lenet.initialise({ height: 28, width: 28, channels: 1 }, 10, createRandom(1));
  // Fresh biases are 0: these would hide one that is left out.
  for (const name of Object.keys(weights).filter((key) => key.endsWith('bias'))) {
    weights[name] = tf.randomNormal(weights[name]!.shape, 0, 0.1, 'float32', 5);
  }
  const images = tf.randomUniform<tf.Rank.R4>([6, 28, 28, 1], 0, 1, 'float32', 2);
  await writeSafetensors(file('weights'), await toArrays(weights));
  await writeSafetensors(file('images'), await toArrays({ images }));
  const script = fileURLToPath(new URL('./parity.py', import.meta.url));
  execFileSync(python, [script, file('weights'), file('images'), file('theirs')]);
  const theirs = await readSafetensors(file('theirs'));
  const logits = lenet.logits(weights, images);
  const third = (x: tf.Tensor) => tf.sum(tf.slice(lenet.logits(weights, x as tf.Tensor4D), [0, 2], [-1, 1]));
  const ours = await toArrays({ logits, gradient: tf.grad(third)(images) });
  for (const name of ['logits', 'gradient']) {
    const [mine, their] = [ours[name]!, theirs[name]!];
    expect(mine.shape).toEqual(their.shape);
    const largest = Math.max(...their.values.map(Math.abs));
    const error = Math.max(...mine.values.map((value, i) => Math.abs(value - their.values[i]!)));
    expect(error / largest).toBeLessThan(1e-4);
  }
});
