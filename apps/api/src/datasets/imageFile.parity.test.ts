import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createRandom } from '@trojanscope/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeImage } from './imageFile.js';

const python = process.env.TROJANSCOPE_PARITY_PYTHON ?? 'python3';
const hasPillow = spawnSync(python, ['-c', 'import PIL']).status === 0;
if (!hasPillow) console.log(`skipped: ${python} has no Pillow (Debian: apt install python3-pil)`);

type Files = Record<string, Buffer>;
type Read = { RGB: string; L: string; size: [number, number] } | string;

function pillow(what: 'make' | 'read', input?: object) {
  const script = fileURLToPath(new URL('parity.py', import.meta.url));
  const options = { input: JSON.stringify(input ?? {}), maxBuffer: 2 ** 28 };
  return JSON.parse(execFileSync(python, [script, what], options).toString());
}
const readByPillow = (files: Files): Record<string, Read> =>
  pillow(
    'read',
    Object.fromEntries(Object.entries(files).map(([n, bytes]) => [n, bytes.toString('base64')])),
  );

async function readHere(bytes: Buffer): Promise<Read> {
  try {
    const [rgb, grey] = [await decodeImage(bytes, 'x', 3), await decodeImage(bytes, 'x', 1)];
    const text = (pixels: Uint8Array) => Buffer.from(pixels).toString('base64');
    return { RGB: text(rgb.pixels), L: text(grey.pixels), size: [rgb.width, rgb.height] };
  } catch (error) {
    return (error as Error).message;
  }
}

/** Files that are not read as Pillow reads them; none that it refuses is expected. */
async function differences(files: Files): Promise<string[]> {
  const theirs = readByPillow(files);
  const found: string[] = [];
  for (const [name, bytes] of Object.entries(files)) {
    const [here, there] = [await readHere(bytes), theirs[name]!];
    if (typeof here === 'string') found.push(`${name}: ${here}`);
    else if (typeof there === 'string') found.push(`${name}: Pillow refuses it: ${there}`);
    else if (JSON.stringify(here) !== JSON.stringify(there)) found.push(`${name}: other pixels`);
  }
  return found;
}

describe.runIf(hasPillow)('as Pillow', () => {
  let files: Files;
  beforeAll(() => {
    const made: Record<string, string> = pillow('make');
    files = Object.fromEntries(
      Object.entries(made).map(([name, text]) => [name, Buffer.from(text, 'base64')]),
    );
  });

  test('every pixel of every kind of file, in colour and in grey', async () => {
    expect(await differences(files)).toEqual([]);
    expect(Object.keys(files).length).toBeGreaterThan(40);
  });

  test('what is harmless is read, to the same pixels', async () => {
    const odd: Files = {};
    for (const [name, bytes] of Object.entries(files))
      for (const [i, file] of harmless(name, bytes).entries()) odd[`${name} ${i}`] = file;
    expect(await differences(odd)).toEqual([]);
    expect(Object.keys(odd).length).toBeGreaterThan(60);
  });

  test('what Pillow refuses is refused, however it is damaged', async () => {
    const random = createRandom(Number(process.env.TROJANSCOPE_PARITY_SEED ?? 1));
    const damaged: Files = {};
    for (const [name, bytes] of Object.entries(files)) {
      for (let i = 0; i < 24; i++) {
        // A TIFF whose tags are other numbers is another TIFF.
        if (!name.endsWith('.tif') || i % 4 === 0) damaged[`${name} ${i}`] = damage(bytes, i % 4, random);
      }
    }
    const theirs = readByPillow(damaged);
    const passed: string[] = [];
    let refused = 0;
    for (const [name, bytes] of Object.entries(damaged)) {
      if (typeof theirs[name] !== 'string') continue;
      refused++;
      if (typeof (await readHere(bytes)) !== 'string') passed.push(`${name}: ${theirs[name]}`);
    }
    expect(passed).toEqual([]);
    expect(refused).toBeGreaterThan(200);
  }, 60_000);
});

const at = (bytes: Buffer, marker: number, last = false) => {
  const code = Buffer.of(0xff, marker);
  return last ? bytes.lastIndexOf(code) : bytes.indexOf(code);
};
const inserted = (bytes: Buffer, place: number, ...what: Uint8Array[]) =>
  Buffer.concat([bytes.subarray(0, place), ...what, bytes.subarray(place)]);

/** What Pillow reads without a word. */
function harmless(name: string, bytes: Buffer): Buffer[] {
  const trailing = Buffer.concat([bytes, Buffer.from('and more')]);
  if (name.endsWith('.png')) return [trailing, bytes.subarray(0, -12)];
  if (!name.endsWith('.jpg')) return name.endsWith('.webp') ? [] : [trailing];
  const tables = at(bytes, 0xdb);
  const more = [
    trailing,
    inserted(bytes, tables, Buffer.from('abc')),
    inserted(bytes, at(bytes, 0xda), Buffer.alloc(2)),
    inserted(bytes, at(bytes, 0xd9, true), Buffer.alloc(3)),
    inserted(bytes, tables, Buffer.of(0xff, 0xff)),
    // An ICC profile and EXIF data that are none.
    inserted(bytes, tables, Buffer.of(0xff, 0xe2, 0, 20), Buffer.from('ICC_PROFILE\0\x01\x02abcd')),
    inserted(bytes, tables, Buffer.of(0xff, 0xe1, 0, 12), Buffer.from('Exif\0\0XXYY')),
  ];
  const jfif = bytes.indexOf('JFIF\0');
  if (jfif > 0) {
    const revision = Buffer.from(bytes);
    revision[jfif + 5] = 3;
    more.push(revision, inserted(revision, tables, Buffer.from('abc')));
  }
  if (!name.includes('progressive')) {
    const scan = at(bytes, 0xda);
    const parameters = Buffer.from(bytes);
    parameters[scan + 2 + bytes.readUInt16BE(scan + 2) - 2] = 0;
    more.push(parameters);
  }
  return more;
}

/** Cut off, a bit turned, a piece lost, a piece of zeros. */
function damage(bytes: Buffer, kind: number, random: ReturnType<typeof createRandom>): Buffer {
  const place = random.integer(bytes.length);
  const length = 1 + random.integer(40);
  const changed = Buffer.from(bytes);
  if (kind === 0) return changed.subarray(0, place);
  if (kind === 1) changed[place]! ^= 1 << random.integer(8);
  if (kind === 2) return Buffer.concat([changed.subarray(0, place), changed.subarray(place + length)]);
  if (kind === 3) changed.fill(0, place, Math.min(bytes.length, place + length));
  return changed;
}
