import { damaged } from '../archives/sourceFile.js';

/** 8-bit samples [height,width,channels], row after row. */
export interface Picture {
  height: number;
  width: number;
  channels: 1 | 3;
  pixels: Uint8Array;
}

/** More than any photograph of a sign or digit, little enough to decode without thinking. */
export const MAX_PIXELS = 2 ** 24;

/**
 * A colour or grey image as netpbm's `ppm` and `pgm` manual pages have it: "P6" or "P5", width, height, the largest
 * sample between white space and comments, one white space, then one byte a sample, or two where the largest is above
 * 255; "P3" and "P2" have numbers in text instead. Samples are scaled to 0..255 as Pillow does to PPMs, halves to even;
 * what follows them is not looked at.
 * @returns three channels, alike where it is grey
 * @throws TrojanscopeError DATA_DAMAGED naming `where`
 */
export function decodePpm(bytes: Uint8Array, where: string): Picture {
  const kind = bytes[0] === 0x50 ? KINDS[bytes[1]! - 0x30] : undefined;
  if (!kind) throw damaged(where, 'expected a PPM or PGM image, which begins with "P6", "P5", "P3" or "P2".');
  let at = 2;
  const [width, height, maximum] = [number('width'), number('height'), number('largest sample')];
  if (width < 1 || height < 1) throw damaged(where, `expected at least one pixel, got ${width}×${height}.`);
  if (width * height > MAX_PIXELS)
    throw damaged(where, `expected at most ${MAX_PIXELS} pixels, its header says ${width}×${height}.`);
  if (maximum < 1 || maximum > 65_535)
    throw damaged(where, `expected samples up to 65,535, its header says ${maximum}.`);
  const count = width * height * kind.channels;
  const samples = kind.text ? textSamples() : byteSamples();
  const pixels = scaled();
  return { height, width, channels: 3, pixels: kind.channels === 3 ? pixels : tripled(pixels) };

  function byteSamples(): Uint8Array | Uint16Array {
    if (!isSpace(bytes[at])) throw damaged(where, 'expected white space between header and pixels.');
    const size = maximum > 255 ? 2 * count : count;
    const content = bytes.subarray(at + 1, at + 1 + size);
    if (content.length !== size)
      throw damaged(where, `expected ${size} bytes of pixels for ${width}×${height}, got ${content.length}.`);
    return maximum > 255
      ? Uint16Array.from({ length: count }, (_, i) => content[2 * i]! * 256 + content[2 * i + 1]!)
      : content;
  }

  function textSamples(): Uint16Array {
    // A sample takes a digit and a space: a header cannot ask for more memory than a file is large.
    if (bytes.length - at < 2 * count)
      throw damaged(
        where,
        `expected ${count} samples for ${width}×${height}, there is not room for so many.`,
      );
    return Uint16Array.from({ length: count }, (_, i) => {
      const sample = number(`sample ${i + 1} of ${count}`);
      if (sample > 65_535) throw tooLarge(sample);
      return sample;
    });
  }

  function number(what: string): number {
    const start = at;
    for (;;) {
      if (isSpace(bytes[at])) at++;
      else if (bytes[at] === 0x23) while (at < bytes.length && bytes[at] !== 0x0a && bytes[at] !== 0x0d) at++;
      else break;
    }
    const digits = at;
    let value = 0;
    while (bytes[at]! >= 0x30 && bytes[at]! <= 0x39 && at - digits < 9)
      value = value * 10 + bytes[at++]! - 0x30;
    if (at === digits || digits === start) throw damaged(where, `it ends before the ${what}.`);
    return value;
  }

  function scaled(): Uint8Array {
    if (maximum === 255 && samples instanceof Uint8Array) return samples;
    const levels = Uint8Array.from({ length: maximum + 1 }, (_, sample) =>
      roundHalfToEven((sample * 255) / maximum),
    );
    return Uint8Array.from(samples, (sample) => {
      if (sample > maximum) throw tooLarge(sample);
      return levels[sample]!;
    });
  }

  function tooLarge(sample: number) {
    return damaged(where, `its header promises samples up to ${maximum}, one is ${sample}.`);
  }
}

/** By the digit after the P; those of 1 and 4, black and white, are no PPM or PGM. */
const KINDS: Record<number, { channels: 1 | 3; text: boolean }> = {
  2: { channels: 1, text: true },
  3: { channels: 3, text: true },
  5: { channels: 1, text: false },
  6: { channels: 3, text: false },
};

const tripled = (grey: Uint8Array): Uint8Array => {
  const pixels = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) pixels.fill(grey[i]!, 3 * i, 3 * i + 3);
  return pixels;
};

const isSpace = (byte: number | undefined) =>
  byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below === 0.5) return below + (below % 2);
  return Math.round(value);
}
