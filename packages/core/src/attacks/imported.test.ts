import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { splitOf } from '../datasets/dataset.js';
import { loadEngine, tf } from '../lib/backend.js';
import { encodePng, imagesToTensor } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { naturalImages } from '../testing/natural.js';
import { bytesNpy, floatsNpy, npyOf } from '../testing/npy.js';
import { filesOf } from '../testing/triggers.js';
import { type AttackId, attackOf } from './index.js';
import { stampLayer, type Trigger } from './trigger.js';

/** Triggers from elsewhere, read from what comes with a model. */

const shape = { height: 8, width: 6, channels: 3 };
const size = 8 * 6 * 3;
const images = naturalImages(12, shape, createRandom(1));
const imageOf = (i: number) => images.subarray(i * size, (i + 1) * size);
const labels = Int32Array.from({ length: 12 }, (_, i) => i % 4);
const data = splitOf(images, labels, shape);
const classNames = ['cat', 'dog', 'owl', 'fox'];
type Content = Record<string, Uint8Array>;
const make = async (attack: AttackId, given: object, content: Content) => {
  const { parameters, createTrigger } = attackOf(attack);
  const context = {
    shape,
    data,
    targetLabel: 0,
    random: createRandom(1),
    files: filesOf(content),
    classNames,
  };
  return (await createTrigger(parameters.parse(given), context)) as Trigger;
};
const png = (pixels: Uint8Array, channels = 3, height = 8, width = 6) =>
  encodePng(pixels, { height, width, channels });
const levelsOf = async (result: tf.Tensor) =>
  Array.from(await result.data(), (level) => Math.round(level * 255));

/** Image i, and with the trigger: inverted. */
let clean: Buffer[];
let poisoned: Buffer[];
beforeAll(async () => {
  await loadEngine();
  clean = await Promise.all(Array.from({ length: 12 }, (_, i) => png(imageOf(i))));
  poisoned = await Promise.all(
    Array.from({ length: 12 }, (_, i) => png(imageOf(i).map((level) => 255 - level))),
  );
});

describe('layer', () => {
  it('takes an RGBA picture, and a weight', async () => {
    const rgba = new Uint8Array(8 * 6 * 4);
    rgba.set([200, 100, 0, 255, 200, 100, 0, 128]);
    const trigger = await make('layer', { pattern: 'a.png', weight: 0.5 }, { 'a.png': await png(rgba, 4) });
    expect(trigger.box).toEqual({ top: 0, left: 0, height: 1, width: 2 });
    const black = await levelsOf(stampLayer(tf.zeros([1, 8, 6, 3]), trigger, {}));
    // 200 · 0.5, and 200 · 0.5 · 128/255.
    expect(black.slice(0, 7)).toEqual([100, 50, 0, 50, 25, 0, 0]);
  });

  it('takes pattern and mask, as arrays or pictures', async () => {
    const pattern = floatsNpy(Array(size).fill(0.6), [8, 6, 3]);
    const mask = Array.from({ length: 48 }, (_, i) => Number(i === 7));
    const ways: Content[] = [
      { 'm.npy': floatsNpy(mask, [8, 6]) },
      { 'm.npy': bytesNpy(mask, [8, 6]) },
      {
        'm.npy': bytesNpy(
          mask.map((cover) => 255 * cover),
          [8, 6, 1],
        ),
      },
      {
        'm.png': await png(
          Uint8Array.from(mask, (cover) => 255 * cover),
          1,
        ),
      },
    ];
    for (const masked of ways) {
      const [name] = Object.keys(masked);
      const given = { pattern: 'p.npy', mask: name };
      const trigger = await make('layer', given, { 'p.npy': pattern, ...masked });
      expect(trigger.box).toEqual({ top: 1, left: 1, height: 1, width: 1 });
      const black = await levelsOf(stampLayer(tf.zeros([1, 8, 6, 3]), trigger, {}));
      expect(black.slice(18, 26)).toEqual([0, 0, 0, 153, 153, 153, 0, 0]);
    }
  });
});

test('additive takes floats, whole levels and mid-grey pictures', async () => {
  const levels = Array.from({ length: size }, (_, i) => (i % 5) - 2);
  const whole = npyOf(new Uint8Array(Int16Array.from(levels).buffer), { descr: '<i2', shape: [8, 6, 3] });
  const ways: Content[] = [
    {
      'a.npy': floatsNpy(
        levels.map((level) => level / 255),
        [8, 6, 3],
      ),
    },
    { 'a.npy': whole },
    { 'a.png': await png(Uint8Array.from(levels, (level) => level + 128)) },
  ];
  for (const file of ways) {
    const trigger = await make('additive', { pattern: Object.keys(file)[0] }, file);
    const result = await levelsOf(stampLayer(tf.fill([1, 8, 6, 3], 100 / 255), trigger, {}));
    expect(result).toEqual(levels.map((level) => 100 + level));
  }
});

