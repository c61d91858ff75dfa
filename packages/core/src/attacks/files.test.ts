import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { writeSafetensors } from '../lib/safetensors.js';
import { toArrays } from '../lib/tensors.js';
import { initialiseGenerator } from './cycleGan/generator.js';
import { type AttackId, attackOf, attacks } from './index.js';

/** What attacks make of the files that a request names, before anything is trained for them. */

const shape = { height: 32, width: 32, channels: 3 };
const folder = mkdtempSync(path.join(os.tmpdir(), 'trojanscope-files-'));
const at = (name: string) => path.join(folder, name);
const look = (attack: AttackId, parameter: string, file: string) =>
  attackOf(attack).files![parameter]!(file, shape);

beforeAll(async () => {
  await loadEngine();
  const canvas = (background: string) =>
    sharp({ create: { width: 60, height: 40, channels: 3, background } });
  await canvas('#c33').jpeg().toFile(at('picture.jpg'));
  await canvas('#000').png().toFile(at('black.png'));
  // Opaque at its left and right ends alone, beyond the square that is cut from its middle.
  const sides = Buffer.alloc(9 * 3 * 4);
  for (const pixel of [0, 8, 9, 17, 18, 26]) sides[4 * pixel + 3] = 255;
  await sharp(sides, { raw: { width: 9, height: 3, channels: 4 } }).toFile(at('sides.png'));
  // Its header is well, its end is missing.
  const noise = sharp({
    create: {
      width: 200,
      height: 200,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', mean: 99, sigma: 60 },
    },
  });
  const whole = await noise.png().toBuffer();
  writeFileSync(at('cut.png'), whole.subarray(0, whole.length / 2));
  writeFileSync(at('words.png'), 'no picture at all');
  for (const name of ['empty', 'paintings', 'damaged']) await mkdir(at(name));
  await canvas('#36c').png().toFile(at('paintings/sea.png'));
  await canvas('#36c').png().toFile(at('damaged/sea.png'));
  writeFileSync(at('damaged/shore.png'), readFileSync(at('cut.png')));
  const weights = initialiseGenerator({ channels: 3, baseChannels: 4, residualBlocks: 2 }, createRandom(1));
  const arrays = await toArrays(weights);
  tf.dispose(weights);
  await writeSafetensors(at('generator.safetensors'), arrays);
  const { 'up2/kernel': _, ...rest } = arrays;
  await writeSafetensors(at('part.safetensors'), rest);
  const grey = initialiseGenerator({ channels: 1, baseChannels: 4, residualBlocks: 2 }, createRandom(1));
  await writeSafetensors(at('grey.safetensors'), await toArrays(grey));
  tf.dispose(grey);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('every parameter that is a path has a look at what is there, and nothing else has', () => {
  for (const id of Object.keys(attacks) as AttackId[]) {
    const paths = Object.entries(attackOf(id).parameters.shape).filter(
      ([, schema]) => (schema as { meta(): { format?: string } | undefined }).meta()?.format === 'file',
    );
    expect(Object.keys(attackOf(id).files ?? {}).sort()).toEqual(paths.map(([name]) => name).sort());
  }
});

test.each<[AttackId, string, string]>([
  ['badnets', 'pictureFile', 'picture.jpg'],
  ['blend', 'pictureFile', 'picture.jpg'],
  ['blend', 'pictureFile', 'black.png'],
  ['refool', 'pictureFile', 'picture.jpg'],
  ['dfst', 'styleFolder', 'paintings'],
  ['dfst', 'generatorFile', 'generator.safetensors'],
])('%s takes as %s: %s', async (attack, parameter, name) => {
  await expect(look(attack, parameter, at(name))).resolves.toBeUndefined();
});

test.each<[AttackId, string, string, RegExp]>([
  ['badnets', 'pictureFile', 'cut.png', /Expected a picture in .*cut\.png/],
  ['badnets', 'pictureFile', 'sides.png', /sides\.png is transparent everywhere it would be seen/],
  ['blend', 'pictureFile', 'nowhere.png', /There is no file .*nowhere\.png\./],
  ['blend', 'pictureFile', 'paintings', /Expected a file; .*paintings is a folder/],
  ['blend', 'pictureFile', 'words.png', /Expected a picture in .*words\.png/],
  ['blend', 'pictureFile', 'cut.png', /Expected a picture in .*cut\.png/],
  ['blend', 'pictureFile', 'picture.jpg/inside.png', /There is no file/],
  ['refool', 'pictureFile', 'nowhere.png', /There is no file/],
  ['refool', 'pictureFile', 'black.png', /black\.png is black/],
  ['dfst', 'styleFolder', 'nowhere', /There is no folder .*nowhere\./],
  ['dfst', 'styleFolder', 'picture.jpg', /Expected a folder; .*picture\.jpg is a file/],
  ['dfst', 'styleFolder', 'empty', /found none/],
  ['dfst', 'styleFolder', 'damaged', /Expected a picture in .*shore\.png/],
  ['dfst', 'generatorFile', 'nowhere.safetensors', /There is no file/],
  ['dfst', 'generatorFile', 'paintings', /Expected a file/],
  ['dfst', 'generatorFile', 'picture.jpg', /expected a header/],
  ['dfst', 'generatorFile', 'grey.safetensors', /3 channels; got one of 1/],
  ['dfst', 'generatorFile', 'part.safetensors', /up2\/kernel: expected shape \[3,3,8,4\], got none/],
])('%s refuses as %s: %s', async (attack, parameter, name, says) => {
  await expect(look(attack, parameter, at(name))).rejects.toMatchObject({
    code: expect.stringMatching(/BAD_USER_INPUT|DATA_DAMAGED/),
    message: expect.stringMatching(says),
  });
});
