import { tooLarge } from './tooLarge.js';

/**
 * Reads a JPEG's Huffman codes to the end, as ITU-T T.81 has them, without making pixels of them. libjpeg decodes what is
 * damaged to grey or shifted blocks and calls that a warning, as it calls much that harms nothing: bytes before a marker,
 * an unknown JFIF revision. Of its warnings libvips tells the first only, and none of an image's last rows.
 * Arithmetic coding, which is rare, is left to the decoder.
 * @throws Error saying what is damaged, or larger than `maxPixels`
 */
export function checkJpeg(bytes: Buffer, maxPixels: number): void {
  const tables: (Uint16Array | undefined)[] = [];
  let frame: Frame | undefined;
  let interval = 0;
  let scans = 0;
  let at = 2;
  for (let segments = 0; ; segments++) {
    if (segments > MAX_SEGMENTS || scans > MAX_SCANS)
      throw new Error('it has more parts than any photograph');
    at = nextMarker(bytes, at);
    const marker = bytes[at++];
    if (marker === undefined) throw new Error('it is cut off');
    if (marker === 0xd9) break;
    if (marker === 0xd8 || marker === 0x01 || isRestart(marker)) continue;
    const length = bytes.length - at < 2 ? Infinity : bytes.readUInt16BE(at);
    if (length < 2 || at + length > bytes.length) throw new Error('it is cut off');
    const segment = bytes.subarray(at + 2, at + length);
    at += length;
    if (marker === 0xc4) readTables(segment, tables);
    else if (marker === 0xdd && segment.length >= 2) interval = segment.readUInt16BE(0);
    else if (marker === 0xc9 || marker === 0xca) return;
    else if (marker >= 0xc0 && marker <= 0xc2) frame = readFrame(segment, marker === 0xc2, maxPixels);
    else if (marker === 0xda) {
      if (!frame) throw new Error('its pixels come before their size');
      const end = scanEnd(bytes, at);
      readScan(frame, readScanHeader(segment, frame, tables), bytes.subarray(at, end), interval);
      scans++;
      at = end;
    }
  }
  if (!frame?.components.every(({ seen }) => seen)) throw new Error('it is cut off before its pixels');
}

/** What more there is, nobody writes but to keep a reader busy. */
const MAX_SEGMENTS = 4_096;
const MAX_SCANS = 256;
const MAX_TABLES = 8;

interface Component {
  id: number;
  /** Blocks across and down in a minimum coded unit. */
  h: number;
  v: number;
  /** Blocks across and down of the component alone. */
  across: number;
  down: number;
  /** Blocks in a row of `known`, which has those of whole units. */
  stride: number;
  /** Whether a scan had it. */
  seen: boolean;
  /** Of a progressive image: which coefficients are not 0 so far. */
  known: Uint8Array;
}

interface Frame {
  progressive: boolean;
  unitsAcross: number;
  unitsDown: number;
  components: Component[];
}

interface Scan {
  parts: { component: Component; dc: Uint16Array | undefined; ac: Uint16Array | undefined }[];
  /** First and last coefficient. */
  first: number;
  last: number;
  /** Whether it adds a bit to what earlier scans told. */
  refines: boolean;
}

const isRestart = (marker: number) => marker >= 0xd0 && marker <= 0xd7;

/** Where the code of the next marker is, whatever comes before it. */
function nextMarker(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    at = bytes.indexOf(0xff, at);
    if (at < 0) return bytes.length;
    while (bytes[at] === 0xff) at++;
    if (bytes[at] !== 0) return at;
  }
}

/** Where the marker after a scan begins. */
function scanEnd(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    at = nextMarker(bytes, at);
    if (at >= bytes.length) return bytes.length;
    if (!isRestart(bytes[at]!)) return at - 1;
  }
}

/** A table gives length · 256 + value for any next 16 bits, 0 where no code begins so. */
function readTables(segment: Buffer, tables: (Uint16Array | undefined)[]): void {
  let at = 0;
  for (let count = 0; at < segment.length; count++) {
    const place = segment[at]!;
    if (count === MAX_TABLES || (place & 0xec) !== 0) throw new Error('its Huffman tables are damaged');
    const table = new Uint16Array(65_536);
    const counts = segment.subarray(at + 1, at + 17);
    at += 17;
    let code = 0;
    for (let length = 1; length <= 16; length++) {
      const width = 1 << (16 - length);
      for (let i = 0; i < (counts[length - 1] ?? 0); i++) {
        if (at >= segment.length || code + width > 65_536) throw new Error('its Huffman tables are damaged');
        table.fill((length << 8) | segment[at++]!, code, code + width);
        code += width;
      }
    }
    tables[place] = table;
  }
}

