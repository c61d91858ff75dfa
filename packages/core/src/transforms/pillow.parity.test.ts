import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { loadEngine, tf } from '../lib/backend.js';
import { tensorToPixels } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { applyToImages } from './apply.js';
import { transforms } from './index.js';
import type { Plan } from './transform.js';
import { shift } from './translation.js';

const python = process.env.TROJANSCOPE_PARITY_PYTHON ?? 'python3';
const count = Number(process.env.TROJANSCOPE_PARITY_CASES ?? 300);
const seed = Number(process.env.TROJANSCOPE_PARITY_SEED ?? 1);
const hasPillow = spawnSync(python, ['-c', 'import PIL']).status === 0;
if (!hasPillow) console.log(`skipped: ${python} has no Pillow (Debian: apt install python3-pil)`);

/** Round values as people write them, and any others. */
const numbers = (minimum: number, maximum: number, step: number) =>
  fc.oneof(
    fc.integer({ min: Math.ceil(minimum / step), max: Math.floor(maximum / step) }).map((n) => n * step),
    fc.double({ min: minimum, max: maximum, noNaN: true }),
  );

const OPERATIONS = {
  rotation: numbers(-360, 360, 7.5),
  scaling: numbers(0.1, 3, 0.05),
  translation: fc.constant(1),
  // At 45° and other round ones, edges fall on edges, and the last binary digit decides what is seen.
  perspective: fc.double({ min: -75, max: 75, noNaN: true }),
  brightness: numbers(0, 11, 0.1),
  contrast: numbers(0, 4, 0.1),
  jpeg: fc.integer({ min: 1, max: 99 }),
  shrinkPad: fc.integer({ min: 1, max: 32 }),
};
type Operation = keyof typeof OPERATIONS;

/** A canvas of any size, a box anywhere in it, an operation, a value. */
const cases = fc
  .record({
    width: fc.integer({ min: 1, max: 100 }),
    height: fc.integer({ min: 1, max: 100 }),
    channels: fc.constantFrom(1, 3),
    target: fc.constantFrom('IMAGE' as const, 'TRIGGER' as const),
    operation: fc.constantFrom(...(Object.keys(OPERATIONS) as Operation[])),
    pixelSeed: fc.integer(),
  })
  .chain(({ width, height, target, operation, pixelSeed, channels }) => {
    // Of these, Pillow knows whole images alone.
    const whole = target === 'IMAGE' || ['perspective', 'brightness', 'contrast', 'jpeg'].includes(operation);
    const span = (size: number) =>
      fc
        .tuple(fc.integer({ min: 0, max: size - 1 }), fc.integer({ min: 1, max: size }))
        .map(([start, length]) => (whole ? [0, size] : [start, Math.min(length, size - start)]));
    return fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      channels: fc.constant(channels),
      target: fc.constant(whole ? ('IMAGE' as const) : target),
      operation: fc.constant(operation),
      value: OPERATIONS[operation],
      box: fc.tuple(span(width), span(height)).map(([[left, w], [top, h]]) => [left!, top!, w!, h!] as const),
      shift: fc.tuple(fc.integer({ min: -60, max: 60 }), fc.integer({ min: -60, max: 60 })),
      pixels: fc.constant(pixelsOf(width * height * channels, pixelSeed)),
    });
  });

type Drawn = typeof cases extends fc.Arbitrary<infer Case> ? Case : never;

/** Noise, as base64; smooth here and there, so that JPEG has something to keep. */
function pixelsOf(count: number, seed: number): string {
  const random = createRandom(seed);
  let level = random.integer(256);
  return Buffer.from(
    Uint8Array.from({ length: count }, () => {
      level = random.float() < 0.5 ? random.integer(256) : Math.min(255, level + 3);
      return level;
    }),
  ).toString('base64');
}

function planOf({ width, height, target, operation, value, box, shift: by }: Drawn, seed: number): Plan {
  const [left, top, boxWidth, boxHeight] = box;
  const placement = { width, height, target, box: { left, top, width: boxWidth, height: boxHeight } };
  if (operation !== 'translation') return transforms[operation].plan(value, placement, 1, createRandom(seed));
  const moved = { steps: [shift(...by, height, width, target === 'IMAGE')], parameters: {} };
  return { variants: [moved], variantOf: new Int32Array(1) };
}

it.skipIf(!hasPillow)(`does what Pillow does, to the pixel, in ${count} cases`, async () => {
  await loadEngine();
  const drawn = fc.sample(cases, { numRuns: count, seed });
  const plans = drawn.map(planOf);
  const asked = drawn.map((one, i) => {
    const { padLeftPx, padTopPx } = plans[i]!.variants[0]!.parameters;
    return one.operation === 'shrinkPad' ? { ...one, shift: [padLeftPx, padTopPx] } : one;
  });
  const script = fileURLToPath(new URL('./parity.py', import.meta.url));
  const answers = JSON.parse(
    execFileSync(python, [script], { input: JSON.stringify(asked), maxBuffer: 2 ** 30 }).toString(),
  ) as string[];
  expect(answers).toHaveLength(count);
  const wrong: object[] = [];
  for (const [i, { pixels, shift: by, ...given }] of drawn.entries()) {
    const { width, height, channels, operation } = given;
    const levels = Float32Array.from(Buffer.from(pixels, 'base64'));
    const images = tf.tidy(() =>
      applyToImages(tf.div(tf.tensor4d(levels, [1, height, width, channels]), 255), plans[i]!),
    );
    const ours = await tensorToPixels(images);
    images.dispose();
    const theirs = Buffer.from(answers[i]!, 'base64');
    // Pillow cuts the fractions of brightness and contrast off, we round.
    const allowed = operation === 'brightness' || operation === 'contrast' ? 1 : 0;
    const pixelsWrong = [...ours].filter((level, at) => level - theirs[at]! > allowed || level < theirs[at]!);
    if (pixelsWrong.length > 0) wrong.push({ ...given, shift: by, pixelsWrong: pixelsWrong.length });
  }
  expect(wrong).toEqual([]);
});
