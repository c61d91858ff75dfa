import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Weights } from '../architectures/architecture.js';
import { type ArchitectureId, architectures } from '../architectures/index.js';
import type { Normalization } from '../architectures/normalization.js';
import { badnets } from '../attacks/badnets.js';
import { layerTrigger } from '../attacks/trigger.js';
import { useDataFolder } from '../datasets/installed.js';
import { createSmoothGrad, GRADIENT_MODES } from '../explainers/smoothGrad.js';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { type FloatArray, readSafetensors, writeSafetensors } from '../lib/safetensors.js';
import { toArrays, toTensors } from '../lib/tensors.js';
import { checkBundle } from './bundle.js';
import { folderSource } from './bundleSource.js';
import { architectureOf, loadModel, type ModelRecord, type ModelSpec, partsOf, saveModel } from './model.js';

/** What TensorFlow computes here and PyTorch computes of the same bundle, through the script for those who use it. */

const python = process.env.TROJANSCOPE_PARITY_PYTHON ?? 'python3';
const hasTorch = spawnSync(python, ['-c', 'import numpy, torch']).status === 0;
if (!hasTorch) console.log(`skipped: ${python} has no torch with numpy (Debian: apt install python3-torch)`);
const script = fileURLToPath(new URL('../../../../python/trojanscope_bundle.py', import.meta.url));
/** Some lines of Python beside the script. Starting it takes seconds, so tests share one. */
const program = (code: string) =>
  execFileSync(python, ['-c', `import json\nfrom trojanscope_bundle import *\n${code}`], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, PYTHONPATH: [path.dirname(script), process.env.PYTHONPATH].join(path.delimiter) },
  });
type Command = (string | number)[];
/** The script's own commands, one after the other. Returns what they print. */
const run = (...commands: Command[]) =>
  program(
    `for args in json.loads(${JSON.stringify(JSON.stringify(commands))}): main([str(arg) for arg in args])`,
  );

let folder: string;
const file = (name: string) => path.join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'trojanscope-test-'));
  // GTSRB's networks are asked for here, not its images.
  await mkdir(file('datasets/gtsrb'), { recursive: true });
  await writeFile(file('datasets/gtsrb/dataset.json'), '{}');
  useDataFolder(folder);
  await loadEngine();
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

/** Fresh weights, but no bias is 0 and no statistic is that of a fresh network: these would hide one that is left out. */
function someWeights(spec: ModelSpec): Weights {
  const { dataset, shape } = partsOf(spec);
  const architecture = architectureOf(spec);
  const weights = architecture.initialise(shape, dataset.classNames.length, createRandom(1));
  Object.keys(weights).forEach((name, i) => {
    const { shape } = weights[name]!;
    if (name.endsWith('kernel')) return;
    const [from, to] = name.endsWith('variance') || name.endsWith('scale') ? [0.5, 1.5] : [-0.2, 0.2];
    weights[name] = tf.randomUniform(shape, from, to, 'float32', i + 2);
  });
  return weights;
}

const anImage = (spec: ModelSpec, count: number, seed: number) => {
  const { height, width, channels } = partsOf(spec).shape;
  return tf.randomUniform<tf.Rank.R4>([count, height, width, channels], 0, 1, 'float32', seed);
};

async function save(name: string, spec: ModelSpec, weights: Weights) {
  const record = { spec, clean: { hits: 1, total: 2 }, durationSeconds: 1, engine: 'none', version: '0' };
  const { height, width, channels } = partsOf(spec).shape;
  const numbers = (count: number, at: (i: number) => number) =>
    Float32Array.from({ length: count }, (_, i) => at(i));
  const trigger =
    spec.backdoor &&
    layerTrigger(
      { height, width, channels },
      numbers(height * width * channels, (i) => (i % 256) / 255),
      numbers(height * width, (i) => (i % 5) / 4),
    );
  await saveModel(path.resolve(folder, name), {
    record: record as ModelRecord,
    weights: await toArrays(weights),
    trigger,
  });
}

/** The largest error, as a share of the largest of their values. */
function errorOf(ours: ArrayLike<number>, { values }: FloatArray): number {
  expect(ours).toHaveLength(values.length);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return values.reduce((most, value, i) => Math.max(most, Math.abs(ours[i]! - value)), 0) / largest;
}

