import { readFile, stat } from 'node:fs/promises';
import type { Sharp } from 'sharp';
import { TrojanscopeError } from '../../lib/errors.js';
import { expectPlace } from '../../lib/files.js';
import { openImage } from '../../lib/imageFile.js';
import { coverByArea } from './coverByArea.js';
import type { Drawing } from './drawing.js';
import { fitChannels, toGrey } from './luminance.js';

/** More pixels than any photograph, and more bytes: what stands behind such a file is no picture. */
const LARGEST_PICTURE_PX = 100_000_000;
const LARGEST_PICTURE_BYTES = 2 ** 29;

/**
 * The picture in `file`, scaled to cover height × width and cut at the centre, its colours weighed by how opaque they are.
 * @returns `pattern` [h·w·c] in [0,1], luma where `channels` is 1; `mask` [h·w], 0 where it is transparent
 * @throws TrojanscopeError BAD_USER_INPUT naming the file, also where it is transparent everywhere
 */
export async function readPicture(
  file: string,
  heightPx: number,
  widthPx: number,
  channels: number,
): Promise<Drawing> {
  const cover = { fit: 'cover', kernel: 'lanczos3' } as const;
  const read = await readPixels(file, async (picture) =>
    (await picture.metadata()).hasAlpha ? picture : picture.resize(widthPx, heightPx, cover),
  );
  const { rgb, alpha } = read.alpha ? coverByArea({ ...read, alpha: read.alpha }, heightPx, widthPx) : read;
  if (alpha && !alpha.some((level) => level > 0))
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `${file} is transparent everywhere it would be seen: it has nothing to show.`,
      ['pictureFile'],
    );
  const parts = (levels: Uint8Array) => Float32Array.from(levels, (level) => level / 255);
  return {
    pattern: channels === 1 ? parts(toGrey(rgb)) : fitChannels(parts(rgb), channels),
    mask: alpha ? parts(alpha) : new Float32Array(heightPx * widthPx).fill(1),
  };
}

/**
 * The picture in `file`, upright, after `change`.
 * @returns 8-bit `rgb` [h·w·3], and `alpha` [h·w] where the file can be transparent
 * @throws TrojanscopeError BAD_USER_INPUT naming the file
 */
export async function readPixels(
  file: string,
  change: (picture: Sharp) => Sharp | Promise<Sharp> = (picture) => picture,
) {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new Error('it is no file');
    if (found.size > LARGEST_PICTURE_BYTES) throw new Error(`it has ${found.size} bytes`);
    return await decodePixels(await readFile(file), change);
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0];
    throw new TrojanscopeError('BAD_USER_INPUT', `Expected a picture in ${file}: ${reason}.`);
  }
}

/** The same of a file's bytes. @throws Error saying why they cannot be read */
export async function decodePixels(
  bytes: Buffer,
  change: (picture: Sharp) => Sharp | Promise<Sharp> = (picture) => picture,
): Promise<{ rgb: Uint8Array; alpha?: Uint8Array; width: number; height: number }> {
  const picture = await change(await openImage(bytes, LARGEST_PICTURE_PX));
  const { data, info } = await picture.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  if (info.channels !== 4) return { rgb: data, width, height };
  const rgb = new Uint8Array(width * height * 3);
  const alpha = new Uint8Array(width * height);
  for (let i = 0; i < alpha.length; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[4 * i + c]!;
    alpha[i] = data[4 * i + 3]!;
  }
  return { rgb, alpha, width, height };
}

/**
 * Whether `readPicture` would read a file: decoded as a whole, since the beginning of a damaged one is often well.
 * @throws TrojanscopeError BAD_USER_INPUT naming the file
 */
export async function checkPicture(file: string): Promise<void> {
  await expectPlace(file, 'file');
  await readPixels(file, (picture) => picture.resize(1, 1));
}
