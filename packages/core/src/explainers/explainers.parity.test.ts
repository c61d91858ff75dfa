import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Network, Weights } from '../architectures/architecture.js';
import type { ArchitectureId } from '../architectures/index.js';
import { useDataFolder } from '../datasets/installed.js';
import { architectureOf, type ModelRecord, type ModelSpec, partsOf, saveModel } from '../implant/model.js';
import { loadEngine, tf } from '../lib/backend.js';
import type { ImageShape } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { type FloatArray, readSafetensors, writeSafetensors } from '../lib/safetensors.js';
import { toArrays, toTensors } from '../lib/tensors.js';
import { importedNetwork } from '../onnx/network.js';
import { readOnnx } from '../onnx/readOnnx.js';
import { gradCam } from './gradCam.js';
import { integratedGradients } from './integratedGradients.js';
import { occlusion } from './occlusion.js';

/** What PyTorch computes by the papers' formulas (parity.py beside), and what is computed here. */

const python = process.env.TROJANSCOPE_PARITY_PYTHON ?? 'python3';
const hasTorch = spawnSync(python, ['-c', 'import numpy, torch']).status === 0;
if (!hasTorch) console.log(`skipped: ${python} has no torch with numpy (Debian: apt install python3-torch)`);

const LABEL = 2;
interface Case {
  name: string;
  shape: ImageShape;
  classes: number;
  /** Of trojanscope's own; what PyTorch exports otherwise. */
  spec?: ModelSpec;
}
const own = (name: string, architecture: ArchitectureId, sizePx: number, normalised = false): Case => {
  const { recipe } = { recipe: { trainedElsewhere: 'parity' } } as unknown as ModelSpec;
  const spec: ModelSpec = { dataset: 'gtsrb', architecture, sizePx, recipe, start: 'SCRATCH', seed: 1 };
  const normalization = { mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.4] };
  return {
    name,
    shape: { height: sizePx, width: sizePx, channels: 3 },
    classes: 43,
    spec: normalised ? { ...spec, normalization } : spec,
  };
};
const exported = (name: string, sizePx: number): Case => ({
  name,
  shape: { height: sizePx, width: sizePx, channels: 3 },
  classes: 5,
});
const CASES: Case[] = [
  own('lenet', 'lenet', 32),
  own('lenetNormalised', 'lenet', 28, true),
  own('resnet34', 'resnet34', 33),
  exported('residual', 20),
  exported('plain', 20),
  exported('dense', 16),
];

/** A ResNet's take long; without divisions, which are tried below. */
const stepsOf = (name: string) => (name === 'resnet34' ? 6 : 40);

/** Square and step in px, of a share of the side. */
const WINDOW = { window: 0.2, stride: 0.5 };
const inPixels = ({ height }: ImageShape) => {
  const side = Math.round(WINDOW.window * height);
  return { side, step: Math.max(1, Math.round(WINDOW.stride * side)) };
};

let folder: string;
const file = (name: string) => path.join(folder, name);
/** Fresh weights, but no bias is 0 and no statistic is that of a fresh network. */
function someWeights(spec: ModelSpec): Weights {
  const { dataset, shape } = partsOf(spec);
  const weights = architectureOf(spec).initialise(shape, dataset.classNames.length, createRandom(1));
  Object.keys(weights).forEach((name, i) => {
    const { shape } = weights[name]!;
    if (name.endsWith('kernel')) return;
    const [from, to] = name.endsWith('variance') || name.endsWith('scale') ? [0.5, 1.5] : [-0.2, 0.2];
    weights[name] = tf.randomUniform(shape, from, to, 'float32', i + 2);
  });
  return weights;
}

beforeAll(async () => {
  if (!hasTorch) return;
  folder = await mkdtemp(path.join(os.tmpdir(), 'trojanscope-test-'));
  // GTSRB's networks are asked for here, not its images.
  await mkdir(file('datasets/gtsrb'), { recursive: true });
  await writeFile(file('datasets/gtsrb/dataset.json'), '{}');
  useDataFolder(folder);
  await loadEngine();
  for (const { name, shape, spec } of CASES) {
    const { height, width, channels } = shape;
    const images = tf.randomUniform<tf.Rank.R4>([1, height, width, channels], 0, 1, 'float32', 8);
    await writeSafetensors(file(`${name}.images.safetensors`), await toArrays({ images }));
    if (spec) {
      const weights = someWeights(spec);
      const record = { spec, clean: { hits: 1, total: 2 }, durationSeconds: 1, engine: 'none', version: '0' };
      await saveModel(file(name), { record: record as ModelRecord, weights: await toArrays(weights) });
      tf.dispose(weights);
    }
    images.dispose();
  }
  const asked = CASES.map(({ name, shape }) => ({
    name,
    label: LABEL,
    integratedGradients: { steps: stepsOf(name), baseline: 'MEAN' },
    gradCam: { sign: 'BOTH' },
    occlusion: { ...inPixels(shape), fill: 'GREY' },
  }));
  const script = fileURLToPath(new URL('./parity.py', import.meta.url));
  execFileSync(python, [script, folder, JSON.stringify(asked)], { stdio: 'pipe' });
}, 300_000);
afterAll(() => (hasTorch ? rm(folder, { recursive: true }) : undefined));

