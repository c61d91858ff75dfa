import { execFileSync, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSplit } from '../datasets/loadSplit.js';
import { mnist } from '../datasets/mnist.js';
import { loadEngine } from '../lib/backend.js';
import { tensorToPixels } from '../lib/images.js';
import { bytesNpy } from './npy.js';

/** A CNN that somebody trained in PyTorch, with a trigger of their own: ownNetwork.py. */

const python = process.env.TROJANSCOPE_PARITY_PYTHON ?? 'python3';
export const hasTorch = spawnSync(python, ['-c', 'import numpy, torch, PIL']).status === 0;
if (!hasTorch) console.log(`skipped: ${python} has no torch with numpy and Pillow`);

const at = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const MOST_BYTES = 2 ** 27;

function runPython(folder: string, args: readonly string[], input = ''): unknown {
  const places = ['../../../../python', '../transforms'].map(at);
  const env = { ...process.env, PYTHONPATH: places.join(path.delimiter) };
  const options = { cwd: folder, env, input, encoding: 'utf8', maxBuffer: MOST_BYTES } as const;
  return JSON.parse(execFileSync(python, [at('./ownNetwork.py'), ...args], options));
}

/** What PyTorch makes of the test images, clean and with the trigger, and of the first 20 the logits. */
interface Measured {
  right: number;
  fooled: number;
  logits: number[][];
}

/** The trigger: a chequered patch of two levels, 0..255, opaque where the weight is 1. */
interface Look {
  weight: number;
  dark: number;
  light: number;
}

/** Trains it on 5,000 images, and exports it with pairs as `mine` into the folder. */
export async function makeOwnNetwork(folder: string, { weight, dark, light }: Look): Promise<Measured> {
  await loadEngine();
  for (const [split, count] of [
    ['train', 5_000],
    ['test', mnist.counts.test],
  ] as const) {
    const { images, labels } = await loadSplit('mnist', split, mnist.shape);
    const own = images([...Array(count).keys()]);
    const pixels = bytesNpy(await tensorToPixels(own), [count, 28, 28]);
    own.dispose();
    await writeFile(path.join(folder, `${split}.npy`), pixels);
    await writeFile(path.join(folder, `${split}Labels.npy`), bytesNpy(labels.subarray(0, count), [count]));
  }
  return runPython(folder, ['make', ...[weight, dark, light].map(String)]) as Measured;
}

/** Samples with the trigger at one value of a transform. */
interface PointAsked {
  transform: string;
  target: string;
  value: number;
  /** Right and down. */
  samples: { index: number; shift: readonly [number, number] }[];
}

/** What the network of that folder makes of points, in PyTorch, of images that Pillow transformed. */
export const sweepInPyTorch = (folder: string, points: readonly PointAsked[]) =>
  runPython(folder, ['sweep'], JSON.stringify(points)) as { labels: number[]; margins: number[] }[];
