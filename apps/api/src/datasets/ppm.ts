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
 * A colour image as netpbm's `ppm` manual page has it: "P6", width, height, the largest sample (here 1..255) between
 * white space and comments, one white space, then three bytes a pixel and nothing after. Samples are scaled to 0..255
 * as Pillow does, halves to even.
 * @throws TrojanscopeError DATA_DAMAGED naming `where`
 */
export function decodePpm(bytes: Uint8Array, where: string): Picture {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x36)
    throw damaged(where, 'expected a PPM image, which begins with "P6".');
  let at = 2;
  const [width, height, maximum] = [number('width'), number('height'), number('largest sample')];
  if (width < 1 || height < 1) throw damaged(where, `expected at least one pixel, got ${width}×${height}.`);
  if (width * height > MAX_PIXELS)
    throw damaged(where, `expected at most ${MAX_PIXELS} pixels, its header says ${width}×${height}.`);
  if (maximum < 1 || maximum > 255)
    throw damaged(where, `expected samples of one byte (largest 1 to 255), its header says ${maximum}.`);
  if (!isSpace(bytes[at])) throw damaged(where, 'expected white space between header and pixels.');
  const samples = bytes.subarray(at + 1);
  const size = width * height * 3;
  if (samples.length !== size)
    throw damaged(where, `expected ${size} bytes of pixels for ${width}×${height}, got ${samples.length}.`);
  return { height, width, channels: 3, pixels: maximum === 255 ? samples : rescaled(samples) };

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
    if (at === digits || digits === start) throw damaged(where, `its header ends before the ${what}.`);
    return value;
  }

  function rescaled(samples: Uint8Array): Uint8Array {
    const levels = Uint8Array.from({ length: maximum + 1 }, (_, sample) =>
      roundHalfToEven((sample * 255) / maximum),
    );
    return samples.map((sample) => {
      if (sample > maximum)
        throw damaged(where, `its header promises samples up to ${maximum}, one is ${sample}.`);
      return levels[sample]!;
    });
  }
}

const isSpace = (byte: number | undefined) =>
  byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below === 0.5) return below + (below % 2);
  return Math.round(value);
}
