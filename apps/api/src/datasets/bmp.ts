import { damaged } from '../archives/sourceFile.js';
import { MAX_PIXELS, type Picture } from './ppm.js';

/**
 * A bitmap of Windows or OS/2 as the documentation of BITMAPFILEHEADER and the headers after it has it: 1, 2, 4 or 8 bits
 * into a palette, or 16, 24 or 32 bits of blue, green and red, or as its masks say; not compressed. Transparency, which
 * only a mask for it gives, is laid on white. libvips, as sharp brings it, has no reader for it.
 * @returns three channels
 * @throws TrojanscopeError DATA_DAMAGED naming `where`
 */
export function decodeBmp(bytes: Buffer, where: string): Picture {
  const refuse = (what: string) => damaged(where, `${what}.`);
  if (bytes.toString('latin1', 0, 2) !== 'BM') throw refuse('expected a BMP image, which begins with "BM"');
  if (bytes.length < 26) throw refuse('its header is cut off');
  const headerSize = bytes.readUInt32LE(14);
  const old = headerSize === 12;
  if (!old && (headerSize < 40 || headerSize > 124))
    throw refuse(`expected a header of 12 or 40 to 124 bytes, got ${headerSize}`);
  if (bytes.length < 14 + headerSize) throw refuse('its header is cut off');
  const width = old ? bytes.readUInt16LE(18) : bytes.readInt32LE(18);
  const rows = old ? bytes.readInt16LE(20) : bytes.readInt32LE(22);
  const depth = bytes.readUInt16LE(old ? 24 : 28);
  const compression = old ? 0 : bytes.readUInt32LE(30);
  const height = Math.abs(rows);
  if (width < 1 || height < 1) throw refuse(`expected at least one pixel, got ${width}×${height}`);
  if (width * height > MAX_PIXELS)
    throw refuse(`expected at most ${MAX_PIXELS} pixels, its header says ${width}×${height}`);
  if (![1, 2, 4, 8, 16, 24, 32].includes(depth)) throw refuse(`expected 1 to 32 bits a pixel, got ${depth}`);
  const masked = compression === 3 || compression === 6;
  if (compression !== 0 && !(masked && (depth === 16 || depth === 32)))
    throw refuse('its pixels are compressed: save it without compression, or as PNG');

  const start = bytes.readUInt32LE(10);
  const stride = Math.ceil((width * depth) / 32) * 4;
  // The last row needs no filling up.
  const size = stride * (height - 1) + Math.ceil((width * depth) / 8);
  if (start < 14 + headerSize || start + size > bytes.length)
    throw refuse(`expected ${size} bytes of pixels for ${width}×${height}, got ${bytes.length - start}`);

  const pixels = new Uint8Array(width * height * 3);
  const write = depth <= 8 ? paletteWriter() : colourWriter();
  for (let y = 0; y < height; y++) {
    // Rows go up, unless the height is negative.
    const row = start + stride * (rows > 0 ? height - 1 - y : y);
    for (let x = 0; x < width; x++) write(row, x, (y * width + x) * 3);
  }
  return { height, width, channels: 3, pixels };

  function paletteWriter() {
    const [entry, first] = [old ? 3 : 4, 14 + headerSize];
    const most = Math.floor((start - first) / entry);
    const used = old ? 0 : bytes.readUInt32LE(46);
    const colours = Math.min(most, used || 2 ** depth);
    return (row: number, x: number, to: number) => {
      const bit = x * depth;
      const colour = (bytes[row + (bit >> 3)]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
      if (colour >= colours) throw refuse(`its palette has ${colours} colours, a pixel has number ${colour}`);
      for (let c = 0; c < 3; c++) pixels[to + c] = bytes[first + colour * entry + 2 - c]!;
    };
  }

  function colourWriter() {
    const [red, green, blue, mask] = masks().map(channelOf);
    const step = depth / 8;
    const valueAt = (row: number, x: number) => bytes.readUIntLE(row + x * step, step);
    const alpha = mask && someOpaque(valueAt, mask) ? mask : undefined;
    return (row: number, x: number, to: number) => {
      const value = valueAt(row, x);
      const opaque = alpha?.(value) ?? 255;
      for (const [c, level] of [red!, green!, blue!].entries())
        pixels[to + c] = Math.floor((level(value) * opaque + 255 * (255 - opaque)) / 255);
    };
  }

  /** Some programs write a mask for transparency, and then 0 for all of it. */
  function someOpaque(valueAt: (row: number, x: number) => number, alpha: (value: number) => number) {
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) if (alpha(valueAt(start + stride * y, x)) > 0) return true;
    return false;
  }

  function masks(): number[] {
    if (!masked) return depth === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff];
    const known = compression === 6 || headerSize >= 56 ? 4 : 3;
    if (54 + 4 * known > start) throw refuse('its masks are cut off');
    return Array.from({ length: known }, (_, i) => bytes.readUInt32LE(54 + 4 * i));
  }

  /** Reads the bits of a mask, which lie side by side, as 0..255; nothing reads a mask of none. */
  function channelOf(mask: number, which: number): ((value: number) => number) | undefined {
    if (mask === 0 && which === 3) return undefined;
    const shift = 31 - Math.clz32(mask & -mask);
    const most = mask >>> shift;
    if (mask === 0 || (most & (most + 1)) !== 0) throw refuse('its masks are damaged');
    return (value) => Math.floor((((value & mask) >>> shift) * 255) / most + 0.5);
  }
}