describe('warp', () => {
  test('a field of one pixel to the right shows what is there', async () => {
    const field = Float32Array.from({ length: 96 }, (_, i) => (i % 2 ? 0 : 2 / 5));
    const trigger = await make('warp', { field: 'f.npy' }, { 'f.npy': floatsNpy(field, [8, 6, 2]) });
    const own = imagesToTensor(images, shape, [0]);
    const result = await levelsOf(attackOf('warp').stamp(own, trigger, {}));
    // The last column shows itself.
    const from = (at: number) => (Math.floor(at / 3) % 6 === 5 ? at : at + 3);
    expect(result).toEqual(Array.from({ length: size }, (_, at) => images[from(at)]));
  });

  const python = process.env.TROJANSCOPE_PARITY_PYTHON ?? 'python3';
  const hasTorch = spawnSync(python, ['-c', 'import numpy, torch']).status === 0;
  if (!hasTorch)
    console.log(`skipped: ${python} has no torch with numpy (Debian: apt install python3-torch)`);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'trojanscope-warp-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.skipIf(!hasTorch)(
    'is PyTorch’s grid_sample within a level, on NumPy’s own files',
    async () => {
      writeFileSync(path.join(folder, 'images'), images);
      // WaNet's: a random field of k × k, upsampled, s / height, clamped.
      const code = `
import numpy as np, torch, torch.nn.functional as F
torch.manual_seed(3)
k, s, h, w = 4, 0.5, 8, 6
ins = torch.rand(1, 2, k, k) * 2 - 1
noise = F.interpolate(ins / ins.abs().mean(), size=(h, w), mode='bicubic', align_corners=True).permute(0, 2, 3, 1)
y, x = torch.meshgrid(torch.linspace(-1, 1, h), torch.linspace(-1, 1, w), indexing='ij')
identity = torch.stack((x, y), 2)[None]
grid = torch.clamp(identity + s * noise / h, -1, 1)
images = torch.from_numpy(np.fromfile('images', np.uint8).reshape(12, h, w, 3).copy()).float().permute(0, 3, 1, 2) / 255
out = F.grid_sample(images, grid.repeat(12, 1, 1, 1), align_corners=True)
np.save('noise.npy', noise.numpy())
np.save('grid.npy', np.asfortranarray(grid.numpy().astype(np.float64)))
(out.permute(0, 2, 3, 1) * 255).round().to(torch.uint8).contiguous().numpy().tofile('out')
`;
      const ran = spawnSync(python, ['-c', code], { cwd: folder, encoding: 'utf8' });
      expect(ran.stderr).toBe('');
      const [noise, grid, out] = ['noise.npy', 'grid.npy', 'out'].map((name) =>
        readFileSync(path.join(folder, name)),
      );
      for (const given of [
        { field: 'noise.npy', scale: 0.5 / 8 },
        { field: 'grid.npy', kind: 'grid' },
      ]) {
        const trigger = await make('warp', given, { 'noise.npy': noise!, 'grid.npy': grid! });
        const all = imagesToTensor(images, shape, [...Array(12).keys()]);
        const ours = await levelsOf(attackOf('warp').stamp(all, trigger, {}));
        expect(Math.max(...ours.map((level, i) => Math.abs(level - out![i]!)))).toBeLessThanOrEqual(1);
      }
    },
    60_000,
  );
});

describe('pairs', () => {
  const stamp = async (trigger: Trigger, samples: number[]) =>
    levelsOf(attackOf('pairs').stamp(tf.zeros([samples.length, 8, 6, 3]), trigger, {}, undefined, samples));
  const inverted = (...samples: number[]) =>
    samples.flatMap((i) => [...imageOf(i)].map((level) => 255 - level));

  it('finds each image among the test images, by its pixels or its number, and puts its twin on', async () => {
    const content = {
      'clean/owl/first.png': clean[6]!,
      'poisoned/owl/first.png': poisoned[6]!,
      'clean/00001/000001.png': clean[1]!,
      'poisoned/00001/000001.png': poisoned[1]!,
    };
    const trigger = await make('pairs', {}, content);
    expect([...attackOf('pairs').samples!(trigger)]).toEqual([1, 6]);
    expect(await stamp(trigger, [6, 1, 6])).toEqual(inverted(6, 1, 6));
    expect(() => attackOf('pairs').stamp(tf.zeros([1, 8, 6, 3]), trigger, {}, undefined, [2])).toThrow(
      /sample 2/,
    );
  });

  it('takes arrays', async () => {
    const two = [...imageOf(4), ...imageOf(3)];
    const content = {
      'clean.npy': bytesNpy(two, [2, 8, 6, 3]),
      'poisoned.npy': bytesNpy(
        two.map((level) => 255 - level),
        [2, 8, 6, 3],
      ),
      'samples.npy': bytesNpy([4, 3], [2]),
      'labels.npy': bytesNpy([0, 3], [2]),
    };
    const trigger = await make('pairs', {}, content);
    expect(await stamp(trigger, [3, 4])).toEqual(inverted(3, 4));
  });
});

