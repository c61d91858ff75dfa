import sharp, { type Sharp } from 'sharp';
import { crc32 } from './crc32.js';
import { checkGif } from './gifStream.js';
import { checkJpeg } from './jpegStream.js';

/** What `openImage` reads, by the ends of names. */
export const IMAGE_EXTENSIONS = ['png', 'jpg', 'jpeg', 'jpe', 'jfif', 'webp', 'tif', 'tiff', 'gif'];

/**
 * Told by their first bytes, so that no other decoder ever sees a file: sharp would also read SVG, PDF and more, which
 * can refer to other files.
 */
const SIGNATURES: readonly [RegExp, check?: (bytes: Buffer, maxPixels: number) => void][] = [
  [/^89504e470d0a1a0a/, checkPng],
  [/^ffd8ff/, checkJpeg],
  [/^52494646.{8}57454250/],
  [/^(49492[ab]00|4d4d002[ab])/],
  [/^474946383[79]61/, checkGif],
];

const formatOf = (bytes: Buffer) => {
  const start = bytes.toString('hex', 0, 12);
  return SIGNATURES.find(([signature]) => signature.test(start));
};

/** Whether `openImage` knows its kind by its first bytes. */
export const knowsImage = (bytes: Buffer): boolean => formatOf(bytes) !== undefined;

/** Of libvips' and sharp's words for what a sample means, those that have a way to sRGB. */
const SPACES = ['srgb', 'rgb', 'b-w', 'rgb16', 'grey16', 'cmyk'];

/**
 * Opens a PNG, JPEG, WebP, TIFF (its first page) or GIF (its first frame; of an animated WebP, too): upright, in 8-bit
 * sRGB, or to be made so by what reads from it; transparent where the file is. What Pillow reads without a word is read,
 * what is cut off or damaged is not, even where a decoder would go on with grey.
 * @throws Error saying why it cannot be read; reading from the result may throw one, too
 */
export async function openImage(bytes: Buffer, maxPixels: number): Promise<Sharp> {
  const known = formatOf(bytes);
  if (!known) throw new Error('its first bytes are those of no PNG, JPEG, WebP, TIFF or GIF');
  known[1]?.(bytes, maxPixels);
  const image = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error' });
  const { depth, space, icc } = await image.metadata();
  if (depth !== 'uchar' && depth !== 'ushort')
    throw new Error(`expected samples of 1 to 16 bits, got ${depth}: save it with 8 bits`);
  if (!SPACES.includes(space)) throw new Error(`expected grey, RGB or CMYK, got ${space}: save it as RGB`);
  const upright = image.autoOrient();
  return space === 'cmyk' && !isCmykProfile(icc) ? fromCmyk(upright) : upright.toColourspace('srgb');
}

/** By its header: its kind of colour, and the signature that every profile has. */
const isCmykProfile = (icc?: Buffer) =>
  icc?.toString('latin1', 16, 20) === 'CMYK' && icc.toString('latin1', 36, 40) === 'acsp';

/** As Pillow has it where no profile says what the inks look like: libvips would assume one. */
async function fromCmyk(image: Sharp): Promise<Sharp> {
  const inks = image.pipelineColourspace('cmyk').toColourspace('cmyk').raw({ depth: 'uchar' });
  const { data, info } = await inks.toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const light = 255 - data[pixel * channels + 3]!;
    for (let c = 0; c < 3; c++) {
      const ink = data[pixel * channels + c]! * light + 128;
      rgb[pixel * 3 + c] = light - ((ink + (ink >> 8)) >> 8);
    }
  }
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}

/** libpng leaves out what it need not know, with a wrong checksum or not: transparency, for one. */
function checkPng(bytes: Buffer): void {
  // Without an end, but with all its pixels, a PNG is whole enough.
  for (let at = 8; at < bytes.length; ) {
    const end = bytes.length - at < 12 ? Infinity : at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) throw new Error('it is cut off');
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4))
      throw new Error(`its part ${JSON.stringify(type)} is damaged: the checksum is another`);
    if (type === 'IEND') return;
    at = end;
  }
}
