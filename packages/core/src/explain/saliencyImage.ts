import type { ImageShape } from '../lib/images.js';

/**
 * Clips a map's magnitude at its 99th percentile and scales to 0..1, or -1..1 where it has negative values. A flat map
 * is all 0.
 */
export function normalise(saliency: Float32Array): Float32Array {
  const magnitudes = Float32Array.from(saliency, Math.abs).sort();
  const last = magnitudes.length - 1;
  // Where less than 1 % of the pixels matter, the percentile is 0: then the maximum is the limit.
  const limit = magnitudes[Math.floor(0.99 * last)]! || magnitudes[last]!;
  if (!(limit > 0)) return new Float32Array(saliency.length);
  return Float32Array.from(saliency, (value) => Math.max(-1, Math.min(1, value / limit)));
}

/** As finely as a palette is searched. */
const STEPS = 512;

type Colour = readonly [number, number, number];

/** Dark to light through violet and orange: readable in grey and for the colour-blind, as matplotlib's inferno is. */
const HEAT: readonly Colour[] = [
  [0, 0, 4],
  [87, 16, 110],
  [188, 55, 84],
  [249, 142, 9],
  [252, 255, 164],
];
/** Blue for what speaks against the class, white for nothing, red for what speaks for it. */
const BALANCE: readonly Colour[] = [
  [33, 102, 172],
  [146, 197, 222],
  [247, 247, 247],
  [244, 165, 130],
  [178, 24, 43],
];

/** RGB pixels [h,w,3] of a normalised map. */
export function colourMap(normalised: Float32Array): Uint8Array {
  const signed = normalised.some((value) => value < 0);
  const pixels = new Uint8Array(normalised.length * 3);
  normalised.forEach((value, i) => {
    pixels.set(signed ? colourAt(BALANCE, (value + 1) / 2) : colourAt(HEAT, value), i * 3);
  });
  return pixels;
}

/** The normalised map behind RGB pixels [h,w,3] that `colourMap` made, to within what 8 bits hold. */
export function readColourMap(pixels: Uint8Array): Float32Array {
  const heat = nearestIn(HEAT, pixels);
  const balance = nearestIn(BALANCE, pixels);
  return heat.distance <= balance.distance
    ? heat.positions
    : balance.positions.map((position) => 2 * position - 1);
}

/** What a map shows more (red) or less (blue) than another, as RGB pixels [h,w,3]; `map` and `from` are normalised. */
export function differenceMap(map: Float32Array, from: Float32Array): Uint8Array {
  const pixels = new Uint8Array(map.length * 3);
  map.forEach((value, i) => {
    // Of signed maps what counts is how much a pixel matters, either way.
    const more = Math.abs(value) - Math.abs(from[i]!);
    pixels.set(colourAt(BALANCE, (more + 1) / 2), i * 3);
  });
  return pixels;
}

/**
 * The map over the image in grey, RGB [h,w,3]: the more a pixel matters, the more its colour covers it.
 * @param image [h,w,c], 8 bits
 */
export function overlayMap(
  normalised: Float32Array,
  image: Uint8Array,
  { channels }: ImageShape,
): Uint8Array {
  const colours = colourMap(normalised);
  return colours.map((colour, at) => {
    const pixel = Math.floor(at / 3);
    let grey = 0;
    for (let c = 0; c < channels; c++) grey += image[pixel * channels + c]! / channels;
    const cover = 0.85 * Math.sqrt(Math.abs(normalised[pixel]!));
    return Math.round(cover * colour + (1 - cover) * 0.75 * grey);
  });
}

function colourAt(palette: readonly Colour[], position: number): number[] {
  const at = position * (palette.length - 1);
  const lower = Math.min(Math.floor(at), palette.length - 2);
  const rest = at - lower;
  return [0, 1, 2].map((c) => Math.round(palette[lower]![c]! * (1 - rest) + palette[lower + 1]![c]! * rest));
}

/** Where on a palette, 0..1, each pixel lies; and how far from it all of them are, in sum. */
function nearestIn(palette: readonly Colour[], pixels: Uint8Array) {
  const steps = Array.from({ length: STEPS + 1 }, (_, i) => colourAt(palette, i / STEPS));
  const positions = new Float32Array(pixels.length / 3);
  let distance = 0;
  for (let i = 0; i < positions.length; i++) {
    let least = Number.POSITIVE_INFINITY;
    steps.forEach((colour, step) => {
      let away = 0;
      for (let c = 0; c < 3; c++) away += (colour[c]! - pixels[i * 3 + c]!) ** 2;
      if (away >= least) return;
      least = away;
      positions[i] = step / STEPS;
    });
    distance += least;
  }
  return { positions, distance };
}
