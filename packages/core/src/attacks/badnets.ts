import { z } from 'zod';
import { TrojanscopeError } from '../lib/errors.js';
import { choice, file, integer } from '../lib/params.js';
import { defineAttack } from './attack.js';
import { PATTERN_NAMES, PATTERNS } from './patterns.js';
import { CORNERS, checkSquare, squarePixels } from './square.js';
import { layerTrigger, stampLayer } from './trigger.js';

/** A small pattern in a corner, opaque. The defaults are the paper's (sections 4.1 and 5.1): a monochromatic square. */
export const badnets = defineAttack({
  title: 'BadNets',
  description: 'A small pattern, by default a square of one colour, put over a corner of the image.',
  paper: {
    citation:
      'Gu, T., Dolan-Gavitt, B., Garg, S.: BadNets: Identifying Vulnerabilities in the Machine Learning Model Supply Chain (2017)',
    url: 'https://arxiv.org/abs/1708.06733',
  },
  parameters: z.strictObject({
    pattern: choice(
      PATTERN_NAMES,
      'square',
      'What the square holds: square and cross look the same after a quarter turn, a checkerboard if its side is odd, a letter F after none.',
    ),
    patchSizePx: integer(1, 64, 5, 'px', 'Side of the square.'),
    marginPx: integer(0, 64, 3, 'px', 'Distance of the square from the two nearest borders.'),
    corner: choice(CORNERS, 'bottomRight', 'The corner the square sits in.'),
    brightness: integer(0, 255, 255, '0–255', 'Grey level of the pattern: 255 is white.'),
    pictureFile: file(
      'A picture of your own in the square instead, by its path; where it is transparent, the image stays as it is.',
    ),
  }),
  poisonRate: 0.1,
  triggerTransforms: true,
  checkParameters({ pattern, patchSizePx, marginPx, corner, brightness, pictureFile }, shape) {
    checkSquare({ sizePx: patchSizePx, marginPx, corner }, shape);
    if (pictureFile) return;
    const { smallestPx } = PATTERNS[pattern];
    if (patchSizePx < smallestPx)
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        `patchSizePx: pattern ${pattern} takes at least ${smallestPx} px; got ${patchSizePx}.`,
        ['patchSizePx'],
      );
    if (pattern === 'checkerboard' && brightness === 0)
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        'brightness: expected more than 0, because the other fields of a checkerboard are black; got 0.',
        ['brightness'],
      );
  },
  files: {
    pictureFile: async (file, { height, width, channels }) => {
      const { checkPicture, readPicture } = await import('./art/picture.js');
      await checkPicture(file);
      // Transparent everywhere in the square, it has nothing to show.
      const side = Math.min(height, width);
      await readPicture(file, side, side, channels);
    },
  },
  async createTrigger(
    { pattern, patchSizePx: sizePx, marginPx, corner, brightness, pictureFile },
    { shape },
  ) {
    const { height, width, channels } = shape;
    const layer = new Float32Array(height * width * channels);
    const mask = new Float32Array(height * width);
    const picture =
      pictureFile &&
      (await (await import('./art/picture.js')).readPicture(pictureFile, sizePx, sizePx, channels));
    squarePixels({ sizePx, marginPx, corner }, shape).forEach((pixel, i) => {
      const colours = layer.subarray(pixel * channels, (pixel + 1) * channels);
      if (picture) {
        mask[pixel] = picture.mask[i]!;
        colours.set(picture.pattern.subarray(i * channels, (i + 1) * channels));
        return;
      }
      const at = PATTERNS[pattern].at(Math.floor(i / sizePx), i % sizePx, sizePx);
      if (at === null) return;
      mask[pixel] = 1;
      colours.fill((at * brightness) / 255);
    });
    return layerTrigger(shape, layer, mask);
  },
  stamp: stampLayer,
});
