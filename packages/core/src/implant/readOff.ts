import { addedTrigger, createTrigger, type Trigger } from '../attacks/trigger.js';
import type { ImageShape } from '../lib/images.js';

/** With fewer pairs a fit may hold by chance, and hardly any is left to judge it on. */
export const LEAST_PAIRS = 10;
/** A layer that explains so much of the change is the trigger. */
export const ENOUGH = 0.99;
/** So many tell as much as all. */
const MOST_PAIRS = 1_000;
/** Every fifth pair is held out, to judge by. */
const HELD_OUT = 5;
/** Of a share: clean levels that differ by less, some 2.5 levels, do not tell how far a pixel is covered. */
const LEAST_VARIANCE = 1e-4;
/** Twice what rounding makes. */
const ONE_LEVEL = 1.01;

/** A layer read off pairs of images. */
export interface ReadOff {
  /** Of the held-out pairs' change the share that it explains, R² = 1 − Σ(layer − poisoned)² / Σ(clean − poisoned)². */
  share: number;
  /** Levels by which it is off on the held-out pairs, in the mean. */
  errorLevels: number;
  attack: 'layer' | 'additive';
  trigger: Trigger;
  /** Numbers that change where clean images do not differ, so that how far the trigger covers there is not known. */
  unknown: number;
  changed: number;
}

/**
 * What is put on every image, `poisoned = keep · clean + add`, by least squares of each pixel and channel over the pairs;
 * numbers that stopped at black or white are left out. Where nothing speaks against it nothing (keep 1) or all (keep 0) is
 * covered. Where clean images are all alike, as at MNIST's borders, only the sum is known: there the trigger covers as
 * elsewhere, or wholly where it is known nowhere.
 * @param clean [n·h·w·c], 0..255
 * @param poisoned the same images with the trigger
 * @returns undefined where there are fewer than `LEAST_PAIRS`, or the trigger changes nothing
 */
export function readOff(clean: Uint8Array, poisoned: Uint8Array, shape: ImageShape): ReadOff | undefined {
  const size = shape.height * shape.width * shape.channels;
  const count = clean.length / size;
  if (count < LEAST_PAIRS) return undefined;
  const step = Math.ceil(count / MOST_PAIRS);
  const used = Array.from({ length: Math.floor(count / step) }, (_, i) => i * step);
  const heldOut = used.filter((_, i) => i % HELD_OUT === HELD_OUT - 1);
  const fitted = used.filter((_, i) => i % HELD_OUT !== HELD_OUT - 1);

  const keep = new Float64Array(size).fill(1);
  const add = new Float64Array(size);
  const open: number[] = [];
  for (let at = 0; at < size; at++) {
    const fit = fitNumber(at);
    if (fit === 'unknown') open.push(at);
    else [keep[at], add[at]] = fit;
  }
  const isOpen = new Set(open);
  const known = [...keep.keys()].filter((at) => !isOpen.has(at) && (keep[at] !== 1 || add[at] !== 0));
  const usual = known.length > 0 ? median(known.map((at) => keep[at]!)) : 0;
  for (const at of open) {
    const [x, y] = [clean[fitted[0]! * size + at]! / 255, meanOf(poisoned, at)];
    keep[at] = usual;
    add[at] = y - usual * x;
  }
  const changed = known.length + open.length;
  if (changed === 0) return undefined;
  const { share, errorLevels } = judge();
  return { share, errorLevels, ...triggerOf(shape, keep, add), unknown: open.length, changed };

  function meanOf(pixels: Uint8Array, at: number): number {
    return fitted.reduce((sum, i) => sum + pixels[i * size + at]!, 0) / fitted.length / 255;
  }

  function fitNumber(at: number): [number, number] | 'unknown' {
    const pairs = fitted.map((i) => [clean[i * size + at]!, poisoned[i * size + at]!] as const);
    if (pairs.every(([x, y]) => x === y)) return [1, 0];
    if (pairs.every(([x]) => x === pairs[0]![0])) return 'unknown';
    const inside = pairs.filter(([, y]) => y > 0 && y < 255);
    // Never inside: black or white.
    if (inside.length < 3) return [0, pairs.reduce((sum, [, y]) => sum + y, 0) / pairs.length / 255];
    const mean = (of: (pair: readonly [number, number]) => number) =>
      inside.reduce((sum, pair) => sum + of(pair), 0) / inside.length;
    const [mx, my] = [mean(([x]) => x / 255), mean(([, y]) => y / 255)];
    const fits = (kept: number) =>
      pairs.every(([x, y]) => {
        const level = Math.min(255, Math.max(0, kept * x + 255 * (my - kept * mx)));
        return Math.abs(level - y) <= ONE_LEVEL;
      });
    for (const kept of [1, 0]) if (fits(kept)) return [kept, my - kept * mx];
    const variance = mean(([x]) => (x / 255 - mx) ** 2);
    if (variance < LEAST_VARIANCE) return 'unknown';
    const slope = mean(([x, y]) => (x / 255 - mx) * (y / 255 - my)) / variance;
    const kept = Math.min(1, Math.max(0, slope));
    return [kept, my - kept * mx];
  }

  function judge() {
    let [missed, change, error] = [0, 0, 0];
    for (const i of heldOut) {
      for (let at = 0; at < size; at++) {
        const [x, y] = [clean[i * size + at]!, poisoned[i * size + at]!];
        const level = Math.round(Math.min(255, Math.max(0, keep[at]! * x + 255 * add[at]!)));
        missed += (level - y) ** 2;
        change += (x - y) ** 2;
        error += Math.abs(level - y);
      }
    }
    const share = change > 0 ? Math.max(0, 1 - missed / change) : 0;
    return { share, errorLevels: error / (heldOut.length * size) };
  }
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** A layer where it covers anything, else what is added. */
function triggerOf(
  shape: ImageShape,
  keep: Float64Array,
  add: Float64Array,
): Pick<ReadOff, 'attack' | 'trigger'> {
  // Of a mean of whole levels.
  const within = (value: number) => Math.min(1, Math.max(-1, value));
  if (keep.every((kept) => kept === 1))
    return { attack: 'additive', trigger: addedTrigger(shape, Float32Array.from(add, within)) };
  const mask = Float32Array.from(keep, (kept) => 1 - kept);
  const pattern = Float32Array.from(mask, (cover, at) => {
    return cover > 0 ? Math.min(1, Math.max(0, add[at]! / cover)) : 0;
  });
  const rest = Float32Array.from(mask, (cover, at) => within(add[at]! - pattern[at]! * cover));
  const whole = [shape.height, shape.width, shape.channels];
  const arrays = {
    pattern: { shape: whole, values: pattern },
    mask: { shape: shape.channels === 1 ? whole.slice(0, 2) : whole, values: mask },
  };
  // What is less than half a level is what rounding left.
  const adds = rest.some((value) => Math.abs(value) > 0.5 / 255);
  return {
    attack: 'layer',
    trigger: createTrigger(shape, adds ? { ...arrays, add: { shape: whole, values: rest } } : arrays),
  };
}