async function networkOf({ name, shape, spec }: Case): Promise<{ network: Network; weights: Weights }> {
  if (spec) {
    const { weights } = await readWeights(file(`${name}/weights.safetensors`));
    return { network: architectureOf(spec), weights };
  }
  const { graph, weights } = readOnnx(await readFile(file(`${name}.onnx`)));
  return { network: importedNetwork(graph, shape), weights: toTensors(weights) };
}
const readWeights = async (from: string) => ({ weights: toTensors(await readSafetensors(from)) });

/** The largest error, as a share of the largest of their values. */
function errorOf(ours: Float32Array, { values }: FloatArray): number {
  expect(ours).toHaveLength(values.length);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest).toBeGreaterThan(0);
  return values.reduce((most, value, i) => Math.max(most, Math.abs(ours[i]! - value)), 0) / largest;
}

describe.runIf(hasTorch).each(CASES)('$name', (own) => {
  const { name, shape, classes } = own;
  const { height, width, channels } = shape;
  let explained: { network: Network; weights: Weights; shape: ImageShape; classes: number };
  let image: tf.Tensor3D;
  let theirs: Record<string, FloatArray>;
  beforeAll(async () => {
    explained = { ...(await networkOf(own)), shape, classes };
    const { images } = await readSafetensors(file(`${name}.images.safetensors`));
    image = tf.tensor3d(images!.values as Float32Array, [height, width, channels]);
    theirs = await readSafetensors(file(`${name}.maps.safetensors`));
  });
  afterAll(() => tf.dispose([image, explained.weights]));

  it('integrated gradients are PyTorch’s, and sum to what the logit gains', async () => {
    const mapper = integratedGradients.create(explained);
    const { values, completenessError } = await mapper.map(image, LABEL, {
      steps: stepsOf(name),
      tolerance: 1,
      baseline: 'MEAN',
    });
    const error = errorOf(values, theirs.integratedGradients!);
    // Where a ReLU or a maximum stands on its edge, PyTorch's own 32 bits are as far from its 64.
    const { integratedGradients: single, exact } = theirs;
    const [own, torch] = [errorOf(values, exact!), errorOf(single!.values as Float32Array, exact!)];
    console.log(`${name}: differs by ${error}; from 64 bits ${own}, PyTorch’s ${torch}`);
    expect(error < 1e-3 || own < 1e-3 || torch > 1e-3).toBe(true);
    const gained = theirs.gained!.values[0]!;
    const sum = values.reduce((all, value) => all + value, 0);
    expect(completenessError).toBeCloseTo(Math.abs(sum - gained) / Math.max(1, Math.abs(gained)), 4);
    if (name !== 'resnet34') {
      const fine = await mapper.map(image, LABEL, { steps: 1_000, tolerance: 0.001, baseline: 'MEAN' });
      console.log(`${name}: ${completenessError} from complete, ${fine.completenessError} with many steps`);
      expect(fine.completenessError).toBeLessThan(1e-3);
    }
    mapper.dispose();
  });

  it('occlusion is PyTorch’s', async () => {
    const mapper = occlusion.create(explained);
    const { values } = await mapper.map(image, LABEL, { ...WINDOW, fill: 'GREY' });
    expect(errorOf(values, theirs.occlusion!)).toBeLessThan(1e-3);
    mapper.dispose();
  });

  it.skipIf(name === 'dense')('Grad-CAM is PyTorch’s', async () => {
    const mapper = gradCam.create(explained);
    const { values } = await mapper.map(image, LABEL, { sign: 'BOTH' });
    expect(errorOf(values, theirs.gradCam!)).toBeLessThan(1e-3);
    const positive = await mapper.map(image, LABEL, { sign: 'POSITIVE' });
    expect(Math.min(...positive.values)).toBeGreaterThanOrEqual(0);
    mapper.dispose();
  });

  it.runIf(name === 'dense')('Grad-CAM is refused in words', () => {
    expect(() => gradCam.create(explained)).toThrow(/a network with a convolution/);
  });
});
