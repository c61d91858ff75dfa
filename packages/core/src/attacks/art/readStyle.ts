import { readdir } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { TrojanscopeError } from '../../lib/errors.js';
import { expectPlace } from '../../lib/files.js';
import { IMAGE_EXTENSIONS } from '../../lib/imageFile.js';
import type { Random } from '../../lib/random.js';
import { checkPicture, readPixels } from './picture.js';

const PAINTING = new RegExp(`\\.(${IMAGE_EXTENSIONS.join('|')})$`, 'i');
/**
 * Sides of crops in parts of a painting's shorter side. Below, a crop is one flat stroke; above, the strokes, which are
 * the style, are finer than a pixel of a small crop.
 */
const [SMALLEST_CROP, LARGEST_CROP] = [0.15, 0.4];

/**
 * Random square crops of the paintings in a folder, mirrored half of the time, the paintings in turn.
 * @returns 8-bit RGB [count,s,s,3]
 * @throws TrojanscopeError BAD_USER_INPUT where there is no painting, a file that is none, or one to see through: a
 *   style has no image below it to show
 */
export async function readStyle(
  folder: string,
  sizePx: number,
  count: number,
  random: Random,
): Promise<Uint8Array> {
  const files = await paintingsIn(folder);
  const size = sizePx * sizePx * 3;
  const pixels = new Uint8Array(count * size);
  for (const [which, file] of files.entries()) {
    // One painting at a time: they are large.
    const { rgb, alpha, width, height } = await readPixels(file);
    if (alpha?.some((level) => level < 255))
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        `Expected a painting in ${file}: it is transparent in parts. Lay it on a colour, or cut them off.`,
        ['styleFolder'],
      );
    const painting = random.fork(path.basename(file));
    for (let i = which; i < count; i += files.length) {
      const part = SMALLEST_CROP + (LARGEST_CROP - SMALLEST_CROP) * painting.float();
      const side = Math.max(1, Math.round(part * Math.min(width, height)));
      const left = painting.integer(width - side + 1);
      const top = painting.integer(height - side + 1);
      const crop = sharp(rgb, { raw: { width, height, channels: 3 } })
        .extract({ left, top, width: side, height: side })
        .resize(sizePx, sizePx, { kernel: 'lanczos3' })
        .flop(painting.float() < 0.5);
      pixels.set(await crop.raw().toBuffer(), i * size);
    }
  }
  return pixels;
}

/**
 * Whether `readStyle` would read a folder, every painting of it.
 * @throws TrojanscopeError BAD_USER_INPUT as it does
 */
export async function checkStyle(folder: string): Promise<void> {
  for (const file of await paintingsIn(folder)) await checkPicture(file);
}

async function paintingsIn(folder: string): Promise<string[]> {
  await expectPlace(folder, 'folder');
  const names = await readdir(folder);
  const paintings = names.filter((name) => PAINTING.test(name)).sort();
  if (paintings.length > 0) return paintings.map((name) => path.join(folder, name));
  throw new TrojanscopeError(
    'BAD_USER_INPUT',
    `Expected paintings (${IMAGE_EXTENSIONS.join(', ')}) in ${folder}; found none.`,
  );
}
