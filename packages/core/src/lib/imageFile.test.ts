import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { crc32 } from './crc32.js';
import { knowsImage, openImage } from './imageFile.js';
import { createRandom } from './random.js';

const [width, height] = [61, 43];
const random = createRandom(1);
const photograph = Buffer.from(
  Array.from({ length: width * height }, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    return [x * 4, y * 5, 60 + random.integer(80)];
  }).flat(),
);
const picture = () => sharp(photograph, { raw: { width, height, channels: 3 } });

const KINDS = {
  baseline: () => picture().jpeg({ chromaSubsampling: '4:4:4' }),
  subsampled: () => picture().jpeg(),
  progressive: () => picture().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
  'subsampled and progressive': () => picture().jpeg({ progressive: true }),
  grey: () => picture().greyscale().jpeg(),
  png: () => picture().png(),
  gif: () => picture().gif(),
  webp: () => picture().webp({ lossless: true }),
  tiff: () => picture().tiff({ compression: 'none' }),
};
type Kind = keyof typeof KINDS;
const files = {} as Record<Kind, Buffer>;
beforeAll(async () => {
  for (const [kind, write] of Object.entries(KINDS)) files[kind as Kind] = await write().toBuffer();
});

const MAX = 2 ** 16;
async function read(bytes: Buffer): Promise<Buffer> {
  return (await openImage(bytes, MAX)).raw({ depth: 'uchar' }).toBuffer();
}
const jpegs = Object.keys(KINDS).slice(0, 5) as Kind[];
const spliced = (bytes: Buffer, from: number, to: number, ...what: Uint8Array[]) =>
  Buffer.concat([bytes.subarray(0, from), ...what, bytes.subarray(to)]);
const marker = (bytes: Buffer, code: number) => bytes.indexOf(Buffer.of(0xff, code));

describe.each(jpegs)('a JPEG, %s', (kind) => {
  it('is read as its decoder reads it', async () => {
    const plain = await sharp(files[kind]).toColourspace('srgb').raw().toBuffer();
    expect(await read(files[kind])).toEqual(plain);
  });

  it('is read with bytes before its markers, at its end and after it, an odd revision, and all at once', async () => {
    const whole = files[kind];
    const plain = await read(whole);
    const frame = marker(whole, kind.endsWith('progressive') ? 0xc2 : 0xc0);
    const odd = [
      spliced(whole, frame, frame, Buffer.from('abc')),
      spliced(whole, whole.length - 2, whole.length - 2, Buffer.alloc(3)),
      Buffer.concat([whole, Buffer.from('abc')]),
      // A JFIF header of revision 3.9.
      spliced(whole, 2, 2, Buffer.of(0xff, 0xe0, 0, 16), Buffer.from('JFIF\0\x03\x09\0\0\x01\0\x01\0\0')),
    ];
    odd.push(spliced(odd[3]!, frame + 18, frame + 18, Buffer.from('abc')));
    for (const bytes of odd) expect(await read(bytes)).toEqual(plain);
  });

  it('is refused wherever it is cut off, whether or not somebody has put an end to it', async () => {
    const whole = files[kind];
    for (let end = 20; end < whole.length - 2; end += 37) {
      const cut = whole.subarray(0, end);
      await expect(read(cut)).rejects.toThrow();
      // At a scan's end a progressive image is whole, of less detail.
      if (kind.endsWith('progressive')) continue;
      await expect(read(Buffer.concat([cut, Buffer.of(0xff, 0xd9)]))).rejects.toThrow();
    }
  });
});

it('a damage in the last rows, which libvips does not tell, is found', async () => {
  const whole = files.baseline;
  const lost = spliced(whole, whole.length - 40, whole.length - 20);
  await sharp(lost, { failOn: 'warning' }).raw().toBuffer();
  await expect(read(lost)).rejects.toThrow(/^pixels are/);
});

it('a JPEG with restart markers is read, and refused where one is another', async () => {
  // MCUs of 8×8 in grey, each the same level: a DC difference of 0 and the end of the block are two codes each.
  const jpeg = (...restarts: number[]) =>
    Buffer.from([
      ...[0xff, 0xd8, 0xff, 0xdb, 0, 67, 0, ...new Array(64).fill(1)],
      ...[0xff, 0xc0, 0, 11, 8, 0, 8, 0, 24, 1, 1, 0x11, 0],
      ...[0xff, 0xc4, 0, 20, 0x00, 1, ...new Array(15).fill(0), 0],
      ...[0xff, 0xc4, 0, 20, 0x10, 1, ...new Array(15).fill(0), 0],
      ...[0xff, 0xdd, 0, 4, 0, 1, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0],
      ...restarts.flatMap((code) => [0x3f, 0xff, code]),
      ...[0x3f, 0xff, 0xd9],
    ]);
  expect(await read(jpeg(0xd0, 0xd1))).toEqual(Buffer.alloc(24 * 8 * 3, 128));
  await expect(read(jpeg(0xd1, 0xd2))).rejects.toThrow(/restart marker is not the one that is due/);
  await expect(read(jpeg(0xd0))).rejects.toThrow(/restart marker/);
});

