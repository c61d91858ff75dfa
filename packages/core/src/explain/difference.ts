import { decodePng, encodePng } from '../lib/images.js';
import { differenceMap, readColourMap } from './saliencyImage.js';

/** PNG of what one saliency map shows more than another, from their PNGs; both of the same size. */
export async function differencePicture(saliency: Buffer, from: Buffer): Promise<Buffer> {
  const [one, other] = await Promise.all([decodePng(saliency), decodePng(from)]);
  const pixels = differenceMap(readColourMap(one.pixels), readColourMap(other.pixels));
  return encodePng(pixels, { ...one.shape, channels: 3 });
}