function readFrame(segment: Buffer, progressive: boolean, maxPixels: number): Frame {
  const count = segment[5] ?? 0;
  if (segment.length < 6 + 3 * count || count === 0) throw new Error('its header is cut off');
  const [height, width] = [segment.readUInt16BE(1), segment.readUInt16BE(3)];
  if (height === 0 || width === 0) throw new Error('its header gives no size');
  if (width * height > maxPixels) throw tooLarge(width, height, maxPixels);
  const sizes = Array.from({ length: count }, (_, i) => segment.subarray(6 + 3 * i, 9 + 3 * i)).map(
    ([id, factors]) => ({ id: id!, h: factors! >> 4, v: factors! & 15 }),
  );
  if (sizes.some(({ h, v }) => h < 1 || h > 4 || v < 1 || v > 4))
    throw new Error('its header is damaged: the sampling of its colours');
  const [mostH, mostV] = [Math.max(...sizes.map(({ h }) => h)), Math.max(...sizes.map(({ v }) => v))];
  const unitsAcross = Math.ceil(width / (8 * mostH));
  const unitsDown = Math.ceil(height / (8 * mostV));
  const components = sizes.map(({ id, h, v }) => ({
    id,
    h,
    v,
    across: Math.ceil((width * h) / (8 * mostH)),
    down: Math.ceil((height * v) / (8 * mostV)),
    stride: unitsAcross * h,
    seen: false,
    known: new Uint8Array(progressive ? unitsAcross * h * unitsDown * v * 64 : 0),
  }));
  return { progressive, unitsAcross, unitsDown, components };
}

function readScanHeader(
  segment: Buffer,
  { components, progressive }: Frame,
  tables: readonly (Uint16Array | undefined)[],
): Scan {
  const count = segment[0] ?? 0;
  const parts = Array.from({ length: count }, (_, i) => {
    const component = components.find(({ id }) => id === segment[1 + 2 * i]);
    const choice = segment[2 + 2 * i] ?? 0;
    if (!component) throw new Error('the header of its pixels is damaged');
    return { component, dc: tables[choice >> 4], ac: tables[0x10 | (choice & 15)] };
  });
  const [first = 0, last = 63, bits = 0] = segment.subarray(1 + 2 * count);
  // Of an image that is not progressive, some encoders leave these as they like.
  if (!progressive) return { parts, first: 0, last: 63, refines: false };
  const fits = first === 0 ? last === 0 : parts.length === 1 && first <= last && last < 64;
  if (parts.length === 0 || !fits) throw new Error('the header of its pixels is damaged');
  return { parts, first, last, refines: bits >> 4 > 0 };
}

/** @param data all bytes of a scan, with its restart markers */
function readScan(
  { progressive, unitsAcross, unitsDown }: Frame,
  scan: Scan,
  data: Buffer,
  interval: number,
) {
  if (scan.first === 0) for (const { component } of scan.parts) component.seen = true;
  const [only] = scan.parts;
  // The blocks of a single component come alone, without those that only fill a unit.
  const alone = scan.parts.length === 1 ? only!.component : undefined;
  const across = alone?.across ?? unitsAcross;
  const units = across * (alone?.down ?? unitsDown);
  let from = 0;
  let restarts = 0;
  for (let unit = 0; unit < units; ) {
    const end = restartAt(data, from);
    const bits = createBits(withoutStuffing(data.subarray(from, end)));
    const readBlock = progressive ? progressiveBlocks(scan, bits) : sequentialBlock(bits);
    const until = interval > 0 ? Math.min(units, unit + interval) : units;
    for (; unit < until; unit++) {
      const [x, y] = [unit % across, Math.floor(unit / across)];
      for (const { component, dc, ac } of scan.parts) {
        const [h, v] = alone ? [1, 1] : [component.h, component.v];
        for (let block = 0; block < h * v; block++) {
          const row = y * v + Math.floor(block / h);
          readBlock(component, row * component.stride + x * h + (block % h), dc, ac);
        }
      }
      if (bits.at > bits.size) throw new Error('pixels are missing or damaged: their data end too early');
    }
    if (unit === units) return;
    if (data[end + 1] !== 0xd0 + (restarts++ & 7))
      throw new Error('pixels are missing or damaged: a restart marker is not the one that is due');
    from = end + 2;
  }
}

