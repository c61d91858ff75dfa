import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Box } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { transforms } from './index.js';
import { rotation } from './rotation.js';
import { scaling } from './scaling.js';
import { shrinker } from './shrinkPad.js';
import type { Placement, TransformDefinition, Warp } from './transform.js';
import { shift } from './translation.js';

/** What Pillow made of the same pixels; fixtures/make.py made the file. */
interface Case {
  width: number;
  height: number;
  operation: 'rotate' | 'scale' | 'translate' | 'shrink' | 'rotateTrigger';
  value: number | number[];
  box?: [number, number, number, number];
  input: string;
  output: string;
}
const { cases } = JSON.parse(readFileSync(new URL('./fixtures/pillow.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

/** The warp of one operation on a canvas. */
function warpOf({ width, height, operation, value, box }: Omit<Case, 'input' | 'output'>): Warp {
  const plan = (transform: TransformDefinition, target: Placement['target'], region: Box) =>
    (transform.plan(value as number, { width, height, box: region, target }, 1, createRandom(0)).variants[0]!
      .steps[0] ?? shift(0, 0, height, width, true)) as Warp;
  const canvas = { top: 0, left: 0, height, width };
  if (operation === 'rotate') return plan(rotation, 'IMAGE', canvas);
  if (operation === 'scale') return plan(scaling, 'IMAGE', canvas);
  if (operation === 'translate') {
    const [dx, dy] = value as [number, number];
    return shift(dx, dy, height, width, true);
  }
  if (operation === 'shrink') {
    const [by, padLeft, padTop] = value as [number, number, number];
    return shrinker(height - by, width - by, canvas, width)(padTop, padLeft);
  }
  const [left, top, boxWidth, boxHeight] = box!;
  return plan(rotation, 'TRIGGER', { left, top, width: boxWidth, height: boxHeight });
}

function apply(pixels: Uint8Array, warp: Warp, width: number, height: number, channels = 1): Buffer {
  const result = Buffer.alloc(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const source = warp.sourceOf(y, x);
      if (source < 0) continue;
      const from = source * channels;
      result.set(pixels.subarray(from, from + channels), (y * width + x) * channels);
    }
  }
  return result;
}

it('lists the transforms without loading the engine', () => {
  expect(Object.keys(transforms)).toContain('jpeg');
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  expect(loaded.filter((file) => file.includes('tfjs-node'))).toEqual([]);
});

describe('the transforms are Pillow’s, to the pixel', () => {
  it.each(cases)('$operation $value of $width×$height', (given) => {
    const result = apply(Buffer.from(given.input, 'base64'), warpOf(given), given.width, given.height);
    expect(result.toString('base64')).toBe(given.output);
  });
});

const shared = new URL('../../../../../shared/fixtures/pil/', import.meta.url);
const present = existsSync(shared);
if (!present) console.log('skipped: ../shared/fixtures/pil is not there');

describe.skipIf(!present)('the shared Pillow fixtures', () => {
  const more = present
    ? (
        JSON.parse(readFileSync(new URL('cases.json', shared), 'utf8')) as {
          cases: { input: string; op: 'rotate' | 'scale' | 'translate'; value: number; output: string }[];
        }
      ).cases
    : [];
  it.each(more)('$op $value of $input', async ({ input, op, value, output }) => {
    const raw = (file: string) =>
      sharp(fileURLToPath(new URL(file, shared)))
        .raw()
        .toBuffer({ resolveWithObject: true });
    const [before, after] = [await raw(input), await raw(output)];
    const { width, height, channels } = before.info;
    const warp = warpOf({ width, height, operation: op, value });
    expect(apply(before.data, warp, width, height, channels).equals(after.data)).toBe(true);
  });
});
