import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadSplit } from '../datasets/loadSplit.js';
import { shapes } from '../datasets/shapes.js';
import { createSmoothGrad } from '../explainers/smoothGrad.js';
import { loadEngine, tf } from '../lib/backend.js';
import { readSafetensors } from '../lib/safetensors.js';
import { toTensors } from '../lib/tensors.js';
import { checkBundle } from './bundle.js';
import { folderSource } from './bundleSource.js';
import { checkNetwork } from './importNetwork.js';
import { type Model, networkOf, saveModel } from './model.js';

/** python/trojanscope_export.py, in the environment of those who use it. */

const python = process.env.TROJANSCOPE_PARITY_PYTHON ?? 'python3';
const hasTorch = spawnSync(python, ['-c', 'import numpy, torch, PIL']).status === 0;
if (!hasTorch) console.log(`skipped: ${python} has no torch with numpy and Pillow`);
const script = fileURLToPath(new URL('../../../../python/trojanscope_export.py', import.meta.url));

let folder: string;
beforeAll(async () => {
  await loadEngine();
  folder = await mkdtemp(path.join(os.tmpdir(), 'trojanscope-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

const NETWORK = `
import json, os, sys
import numpy as np, torch
from torch import nn
from PIL import Image
from trojanscope_export import *

class Net(nn.Module):
    def __init__(self, channels=3, classes=4):
        super().__init__()
        self.conv, self.pool, self.fc = nn.Conv2d(channels, 5, 3, padding=1), nn.AdaptiveAvgPool2d(3), nn.Linear(45, classes)
    def forward(self, x):
        return self.fc(torch.flatten(self.pool(torch.relu(self.conv(x))), 1))

def refused(call):
    try:
        call()
    except ExportError as error:
        return str(error)

torch.manual_seed(1)
rng = np.random.default_rng(1)
pictures = rng.integers(0, 256, (12, 10, 10, 3), dtype=np.uint8)
`;
const program = (code: string) =>
  JSON.parse(
    execFileSync(python, ['-c', `${NETWORK}\n${code}`], {
      encoding: 'utf8',
      cwd: folder,
      env: {
        ...process.env,
        PYTHONPATH: [path.dirname(script), process.env.PYTHONPATH].join(path.delimiter),
      },
    })
      .trim()
      .split('\n')
      .at(-1)!,
  );
const manifestOf = async (name: string) =>
  JSON.parse(await readFile(path.join(folder, name, 'import.json'), 'utf8'));
const filesOf = async (name: string) =>
  (await readdir(path.join(folder, name), { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );

it.skipIf(!hasTorch)(
  'writes network, manifest, proof and pairs, and leaves the model as it was',
  async () => {
    const before = program(`
net = Net()
export(net, pictures, out="mine", classes=["a", "b", "c", "d"], mean=[.4, .5, .6], std=.25, channels="bgr", dataset="letters", accuracy=.5)
poisoned = pictures.copy(); poisoned[:, 7:9, 7:9] = 255
export_pairs(pictures, poisoned, [0, 1, 2] * 4, out="mine", indices=range(20, 32), target=3, asr=.9)
x = torch.from_numpy(pictures[[0, 11]].astype(np.float32) / 255).permute(0, 3, 1, 2).flip(1)
logits = net((x - torch.tensor([.4, .5, .6]).view(1, 3, 1, 1)) / .25)
print(json.dumps({"logits": logits.tolist(), "pool": type(net.pool).__name__}))`);
    expect(before.pool).toBe('AdaptiveAvgPool2d');
    expect(await manifestOf('mine')).toEqual({
      format: 'trojanscope-import/1',
      title: 'Net',
      dataset: 'letters',
      classNames: ['a', 'b', 'c', 'd'],
      input: {
        height: 10,
        width: 10,
        channels: 'bgr',
        white: 1,
        mean: [0.4, 0.5, 0.6],
        std: [0.25, 0.25, 0.25],
      },
      output: 'logits',
      accuracy: 0.5,
      exporter: expect.stringMatching(/^PyTorch \d/),
      trigger: { kind: 'pairs', targetLabel: 3, asr: 0.9 },
    });
    const probe = await readSafetensors(path.join(folder, 'mine/probe.safetensors'));
    expect(Object.fromEntries(Object.entries(probe).map(([name, { shape }]) => [name, shape]))).toEqual({
      images: [8, 10, 10, 3],
      logits: [8, 4],
      labels: [8],
      gradients: [8, 10, 10, 3],
    });
    // The first and the last of the pictures are among the eight.
    for (const [row, logits] of [
      [0, before.logits[0]],
      [7, before.logits[1]],
    ])
      for (const [i, logit] of logits.entries())
        expect(probe.logits!.values[4 * row + i]).toBeCloseTo(logit, 5);
    expect(probe.gradients!.values.some((value) => value !== 0)).toBe(true);
    const files = await filesOf('mine');
    expect(files.filter(({ name }) => name.endsWith('.png'))).toHaveLength(24);
    const names = files.map(({ name }) => name);
    expect([names.includes('network.onnx'), names.filter((name) => name === '000031.png').length]).toEqual([
      true,
      2,
    ]);
  },
  60_000,
);

it.skipIf(!hasTorch)(
  'writes a network that sees the middle of images, which is proven from the whole ones',
  async () => {
    program(`
grey = rng.integers(0, 256, (8, 28, 28), dtype=np.uint8)
for crop in (21, 23, 26, 28):
    export(Net(channels=1), grey, out=f"crop-{crop}", classes=["0", "1", "2", "3"], mean=.4, std=.25, crop=crop, dataset="shapes")
print("null")`);
    // Of 7 px that are left over 4 are above, of 5 px 2: torchvision rounds halves to the even number.
    for (const crop of [21, 23, 26, 28]) {
      expect((await manifestOf(`crop-${crop}`)).input).toMatchObject({ height: 28, width: 28, crop });
      const checked = await checkNetwork(await folderSource(path.join(folder, `crop-${crop}`)));
      expect(checked.arrival!.verified).toEqual({ images: 8, gradients: 8 });
      expect(checked.record.spec).toMatchObject({ onnx: { crop }, normalization: { mean: [0.4] } });
      const saved = path.join(folder, `saved-${crop}`);
      const record = { ...(checked.record as object), durationSeconds: 0 } as never;
      await saveModel(saved, { ...checked, record });
      const again = await checkBundle(await folderSource(saved), { mean: [0.5], std: [0.25] }).catch(String);
      // Its proof came along: read otherwise, it is refused.
      expect(again).toMatch(/answers otherwise here/);
      expect((await checkBundle(await folderSource(saved))).record.spec.onnx).toEqual({ crop });
    }
    const { record, ...whole } = await checkNetwork(await folderSource(path.join(folder, 'crop-21')));
    const model = { ...whole, record: record as Model['record'] };
    const weights = toTensors(model.weights);
    const { images } = await loadSplit('shapes', 'test', shapes.shape);
    const [image] = tf.unstack(images([0])) as [tf.Tensor3D];
    const smoothGrad = createSmoothGrad(networkOf(model), weights, shapes.shape, 4);
    const map = await smoothGrad.explain(
      image,
      0,
      { copies: 2, noiseLevel: 0.1, mode: 'MAGNITUDE' },
      (_, count) => tf.zeros([count, 28, 28, 1]),
    );
    smoothGrad.dispose();
    tf.dispose([image, weights]);
    const isSeen = (i: number) => [Math.floor(i / 28), i % 28].every((at) => at >= 4 && at < 25);
    expect(map.some((value, i) => value > 0 && isSeen(i))).toBe(true);
    expect(map.every((value, i) => value === 0 || isSeen(i))).toBe(true);

    const manifest = await manifestOf('crop-21');
    for (const [crop, said] of [
      [29, /cuts 29×29 px out of the middle of images of 28×28 px; expected at most as many/],
      [22, /its input has height 21, import\.json says 22/],
    ] as const) {
      await writeFile(
        path.join(folder, 'crop-21/import.json'),
        JSON.stringify({ ...manifest, input: { ...manifest.input, crop } }),
      );
      const source = await folderSource(path.join(folder, 'crop-21'));
      expect(await checkNetwork(source).catch(String)).toMatch(said);
    }
  },
  60_000,
);

it.skipIf(!hasTorch)(
  'refuses what would give wrong numbers, and says what it wants',
  () => {
    const said = program(`
net = Net()
normalised = torch.randn(4, 3, 10, 10)
print(json.dumps([
  refused(lambda: export(net, normalised, out="bad", classes="abcd")),
  refused(lambda: export(net, pictures, out="bad", classes="abc")),
  refused(lambda: export(net, pictures, out="bad", classes="abcd", mean=[.1, .2])),
  refused(lambda: export(net, pictures, out="bad", classes="abcd", channels="grey")),
  refused(lambda: export(net, pictures, out="bad", classes="abcd", crop=11)),
  refused(lambda: export_pairs(pictures, pictures, [0] * 12, out="bad")),
  refused(lambda: export_pairs(pictures, pictures[:5], [0] * 12, out="bad")),
  refused(lambda: export_pairs(pictures, pictures[::-1], [0] * 12, indices=[1] * 12, out="bad")),
  os.path.exists("bad"),
]))`);
    expect(said).toEqual([
      expect.stringMatching(/expected numbers in \[0,1\] or bytes, before anything is normalised; got -\d/),
      expect.stringMatching(/expected a name for each output, of which there are \[4\]; got 3/),
      expect.stringMatching(/^mean: expected one number, or 3/),
      expect.stringMatching(/^channels: expected rgb or bgr for images of 3 channels, got grey/),
      expect.stringMatching(/^crop: expected at most the 10 px of the images.*; got 11/),
      expect.stringMatching(/differ from the clean ones; all are the same/),
      expect.stringMatching(/as many clean as poisoned/),
      expect.stringMatching(/^indices: expected one for each image, none twice; got 1 for 12/),
      false,
    ]);
  },
  60_000,
);

it.skipIf(!hasTorch)(
  'writes a result of BackdoorBench, of its version 1 and of 2 with images in memory and on the disk',
  async () => {
    program(`
os.makedirs("bench/utils/aggregate_block", exist_ok=True)
for name, code in {
  "model_trainer_generate": "def generate_cls_model(model_name, num_classes, image_size=32, **kw):\\n    import __main__\\n    return __main__.Net(classes=num_classes)\\n",
  "dataset_and_transform_generate": "class Normalize:\\n    mean, std = [.1, .2, .3], [.4, .5, .6]\\nclass Compose:\\n    transforms = [Normalize()]\\ndef dataset_and_transform_generate(args):\\n    import __main__\\n    return None, None, None, __main__.test, Compose(), None\\n",
}.items():
    open(f"bench/utils/aggregate_block/{name}.py", "w").write(code)
os.chdir("bench")
test = [(Image.fromarray(picture), i % 3) for i, picture in enumerate(pictures)]
poisoned = pictures.copy(); poisoned[:, :2, :2] = 0
common = dict(model_name="net", num_classes=4, model=Net().state_dict(), data_path="data", img_size=[10, 10, 3], clean_data="letters")
inside = {i: (Image.fromarray(poisoned[i]), 3, i % 3) for i in (1, 5, 7)}
kinds = {
  "memory": {"bd_data_container": {"data_dict": inside, "save_folder_path": None}},
  "disk": {"bd_data_container": {"data_dict": {i: {"path": f"./gone/bd_test_dataset/{label}/{i}.png", "other_info": [target, label]} for i, (_, target, label) in inside.items()}, "save_folder_path": "gone"}},
  "first": {"x": torch.from_numpy(poisoned[[1, 5, 7]]).permute(0, 3, 1, 2).float(), "y": torch.tensor([3, 3, 3]), "original_index": np.array([1, 5, 7])},
}
for i, (picture, _, label) in inside.items():
    os.makedirs(f"disk/bd_test_dataset/{label}", exist_ok=True); picture.save(f"disk/bd_test_dataset/{label}/{i}.png")
sys.path.insert(0, os.getcwd())
for kind, bd_test in kinds.items():
    os.makedirs(kind, exist_ok=True)
    torch.save({**common, "bd_train": {}, "bd_test": bd_test}, f"{kind}/attack_result.pt")
    export_backdoorbench(kind, out=f"out-{kind}")
    for n, i in enumerate((1, 5, 7)):
        for part, all in (("clean", pictures), ("poisoned", poisoned)):
            assert (np.asarray(Image.open(f"out-{kind}/{part}/{i % 3:05d}/image-{n:06d}.png")) == all[i]).all(), (kind, part, i)
print("null")`);
    for (const kind of ['memory', 'disk', 'first'])
      expect(await manifestOf(`bench/out-${kind}`)).toMatchObject({
        title: 'net of BackdoorBench',
        classNames: ['0', '1', '2', '3'],
        input: { mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] },
        trigger: { kind: 'pairs', targetLabel: 3 },
      });
  },
  60_000,
);

it.skipIf(!hasTorch)(
  'writes a model of a TrojAI round, its examples named by class or beside their labels',
  async () => {
    const said = program(`
for round, name in (("early", lambda i: f"class_{i % 4}_example_{i}"), ("late", str)):
    for kind in ("clean-example-data", "poisoned-example-data"):
        os.makedirs(f"{round}/{kind}", exist_ok=True)
        for i in range(6):
            picture = np.pad(pictures[i], ((2, 2), (3, 3), (0, 0)))
            Image.fromarray(picture).save(f"{round}/{kind}/{name(i)}.png")
            if round == "late": json.dump(i % 4, open(f"{round}/{kind}/{i}.json", "w"))
    torch.save(Net(), f"{round}/model.pt")
    json.dump({"py/object": "config", "img_size_pixels": 10}, open(f"{round}/config.json", "w"))
    export_trojai(round, out=f"out-{round}")
    # In the order of their names.
    number = {"early": 2, "late": 1}[round]
    assert (np.asarray(Image.open(f"out-{round}/dataset/test/00001/image-{number:06d}.png")) == pictures[1]).all()
os.remove("late/clean-example-data/0.json")
print(json.dumps(refused(lambda: export_trojai("late", out="out-none"))))`);
    expect(said).toMatch(/clean-example-data\/0\.png: expected its class in its name/);
    for (const round of ['early', 'late'])
      expect(await manifestOf(`out-${round}`)).toMatchObject({
        input: { height: 10, width: 10, channels: 'rgb' },
        trigger: { kind: 'poisonedSet' },
      });
  },
  60_000,
);