it('a PNG is read without its end and with more behind it, refused with a wrong checksum anywhere', async () => {
  const whole = files.png;
  const plain = await read(whole);
  expect(await read(whole.subarray(0, -12))).toEqual(plain);
  expect(await read(Buffer.concat([whole, Buffer.from('abc')]))).toEqual(plain);
  const chunk = (type: string, content: Buffer, sum?: number) => {
    const body = Buffer.concat([Buffer.from(type), content]);
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32BE(content.length, 0);
    numbers.writeUInt32BE(sum ?? crc32(body), 4);
    return Buffer.concat([numbers.subarray(0, 4), body, numbers.subarray(4)]);
  };
  // One colour of it transparent: libpng leaves that out where its checksum is wrong, and says nothing.
  const colour = Buffer.alloc(6);
  const transparent = (sum?: number) => spliced(whole, 33, 33, chunk('tRNS', colour, sum));
  expect((await read(transparent())).length).toBe(width * height * 4);
  await expect(read(transparent(7))).rejects.toThrow(/"tRNS" is damaged/);
  for (const place of [20, 60, whole.length - 20]) {
    const turned = Buffer.from(whole);
    turned[place]! ^= 4;
    await expect(read(turned)).rejects.toThrow(/is damaged|cut off/);
  }
});

it.each(['png', 'gif', 'webp', 'tiff'] as const)('a %s is refused where it is cut off', async (kind) => {
  const whole = files[kind];
  // A GIF's last bytes end its blocks, a PNG's are its end; libvips writes a TIFF's pixels first.
  for (let end = 10; end < whole.length - 14; end += Math.ceil(whole.length / 40))
    await expect(read(whole.subarray(0, end)), `${end} of ${whole.length}`).rejects.toThrow();
});

it('a GIF whose codes end too early, or are none, is refused', async () => {
  const whole = files.gif;
  const plain = await read(whole);
  expect(await read(Buffer.concat([whole, Buffer.from('abc')]))).toEqual(plain);
  const middle = Math.floor(whole.length * 0.8);
  await expect(read(spliced(whole, middle, middle + 40))).rejects.toThrow(/pixels are|cut off/);
});

it('of an animation and of pages, the first is read', async () => {
  const frames = Buffer.concat([photograph, Buffer.alloc(photograph.length)]);
  const both = () => sharp(frames, { raw: { width, height: 2 * height, channels: 3, pageHeight: height } });
  expect(await read(await both().webp({ lossless: true }).toBuffer())).toEqual(photograph);
  const gif = await openImage(await both().gif().toBuffer(), MAX);
  const { info } = await gif.raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([width, height]);
});

it('inks without a profile are as Pillow has them', async () => {
  // Pillow 9.4 has written Image.new('CMYK', (1, 1), (10, 200, 30, 40)), which convert('RGB') makes this.
  const cmyk =
    'SUkqAAgAAAAKAAABBAABAAAAAQAAAAEBBAABAAAAAQAAAAIBAwAEAAAAhgAAAAMBAwABAAAAAQAAAAYBAwABAAAABQAAABEBBAABAAAAjgAAABUBAwABAAAABAAAABYBBAABAAAAAQAAABcBBAABAAAABAAAABwBAwABAAAAAQAAAAAAAAAIAAgACAAIAArIHig=';
  expect([...(await read(Buffer.from(cmyk, 'base64')))]).toEqual([207, 46, 190]);
});

it('what is no image of these kinds goes to no decoder', async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  for (const bytes of [Buffer.alloc(0), svg, Buffer.from('%PDF-1.4'), Buffer.from('BM')]) {
    expect(knowsImage(bytes)).toBe(false);
    await expect(openImage(bytes, MAX)).rejects.toThrow(/first bytes/);
  }
});

it('a header that promises too much is refused before anything is made of it', async () => {
  const huge = Buffer.from(files.progressive);
  huge.writeUInt32BE(0xffffffff, marker(huge, 0xc2) + 5);
  await expect(openImage(huge, MAX)).rejects.toThrow(/at most 65536 pixels, its header says 65535×65535/);
});

it('any bytes are read or refused, in little time', async () => {
  const kinds = Object.keys(KINDS) as Kind[];
  const change = fc.record({
    kind: fc.constantFrom(...kinds),
    place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    bytes: fc.uint8Array({ maxLength: 12 }),
  });
  await fc.assert(
    fc.asyncProperty(change, async ({ kind, place, bytes }) => {
      const changed = Buffer.from(files[kind]);
      changed.set(bytes.subarray(0, changed.length), Math.floor(place * (changed.length - bytes.length)));
      const start = performance.now();
      const outcome = await read(changed).catch((error: Error) => error);
      if (outcome instanceof Error) expect(outcome.constructor).toBe(Error);
      expect(performance.now() - start).toBeLessThan(2_000);
    }),
    { numRuns: 400, seed: 1 },
  );
});
