import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Weights } from '../architectures/architecture.js';
import { loadEngine, tf } from '../lib/backend.js';
import { compile } from '../lib/compile.js';
import { toTensors } from '../lib/tensors.js';
import { importedNetwork } from './network.js';
import { readOnnx } from './readOnnx.js';

/** What PyTorch exports and computes (parity.py beside), and what is computed of it here. */

const python = process.env.TROJANSCOPE_PARITY_PYTHON ?? 'python3';
const hasTorch = spawnSync(python, ['-c', 'import numpy, torch']).status === 0;
if (!hasTorch) console.log(`skipped: ${python} has no torch with numpy (Debian: apt install python3-torch)`);

/** Each network at one size and opset; `fixed` ones were exported for one image. Gradients differ on edges, see below. */
const CASES: [name: string, side: number, opset: number, fixed?: 'fixed'][] = [
  ['smallCnn', 32, 11],
  ['resnet18', 224, 13],
  ['preActResNet18', 32, 11, 'fixed'],
  ['vgg11Bn', 32, 13],
  ['mobileNetV2', 64, 11],
  ['denseNet121', 64, 17],
  ['efficientNetB0', 64, 13],
  ['convNextTiny', 64, 17],
  ['smallViT', 32, 17, 'fixed'],
  ['grouped', 32, 17],
];

/** As in the script. */
const IMAGES = 2;

let folder: string;
beforeAll(async () => {
  await loadEngine();
  if (!hasTorch) return;
  folder = await mkdtemp(path.join(os.tmpdir(), 'trojanscope-test-'));
  const script = fileURLToPath(new URL('./parity.py', import.meta.url));
  execFileSync(python, [script, folder, ...CASES.map((own) => own.join(':'))], { stdio: 'pipe' });
}, 300_000);
afterAll(() => (hasTorch ? rm(folder, { recursive: true }) : undefined));

const largestOf = (numbers: Float32Array) => numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
/** The largest difference over the largest value. */
const errorOf = (came: Float32Array, wanted: Float32Array) =>
  largestOf(came.map((x, i) => x - wanted[i]!)) / largestOf(wanted);

it.runIf(hasTorch).each(CASES)('%s of %i px, opset %i', async (name, side) => {
  const { images, logits, gradient, exact } = await expectationOf(name, side);
  const { graph, weights } = readOnnx(await readFile(path.join(folder, `${name}.onnx`)));
  const network = importedNetwork(graph, { height: side, width: side, channels: 3 });
  const tensors: Weights = toTensors(weights);
  const input = tf.tensor4d(images, [IMAGES, side, side, 3]);
  const before = tf.memory().numTensors;
  const both = compile(
    (x) => {
      const { value, grad } = tf.valueAndGrad((own) =>
        tf.sum(tf.max(network.logits(tensors, own as tf.Tensor4D), 1)),
      )(x!);
      value.dispose();
      return [network.logits(tensors, x as tf.Tensor4D), grad];
    },
    [input],
  );
  const [own, grad] = both.run(input);
  expect(errorOf((await own!.data()) as Float32Array, logits)).toBeLessThan(1e-4);
  const size = side * side * 3;
  const came = (await grad!.data()) as Float32Array;
  for (let i = 0; i < IMAGES; i++) {
    const part = (all: Float32Array) => all.subarray(i * size, (i + 1) * size);
    const error = errorOf(part(came), part(gradient));
    // Where a ReLU or a maximum stands on its edge, PyTorch's own 32 bits are as far from its 64.
    if (error > 1e-3) {
      const theirs = errorOf(part(gradient), part(exact));
      const ours = errorOf(part(came), part(exact));
      console.log(`${name}, image ${i}, on an edge: ${error}; to 64 bits ${ours}, PyTorch’s ${theirs}`);
      expect(theirs > 1e-3 || ours < 1e-3, 'PyTorch’s gradients differ from its own of 64 bits').toBe(true);
    }
  }
  tf.dispose([own!, grad!]);
  both.dispose();
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose([input, tensors]);
});

async function expectationOf(name: string, side: number) {
  const content = await readFile(path.join(folder, `${name}.bin`));
  const numbers = new Float32Array(
    content.buffer.slice(content.byteOffset, content.byteOffset + content.length),
  );
  const [pixels, classes] = [IMAGES * side * side * 3, IMAGES * 10];
  let at = 0;
  const take = (count: number) => {
    at += count;
    return numbers.subarray(at - count, at);
  };
  return { images: take(pixels), logits: take(classes), gradient: take(pixels), exact: take(pixels) };
}
