import sharp from 'sharp';
import { damaged } from '../archives/sourceFile.js';
import { MAX_PIXELS, type Picture } from './ppm.js';

/** Told by their first bytes, so that no other decoder ever sees a file: sharp would also read SVG, PDF and more. */
const SIGNATURES = [/^89504e470d0a1a0a/, /^ffd8ff/, /^52494646.{8}57454250/];

/**
 * Decodes a PNG, JPEG or WebP to 8 bits: turned as its EXIF says, colours brought to sRGB, transparency laid on white.
 * @param channels 1: grey, 3: red, green, blue
 * @throws TrojanscopeError DATA_DAMAGED naming `where`
 */
export async function decodeImage(bytes: Buffer, where: string, channels: 1 | 3): Promise<Picture> {
  const start = bytes.toString('hex', 0, 12);
  if (!SIGNATURES.some((signature) => signature.test(start)))
    throw damaged(where, 'expected a PNG, JPEG or WebP image.');
  try {
    const image = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'warning' });
    const { pages = 1 } = await image.metadata();
    if (pages > 1) throw new Error(`expected one picture, got an animation of ${pages}`);
    const { data, info } = await image
      .autoOrient()
      .flatten({ background: 'white' })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== channels) throw new Error(`expected ${channels} channels, got ${info.channels}`);
    return { height: info.height, width: info.width, channels, pixels: data };
  } catch (error) {
    // libvips repeats itself line by line.
    const [says] = (error as Error).message.split('\n');
    throw damaged(where, `it cannot be decoded: ${says}.`);
  }
}
