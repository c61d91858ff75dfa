/**
 * Reads the codes of a GIF's first frame, as the GIF89a specification has them, without making pixels of them: libvips
 * fills up with transparency what is missing.
 * @throws Error saying what is damaged
 */
export function checkGif(bytes: Buffer): void {
  let at = 13 + paletteSize(bytes[10] ?? 0);
  for (;;) {
    const kind = bytes[at];
    if (kind === 0x21) at = blocksEnd(bytes, at + 2);
    else if (kind === 0x2c) break;
    else throw new Error(kind === undefined ? 'it is cut off' : 'there is no picture in it');
  }
  if (bytes.length < at + 11) throw new Error('it is cut off');
  const pixels = bytes.readUInt16LE(at + 5) * bytes.readUInt16LE(at + 7);
  at += 10 + paletteSize(bytes[at + 9]!);
  const codeSize = bytes[at] ?? 0;
  if (codeSize < 1 || codeSize > 11) throw new Error('its pixels are damaged: no such size of codes');
  const end = blocksEnd(bytes, at + 1, false);
  checkCodes(blocksContent(bytes, at + 1, end), codeSize, pixels);
}

const paletteSize = (flags: number) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);

/** Where blocks that follow one another end. @throws Error where they are `needed` whole, and are not */
function blocksEnd(bytes: Buffer, from: number, needed = true): number {
  for (let at = from; at < bytes.length; ) {
    const length = bytes[at]!;
    at += 1 + length;
    if (length === 0) return at;
  }
  if (needed) throw new Error('it is cut off');
  return bytes.length;
}

function blocksContent(bytes: Buffer, from: number, end: number): Buffer {
  const blocks: Buffer[] = [];
  for (let at = from; at < end; at += 1 + bytes[at]!)
    blocks.push(bytes.subarray(at + 1, at + 1 + bytes[at]!));
  return Buffer.concat(blocks);
}

/** Of the words that codes stand for, their lengths are all there is to know. */
function checkCodes(data: Buffer, literalSize: number, pixels: number): void {
  const [clear, end] = [1 << literalSize, (1 << literalSize) + 1];
  const lengths = new Uint32Array(4_096).fill(1, 0, clear);
  let next = end + 1;
  let size = literalSize + 1;
  let before = -1;
  let found = 0;
  for (let at = 0; found < pixels; ) {
    if (at + size > data.length * 8) throw new Error('pixels are missing: their data end too early');
    const byte = at >> 3;
    const window = data[byte]! | ((data[byte + 1] ?? 0) << 8) | ((data[byte + 2] ?? 0) << 16);
    const code = (window >> (at & 7)) & ((1 << size) - 1);
    at += size;
    if (code === end) throw new Error('pixels are missing: their data end too early');
    if (code === clear) {
      [next, size, before] = [end + 1, literalSize + 1, -1];
      continue;
    }
    const known = before < 0 ? code < clear : code < next || (code === next && next < 4_096);
    if (!known) throw new Error('pixels are damaged: there is no such code');
    if (before >= 0 && next < 4_096) {
      lengths[next++] = lengths[before]! + 1;
      if (next === 1 << size && size < 12) size++;
    }
    found += lengths[code]!;
    before = code;
  }
}