const cases: [string, ModelSpec, images: number, copies: number][] = (
  [
    ['LeNet on 28×28×1', 'mnist', 'lenet', undefined, 6, 30],
    // Its dense layer sees maps of 6×6.
    ['LeNet on 32×32×3', 'gtsrb', 'lenet', 32, 2, 10],
    ['ResNet-34 on 33×33×3', 'gtsrb', 'resnet34', 33, 3, 6],
    ['ResNet-34 on 96×96×3', 'gtsrb', 'resnet34', undefined, 1, 3],
    ['LeNet behind a normalization', 'mnist', 'lenet', undefined, 6, 30, { mean: [0.5], std: [0.5] }],
    [
      'ResNet-34 behind a normalization',
      ...(['gtsrb', 'resnet34', 33, 3, 6] as const),
      { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    ],
  ] as [string, string, ArchitectureId, number | undefined, number, number, Normalization?][]
).map(([title, dataset, id, sizePx, images, copies, normalization]) => {
  const architecture: ArchitectureId = id;
  const { SCRATCH: recipe } = architectures[architecture].recipes;
  const spec: ModelSpec = { dataset, architecture, sizePx, recipe, start: 'SCRATCH', seed: 1 };
  return [title, { ...spec, ...(normalization && { normalization }) }, images, copies];
});

describe.skipIf(!hasTorch).each(cases)('PyTorch opens %s', (title, spec, count, copies) => {
  const { dataset, shape } = partsOf(spec);
  const architecture = architectureOf(spec);
  const label = 2;
  const name = title.replace(/\W/g, '');
  let bundle: string;
  let weights: Weights;
  let images: tf.Tensor4D;
  let noise: tf.Tensor4D;
  const theirs = async (name: string) =>
    Object.values(await readSafetensors(`${bundle}.${name}.safetensors`))[0]!;
  beforeAll(async () => {
    bundle = file(name);
    weights = someWeights(spec);
    images = anImage(spec, count, 7);
    noise = tf.randomNormal([copies, ...images.shape.slice(1)] as tf.Tensor4D['shape'], 0, 1, 'float32', 3);
    await save(bundle, spec, weights);
    const safetensors = (name: string) => `${bundle}.${name}.safetensors`;
    await writeSafetensors(safetensors('images'), await toArrays({ images }));
    await writeSafetensors(safetensors('first'), await toArrays({ images: tf.slice(images, 0, 1) }));
    await writeSafetensors(safetensors('noise'), await toArrays({ noise }));
    const size = spec.sizePx ? ['--size', spec.sizePx] : [];
    const { mean, std } = spec.normalization ?? {};
    const normal = mean && std ? ['--mean', ...mean, '--std', ...std] : [];
    const kind = ['--architecture', spec.architecture, '--dataset', spec.dataset, ...size, ...normal];
    run(
      ['logits', bundle, '--images', safetensors('images'), '--out', safetensors('logits')],
      ...GRADIENT_MODES.map((mode) => {
        const inputs = ['--images', safetensors('first'), '--noise', safetensors('noise'), '--label', label];
        return ['smoothgrad', bundle, ...inputs, '--mode', mode, '--out', safetensors(mode)];
      }),
      ['to-state', bundle, '--out', safetensors('state')],
      ['to-bundle', safetensors('state'), ...kind, '--out', `${bundle}.back`],
    );
  }, 120_000);
  afterAll(() => tf.dispose([weights, images, noise]));

  it('and gets the same logits', async () => {
    const logits = architecture.logits(weights, images);
    const error = errorOf(await logits.data(), await theirs('logits'));
    console.log(`${title}: logits differ by ${error.toExponential(1)}`);
    expect(error).toBeLessThan(1e-4);
  });

  it('and gets the same SmoothGrad for the same noise', async () => {
    // Chunks that do not divide the copies, so that the last is filled up.
    const chunk = Math.ceil(copies / 2) + 1;
    const smoothGrad = createSmoothGrad(architecture, weights, shape, dataset.classNames.length, chunk);
    const image = tf.tidy(() => tf.squeeze<tf.Tensor3D>(tf.slice(images, 0, 1), [0]));
    for (const mode of GRADIENT_MODES) {
      const settings = { copies, noiseLevel: 0.15, mode };
      const ours = await smoothGrad.explain(image, label, settings, (from, wanted) => {
        const there = Math.min(wanted, copies - from);
        const rest: [number, number][] = [[0, wanted - there], ...Array(3).fill([0, 0])];
        return tf.tidy(() => tf.pad(tf.slice(noise, from, there), rest) as tf.Tensor4D);
      });
      const error = errorOf(ours, await theirs(mode));
      console.log(`${title}: ${mode} SmoothGrad differs by ${error.toExponential(1)}`);
      expect(error).toBeLessThan(1e-3);
    }
    smoothGrad.dispose();
    image.dispose();
  });

  it('and what comes back from PyTorch is the same model', async () => {
    const { record, weights: back } = await checkBundle(await folderSource(`${bundle}.back`));
    // To the bit and in the same order, each under one PyTorch layer's name meanwhile.
    expect(record.weightsSha256).toBe((await loadModel(bundle)).record.weightsSha256);
    expect(record).toMatchObject({ spec: { recipe: { trainedElsewhere: expect.any(String) } } });
    expect(record.spec.normalization).toEqual(spec.normalization);
    expect(record.clean).toBeUndefined();
    const tensors = toTensors(back);
    const logits = architecture.logits(tensors, images);
    expect(errorOf(await logits.data(), await theirs('logits'))).toBeLessThan(1e-4);
    tf.dispose([tensors, logits]);
  });
});

describe.skipIf(!hasTorch)('PyTorch', () => {
  const recipe = architectures.lenet.recipes.SCRATCH;
  const backdoor = {
    attack: 'badnets',
    parameters: badnets.parameters.parse({}),
    targetLabel: 0,
    poisonRate: 0.1,
  } as const;
  const benign: ModelSpec = { dataset: 'shapes', architecture: 'lenet', recipe, start: 'SCRATCH', seed: 1 };
  const trojaned: ModelSpec = { ...benign, backdoor };
  /** What each of the commands is refused with. */
  const refusals = (...commands: Command[]): string[] =>
    JSON.parse(
      program(`
messages = []
for args in json.loads(${JSON.stringify(JSON.stringify(commands))}):
    try:
        main(args)
    except SystemExit as end:
        messages.append(end.code)
print(json.dumps(messages))`),
    );
  beforeAll(async () => {
    const weights = someWeights(trojaned);
    await save('trojaned', trojaned, weights);
    tf.dispose(weights);
  });

  it('puts the trigger on images alike', async () => {
    const { trigger } = await loadModel(file('trojaned'));
    const images = anImage(trojaned, 3, 5);
    await writeSafetensors(file('images.safetensors'), await toArrays({ images }));
    program(`
images = read_safetensors("images.safetensors")["images"]
write_safetensors("stamped.safetensors", {"images": stamp(load("trojaned"), images)})`);
    const stamped = (await readSafetensors(file('stamped.safetensors'))).images!;
    const ours = badnets.stamp(images, trigger!, backdoor.parameters);
    expect(errorOf(await ours.data(), stamped)).toBe(0);
  });

  it('trains a trojaned model on, which keeps its trigger and says what it began as', async () => {
    const shown = program(`
module = load("trojaned")
with torch.no_grad():
    module.fc3.bias += 1
save_state(module, "state.safetensors")
to_bundle(read_safetensors("state.safetensors"), "finetuned.zip", like="trojaned", note="one step of nothing")
zipfile.ZipFile("finetuned.zip").extractall("finetuned")
main(["show", "finetuned.zip"])`);
    const before = await loadModel(file('trojaned'));
    const { record, trigger, weights } = await checkBundle(await folderSource(file('finetuned')));
    expect(trigger).toEqual(before.trigger);
    expect(record.base?.weightsSha256).toBe(before.record.weightsSha256);
    expect(record.spec).toMatchObject({
      start: 'MODEL',
      backdoor,
      recipe: { trainedElsewhere: 'one step of nothing' },
    });
    const [was, is] = [before.weights, weights].map((own) => own['dense3/bias']!.values);
    expect([...is!].map((value, i) => value - was![i]!)).toEqual(
      [1, 1, 1, 1].map((one) => expect.closeTo(one)),
    );
    expect(shown).toMatch(/trojaned: badnets.*target label 0[\s\S]*not measured/);
  });

  it('does what docs/bundles.md shows', async () => {
    const page = await readFile(new URL('../../../../docs/bundles.md', import.meta.url), 'utf8');
    const snippets = Array.from(page.matchAll(/```python\n(.*?)```/gs), ([, code]) => code);
    expect(snippets).toHaveLength(3);
    const printed = program(`
with zipfile.ZipFile("badnets.zip", "w") as archive:
    for name in FILES:
        archive.write("trojaned/" + name, name)
${snippets.join('')}
main(["to-bundle", "state.safetensors", "--architecture", "lenet", "--dataset", "mnist", "--out", "mine.zip"])
main(["show", "repaired.zip"])
print(saliency.shape)`);
    expect(printed).toContain("'attack': 'badnets'");
    expect(printed).toMatch(/training +fc3 row 0 halved/);
    expect(printed).toContain('torch.Size([28, 28, 1])');
  });

  it('reads state dicts with a prefix, in BF16, with a renamed last layer', () => {
    const code = `
want = {name: tensor.bfloat16().float() for name, tensor in LeNet(1, 4, 4).state_dict().items()}
plain = state_to_weights("lenet", want)
def same(state, rename=None):
    got = state_to_weights("lenet", state, rename)
    return all((got[name] == plain[name]).all() for name in plain)
wrapped = {"_orig_mod.module." + name: tensor for name, tensor in want.items()}
print(same({**wrapped, "n_averaged": torch.tensor(1)}))
header, chunks, at = {}, [], 0
for name, tensor in want.items():
    chunk = (tensor.numpy().view("<u4") >> 16).astype("<u2").tobytes()
    header[name] = {"dtype": "BF16", "shape": list(tensor.shape), "data_offsets": [at, at + len(chunk)]}
    chunks.append(chunk); at += len(chunk)
text = json.dumps(header).encode()
print(same(read_safetensors(struct.pack("<Q", len(text)) + text + b"".join(chunks))))
nested = {name.replace("fc3.", "fc3.1."): tensor for name, tensor in wrapped.items()}
print(same(nested, {"fc3.1.": "fc3."}))
try: same(nested)
except BundleError as error: print(error)
try: same(wrapped, {"head.": "fc3."})
except BundleError as error: print(error)
`;
    const [prefixed, bf16, renamed, question, absent] = program(code).split('\n');
    expect([prefixed, bf16, renamed]).toEqual(['True', 'True', 'True']);
    expect(question).toContain('Is fc3.1. what is called fc3. here? Then --rename fc3.1.=fc3.');
    expect(absent).toContain('no name begins with head.');
  }, 60_000);

  it('refuses in words what is no bundle or has other layers', async () => {
    const weights = someWeights(benign);
    await save('damaged', benign, weights);
    await writeFile(file('damaged/weights.safetensors'), 'x');
    await writeFile(file('some.zip'), 'PK no');
    await writeFile(file('pickle.pt'), '');
    const layer = { shape: [1], values: new Float32Array(1) };
    await writeSafetensors(file('other.safetensors'), { 'conv9.weight': layer });
    await writeSafetensors(file('narrow.safetensors'), {
      ...(await readSafetensors(file('LeNeton28281.state.safetensors'))),
      'fc2.bias': layer,
    });
    tf.dispose(weights);
    const kind = ['--architecture', 'lenet', '--dataset', 'mnist', '--out', 'other'];
    const messages = refusals(
      ['show', 'damaged'],
      ['show', 'nothing.zip'],
      ['show', 'some.zip'],
      ...['pickle.pt', 'other.safetensors', 'narrow.safetensors'].map((state) => [
        'to-bundle',
        state,
        ...kind,
      ]),
    );
    const expected = [
      /weights\.safetensors: its hash/,
      /nothing\.zip/,
      /some\.zip: expected a folder or a whole zip archive/,
      /pickle\.pt: expected a \.safetensors file/,
      /not of it conv9\.weight; missing conv1\.bias/,
      /expected the layers of lenet[\s\S]*fc2\.bias/,
    ];
    expect(messages).toHaveLength(expected.length);
    for (const [i, pattern] of expected.entries()) expect(messages[i]).toMatch(pattern);
  });
});