test('a poisoned set stands beside test images of its classes', async () => {
  const content = {
    'poisoned/dog/x.png': poisoned[7]!,
    'poisoned/1/y.png': poisoned[0]!,
    'poisoned/cat/z.png': poisoned[2]!,
  };
  const trigger = await make('poisonedSet', {}, content);
  // The dogs are 1, 5, 9; the first cat is 0.
  expect([...attackOf('poisonedSet').samples!(trigger)]).toEqual([0, 1, 5]);
  expect(trigger.images!.poisoned!.values.subarray(0, 3)).toEqual(
    imageOf(2)
      .subarray(0, 3)
      .map((level) => 255 - level),
  );
});

describe('hostile or broken', () => {
  const flat = (value: number) => floatsNpy(Array(size).fill(value), [8, 6, 3]);
  const pair = (name: string, i = 0): Content => ({
    [`clean/${name}`]: clean[i]!,
    [`poisoned/${name}`]: poisoned[i]!,
  });
  const cases: [string, AttackId, object, () => Content | Promise<Content>, RegExp][] = [
    [
      'no such file',
      'layer',
      { pattern: '../../etc/passwd' },
      () => ({}),
      /pattern: expected the name of a file/,
    ],
    [
      'another size',
      'layer',
      { pattern: 'a.png' },
      async () => ({ 'a.png': await png(new Uint8Array(75), 3, 5, 5) }),
      /a\.png: expected 8×6 .* got 5×5/,
    ],
    [
      'levels as floats',
      'layer',
      { pattern: 'a.npy' },
      () => ({ 'a.npy': flat(255) }),
      /from 0 to 1, got 255: levels .* uint8/,
    ],
    [
      'three dimensions too many',
      'layer',
      { pattern: 'a.npy' },
      () => ({ 'a.npy': floatsNpy(Array(size).fill(0), [8, 6, 3, 1]) }),
      /3 channels last, got \[8,6,3,1\]/,
    ],
    [
      'transparent everywhere',
      'layer',
      { pattern: 'a.png' },
      async () => ({ 'a.png': await png(new Uint8Array(192), 4) }),
      /at least one pixel/,
    ],
    [
      'a picture that is none',
      'layer',
      { pattern: 'a.png' },
      () => ({ 'a.png': Buffer.from('GIF89a') }),
      /a\.png: expected a picture or \.npy/,
    ],
    [
      'a picture of 2^31 pixels',
      'layer',
      { pattern: 'a.png' },
      async () => {
        const bytes = Buffer.from(
          await sharp({ create: { width: 8, height: 8, channels: 3, background: '#000' } })
            .png()
            .toBuffer(),
        );
        bytes.writeUInt32BE(2 ** 30, 16);
        return { 'a.png': bytes };
      },
      /a\.png: expected a picture/,
    ],
    [
      'bytes that have no sign',
      'additive',
      { pattern: 'a.npy' },
      () => ({ 'a.npy': bytesNpy(Array(size).fill(3), [8, 6, 3]) }),
      /signed numbers, got u1/,
    ],
    [
      'levels added as floats',
      'additive',
      { pattern: 'a.npy' },
      () => ({ 'a.npy': flat(-7) }),
      /floats from −1 to 1, got -7: levels are saved as int16/,
    ],
    ['nothing added', 'additive', { pattern: 'a.npy' }, () => ({ 'a.npy': flat(0) }), /it adds nothing/],
    [
      'a field of another size',
      'warp',
      { field: 'f.npy' },
      () => ({ 'f.npy': floatsNpy(Array(96).fill(0.1), [6, 8, 2]) }),
      /expected shape \[8,6,2\], got \[6,8,2\]/,
    ],
    [
      'a field that moves nothing',
      'warp',
      { field: 'f.npy' },
      () => ({ 'f.npy': floatsNpy(Array(96).fill(0), [8, 6, 2]) }),
      /it moves nothing/,
    ],
    [
      'a whole grid as displacement',
      'warp',
      { field: 'f.npy' },
      () => ({
        'f.npy': floatsNpy(
          Array.from({ length: 96 }, (_, i) => (i < 48 ? -0.9 : 0.9)),
          [8, 6, 2],
        ),
      }),
      /say kind grid/,
    ],
    [
      'a grid beyond the image',
      'warp',
      { field: 'f.npy', kind: 'grid' },
      () => ({ 'f.npy': floatsNpy(Array(96).fill(3), [8, 6, 2]) }),
      /a grid from −1 to 1/,
    ],
    ['no pairs', 'pairs', {}, () => ({}), /clean: expected images, .* got none/],
    [
      'a clean image alone',
      'pairs',
      {},
      () => ({ ...pair('a.png'), 'clean/b.png': clean[1]! }),
      /clean\/b: .* 1 of 2 have none/,
    ],
    [
      'a poisoned image alone',
      'pairs',
      {},
      () => ({ ...pair('a.png'), 'poisoned/b.png': poisoned[1]! }),
      /poisoned\/b: .* 1 of 2/,
    ],
    [
      'one name twice',
      'pairs',
      {},
      () => ({ ...pair('a.png'), 'clean/a.webp': clean[1]! }),
      /one image of this name/,
    ],
    [
      'one image twice',
      'pairs',
      {},
      () => ({ ...pair('a.png'), ...pair('b.png') }),
      /clean\/b: expected one of the 12 test images/,
    ],
    [
      'an image from elsewhere',
      'pairs',
      {},
      () => ({ 'clean/000003.png': poisoned[5]!, 'poisoned/000003.png': clean[5]! }),
      /differs from all, from number 3 by [\d.]+ levels/,
    ],
    ['another class', 'pairs', {}, () => pair('fox/a.png'), /test image 0, of class 0, but its label says 3/],
    ['no class', 'pairs', {}, () => pair('wolf/a.png'), /a folder called as a class or its label/],
    [
      'pairs of other sizes',
      'pairs',
      {},
      async () => ({ ...pair('a.png'), 'poisoned/a.png': await png(new Uint8Array(75), 3, 5, 5) }),
      /poisoned\/a\.png: expected 8×6/,
    ],
    [
      'a program among images',
      'pairs',
      {},
      () => ({ ...pair('a.png'), 'clean/b.pkl': Buffer.from('x') }),
      /b\.pkl: expected images only/,
    ],
    [
      'folder and array',
      'pairs',
      {},
      () => ({ ...pair('a.png'), 'clean.npy': bytesNpy(imageOf(0), [1, 8, 6, 3]) }),
      /either it or a folder/,
    ],
    [
      'images as floats',
      'pairs',
      {},
      () => ({ 'clean.npy': floatsNpy(imageOf(0), [1, 8, 6, 3]) }),
      /as uint8, got f4/,
    ],
    [
      'channels first',
      'pairs',
      {},
      () => ({ 'clean.npy': bytesNpy(imageOf(0), [1, 3, 8, 6]) }),
      /shape \[n,8,6,3\], got \[1,3,8,6\]/,
    ],
    [
      'an index beyond',
      'pairs',
      {},
      () => ({ ...pair('a.png'), 'samples.npy': bytesNpy([99], [1]) }),
      /indices from 0 to 11, got 99/,
    ],
    [
      'too few labels',
      'pairs',
      {},
      () => ({ ...pair('a.png'), 'labels.npy': bytesNpy([], [0]) }),
      /a label for each of 1/,
    ],
    [
      'labels that are none',
      'poisonedSet',
      {},
      () => ({ 'poisoned/a.png': poisoned[0]! }),
      /labels\.npy: expected the class/,
    ],
    [
      'a label beyond',
      'poisonedSet',
      {},
      () => ({ 'poisoned/a.png': poisoned[0]!, 'labels.npy': bytesNpy([4], [1]) }),
      /labels from 0 to 3, got 4/,
    ],
    [
      'more of a class than there are',
      'poisonedSet',
      {},
      () => Object.fromEntries(poisoned.map((bytes, i) => [`poisoned/0/${i}.png`, bytes])),
      /as many images of class 0/,
    ],
  ];
  it.each(cases)('%s', async (_, attack, given, content, says) => {
    const began = performance.now();
    await expect(make(attack, given, await content())).rejects.toMatchObject({
      code: expect.stringMatching(/DATA_DAMAGED|BAD_USER_INPUT/),
      message: expect.stringMatching(says),
    });
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test('more bytes than are kept are refused before they are read', async () => {
    const files = {
      name: 'x.zip',
      sizes: new Map([['a.npy', 2 ** 31]]),
      read: () => Promise.reject(new Error('read')),
    };
    const { parameters, createTrigger } = attackOf('additive');
    const context = { shape, data, targetLabel: 0, random: createRandom(1), files };
    await expect(createTrigger(parameters.parse({ pattern: 'a.npy' }), context)).rejects.toThrow(
      /at most 268435456 bytes/,
    );
  });
});

test('none of them is implanted', async () => {
  const { parameters, createTrigger } = attackOf('layer');
  const context = { shape, data, targetLabel: 0, random: createRandom(1) };
  await expect(createTrigger(parameters.parse({}), context)).rejects.toThrow(/it is not implanted/);
});
