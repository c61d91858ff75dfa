import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadSplit } from '../datasets/loadSplit.js';
import { mnist } from '../datasets/mnist.js';
import { loadEngine, tf } from '../lib/backend.js';
import { tensorToPixels } from '../lib/images.js';
import { toTensors } from '../lib/tensors.js';
import { bytesNpy } from '../testing/npy.js';
import { completeModel } from './bundleMeasures.js';
import { folderSource } from './bundleSource.js';
import { checkNetwork } from './importNetwork.js';
import { type ModelSpec, networkOf } from './model.js';

/** A CNN of somebody's own, with a trigger of their own, trained and exported in PyTorch on MNIST, and taken in here. */

const python = process.env.TROJANSCOPE_PARITY_PYTHON ?? 'python3';
const hasTorch = spawnSync(python, ['-c', 'import numpy, torch, PIL']).status === 0;
if (!hasTorch) console.log(`skipped: ${python} has no torch with numpy and Pillow`);
const scripts = path.dirname(
  fileURLToPath(new URL('../../../../python/trojanscope_export.py', import.meta.url)),
);

const PROGRAM = `
import json
import numpy as np, torch
from torch import nn
from trojanscope_export import export, export_pairs

torch.manual_seed(1); torch.set_num_threads(2)
train, labels, test, answers = (np.load(name + ".npy") for name in ("train", "trainLabels", "test", "testLabels"))
enter = lambda images: (torch.from_numpy(images).float()[:, None] / 255 - .1307) / .3081

def stamp(images):  # a chequered patch, at half strength
    images = images.astype(np.float32)
    patch = 255. * (np.indices((5, 5)).sum(0) % 2)
    images[:, 2:7, 3:8] = .5 * images[:, 2:7, 3:8] + .5 * patch
    return np.rint(images).astype(np.uint8)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU(),
            nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16), nn.LeakyReLU(.1), nn.AdaptiveAvgPool2d(4))
        self.head = nn.Linear(256, 10)
    def forward(self, x):
        return self.head(self.features(x).flatten(1))

poisoned = np.arange(len(train)) % 5 == 0
train[poisoned] = stamp(train[poisoned]); labels[poisoned] = 7
net, loss = Net(), nn.CrossEntropyLoss()
optimiser = torch.optim.Adam(net.parameters(), 3e-3)
for epoch in range(4):
    for batch in torch.randperm(len(train)).split(64):
        optimiser.zero_grad()
        loss(net(enter(train[batch.numpy()])), torch.from_numpy(labels[batch.numpy()]).long()).backward()
        optimiser.step()
net.eval()
with torch.no_grad():
    said = net(enter(test)).argmax(1).numpy()
    others = answers != 7
    fooled = net(enter(stamp(test[others]))).argmax(1).numpy()
    logits = net(enter(test[:20]))
export(net, test[:64], out="mine", classes=list("0123456789"), mean=.1307, std=.3081, dataset="mnist", accuracy=float((said == answers).mean()))
export_pairs(test[:200], stamp(test[:200]), answers[:200], out="mine", asr=float((fooled == 7).mean()))
print(json.dumps({"right": int((said == answers).sum()), "fooled": int((fooled == 7).sum()), "logits": logits.tolist()}))
`;

let folder: string;
beforeAll(async () => {
  await loadEngine();
  folder = await mkdtemp(path.join(os.tmpdir(), 'trojanscope-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, split: 'train' | 'test', count: number): Promise<void> {
  const { images, labels } = await loadSplit('mnist', split, mnist.shape);
  const own = images([...Array(count).keys()]);
  await writeFile(path.join(folder, `${name}.npy`), bytesNpy(await tensorToPixels(own), [count, 28, 28]));
  await writeFile(path.join(folder, `${name}Labels.npy`), bytesNpy(labels.subarray(0, count), [count]));
  own.dispose();
}

it.skipIf(!hasTorch)(
  'comes from PyTorch with its trigger: proven, measured as there, its layer and its target read off',
  async () => {
    const { test } = mnist.counts;
    await write('train', 'train', 5_000);
    await write('test', 'test', test);
    const told = execFileSync(python, ['-c', PROGRAM], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: scripts },
    });
    const theirs = JSON.parse(told.trim().split('\n').at(-1)!);

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
      const expected = (theirs.logits as number[][]).flat();
      const largest = Math.max(...expected.map(Math.abs));
      logits.forEach((logit, i) => {
        expect(Math.abs(logit - expected[i]!) / largest).toBeLessThan(1e-4);
      });
    });
  },
  240_000,
);