/** Where the next restart marker begins, or the end. */
function restartAt(data: Buffer, from: number): number {
  const at = nextMarker(data, from);
  return at < data.length ? at - 1 : data.length;
}

/** In data, a byte of 255 is followed by a 0; it may be there more than once. */
function withoutStuffing(data: Buffer): Uint8Array {
  const plain = new Uint8Array(data.length + 4);
  let size = 0;
  for (let from = 0; from < data.length; ) {
    const found = data.indexOf(0xff, from);
    const end = found < 0 ? data.length : found;
    plain.set(data.subarray(from, end), size);
    size += end - from;
    from = end;
    if (found < 0) break;
    while (data[from] === 0xff) from++;
    if (from < data.length) plain[size++] = 0xff;
    from++;
  }
  return plain.subarray(0, size + 4);
}

/** Bits, the high ones of a byte first. */
interface Bits {
  /** The next. */
  at: number;
  size: number;
  /** The next 16; behind the end there are zeros. */
  peek(): number;
}

function createBits(bytes: Uint8Array): Bits {
  return {
    at: 0,
    // Four bytes more than there are, to peek into.
    size: (bytes.length - 4) * 8,
    peek() {
      const byte = this.at >> 3;
      const next = (bytes[byte]! << 16) | (bytes[byte + 1]! << 8) | bytes[byte + 2]!;
      return (next >> (8 - (this.at & 7))) & 0xffff;
    },
  };
}

/** The next code's value: of an AC code, a run of zeros in its upper, a number of bits in its lower half. */
function readCode(bits: Bits, table: Uint16Array | undefined): number {
  const found = table?.[bits.peek()];
  if (!found) throw new Error('pixels are damaged: there is no such Huffman code');
  bits.at += found >> 8;
  return found & 255;
}

function readBits(bits: Bits, count: number): number {
  const value = count === 0 ? 0 : bits.peek() >> (16 - count);
  bits.at += count;
  return value;
}

function readDc(bits: Bits, table: Uint16Array | undefined): void {
  const size = readCode(bits, table);
  if (size > 16) throw new Error('pixels are damaged: there is no such Huffman code');
  bits.at += size;
}

type ReadBlock = (
  component: Component,
  block: number,
  dc: Uint16Array | undefined,
  ac: Uint16Array | undefined,
) => void;

const beyondBlock = () => new Error('pixels are damaged: a block has more than its 64 coefficients');

const sequentialBlock =
  (bits: Bits): ReadBlock =>
  (_component, _block, dc, ac) => {
    readDc(bits, dc);
    for (let k = 1; k < 64; k++) {
      const code = readCode(bits, ac);
      const size = code & 15;
      // The end of the block, or sixteen zeros.
      if (size === 0 && code < 0xf0) return;
      k += code >> 4;
      if (k > 63) throw beyondBlock();
      bits.at += size;
    }
  };

/** Of one restart interval: a run of blocks without coefficients does not go over its end. */
function progressiveBlocks({ first, last, refines }: Scan, bits: Bits): ReadBlock {
  let empty = 0;
  const endOfBand = (run: number) => {
    empty = (1 << run) + readBits(bits, run);
  };
  if (first === 0) return (_component, _block, dc) => (refines ? void bits.at++ : readDc(bits, dc));
  if (!refines)
    return ({ known }, block, _, ac) => {
      for (let k = first; empty === 0 && k <= last; k++) {
        const code = readCode(bits, ac);
        const [run, size] = [code >> 4, code & 15];
        if (size === 0 && run < 15) endOfBand(run);
        else {
          k += run;
          if (k > last) throw beyondBlock();
          if (size > 0) known[block * 64 + k] = 1;
          bits.at += size;
        }
      }
      if (empty > 0) empty--;
    };
  return ({ known }, block, _, ac) => {
    let k = first;
    for (; empty === 0 && k <= last; k++) {
      const code = readCode(bits, ac);
      let run = code >> 4;
      const size = code & 15;
      if (size > 1) throw new Error('pixels are damaged: there is no such Huffman code');
      bits.at += size;
      if (size === 0 && run < 15) {
        endOfBand(run);
        break;
      }
      // Coefficients that are known have a bit more each; of the others, `run` stay 0.
      for (; k <= last; k++) {
        if (known[block * 64 + k]) bits.at++;
        else if (run-- === 0) break;
      }
      if (size === 0) continue;
      if (k > last) throw beyondBlock();
      known[block * 64 + k] = 1;
    }
    if (empty === 0) return;
    empty--;
    for (; k <= last; k++) if (known[block * 64 + k]) bits.at++;
  };
}
