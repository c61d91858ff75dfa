import { IMAGE_EXTENSIONS, knowsImage, openImage, toGrey } from '@trojanscope/core';
import { damaged } from '../archives/sourceFile.js';
import { decodeBmp } from './bmp.js';
import { decodePpm, MAX_PIXELS, type Picture } from './ppm.js';

/** The names of files that are read as images. */
const EXTENSIONS = [...IMAGE_EXTENSIONS, 'ppm', 'pgm', 'pnm', 'bmp'];
const NAME = new RegExp(`\\.(${EXTENSIONS.join('|')})$`, 'i');
export const isImageName = (name: string) => NAME.test(name);
export const IMAGE_NAMES = `${EXTENSIONS.slice(0, -1)
  .map((extension) => `.${extension}`)
  .join(', ')} or .${EXTENSIONS.at(-1)}`;

/**
 * Decodes a PNG, JPEG, WebP, TIFF, GIF, PPM, PGM or BMP, whatever its name says, to 8 bits: turned as its EXIF says,
 * colours brought to sRGB, transparency laid on white; grey is Pillow's.
 * @param channels 1: grey, 3: red, green, blue
 * @throws TrojanscopeError DATA_DAMAGED naming `where`
 */
export async function decodeImage(bytes: Buffer, where: string, channels: 1 | 3): Promise<Picture> {
  const picture = await decodeColour(bytes, where);
  return channels === 3 ? picture : { ...picture, channels, pixels: toGrey(picture.pixels) };
}

async function decodeColour(bytes: Buffer, where: string): Promise<Picture> {
  const start = bytes.toString('latin1', 0, 2);
  if (/^P[2356]$/.test(start)) return decodePpm(bytes, where);
  if (start === 'BM') return decodeBmp(bytes, where);
  if (!knowsImage(bytes))
    throw damaged(where, 'expected a PNG, JPEG, WebP, TIFF, GIF, PPM, PGM or BMP image.');
  try {
    const image = (await openImage(bytes, MAX_PIXELS)).flatten({ background: 'white' });
    const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`expected 3 channels, got ${info.channels}`);
    return { height: info.height, width: info.width, channels: 3, pixels: data };
  } catch (error) {
    // libvips repeats itself line by line.
    const [says] = (error as Error).message.split('\n');
    throw damaged(where, `it cannot be decoded: ${says}.`);
  }
}
