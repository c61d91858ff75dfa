import sharp, { type Sharp } from 'sharp';
import { TrojanscopeError } from '../../lib/errors.js';
import { expectPlace } from '../../lib/files.js';
import { fitChannels } from './luminance.js';

/** More pixels than any photograph: what stands behind such a file is no picture. */
const LARGEST_PICTURE_PX = 100_000_000;
/** Pixels only: vector formats can refer to other files. */
const FORMATS = ['jpeg', 'png', 'webp', 'gif', 'tiff'];

/**
 * The picture in `file`, scaled to cover height × width and cut at the centre. What is transparent is black.
 * @returns [h·w·c] in [0,1]; luminance where `channels` is 1
 * @throws TrojanscopeError BAD_USER_INPUT naming the file
 */
export async function readPicture(
  file: string,
  heightPx: number,
  widthPx: number,
  channels: number,
): Promise<Float32Array> {
  const { data } = await readPixels(file, (picture) =>
    picture.resize(widthPx, heightPx, { fit: 'cover', kernel: 'lanczos3' }),
  );
  return fitChannels(
    Float32Array.from(data, (level) => level / 255),
    channels,
  );
}

/**
 * The picture in `file` as 8-bit RGB [h,w,3], upright, after `change`.
 * @throws TrojanscopeError BAD_USER_INPUT naming the file
 */
export async function readPixels(file: string, change: (picture: Sharp) => Sharp = (picture) => picture) {
  try {
    const picture = sharp(file, { limitInputPixels: LARGEST_PICTURE_PX });
    const { format } = await picture.metadata();
    if (!FORMATS.includes(format)) throw new Error(`its format is ${format}, not ${FORMATS.join(', ')}`);
    const upright = picture.autoOrient().flatten({ background: '#000' }).toColourspace('srgb');
    const { data, info } = await change(upright).raw().toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0];
    throw new TrojanscopeError('BAD_USER_INPUT', `Expected a picture in ${file}: ${reason}.`);
  }
}

/**
 * Whether `readPicture` would read a file: decoded as a whole, since the beginning of a damaged one is often well.
 * @throws TrojanscopeError BAD_USER_INPUT naming the file
 */
export async function checkPicture(file: string): Promise<void> {
  await expectPlace(file, 'file');
  await readPixels(file, (picture) => picture.resize(1, 1));
}
