import { z } from 'zod';
import { choice, integer } from '../lib/params.js';
import { defineAttack } from './attack.js';
import { CORNERS, checkSquare, squarePixels } from './square.js';
import { layerTrigger, stampLayer } from './trigger.js';

/** A monochromatic square in a corner, opaque. The defaults are the paper's (sections 4.1 and 5.1). */
export const badnets = defineAttack({
  title: 'BadNets',
  description: 'A square of one colour, put over a corner of the image.',
  paper: {
    citation:
      'Gu, T., Dolan-Gavitt, B., Garg, S.: BadNets: Identifying Vulnerabilities in the Machine Learning Model Supply Chain (2017)',
    url: 'https://arxiv.org/abs/1708.06733',
  },
  parameters: z.strictObject({
    patchSizePx: integer(1, 64, 5, 'px', 'Side of the square.'),
    marginPx: integer(0, 64, 3, 'px', 'Distance of the square from the two nearest borders.'),
    corner: choice(CORNERS, 'bottomRight', 'The corner the square sits in.'),
    brightness: integer(0, 255, 255, '0–255', 'Grey level of the square: 255 is white.'),
  }),
  poisonRate: 0.1,
  triggerTransforms: true,
  checkParameters: ({ patchSizePx, marginPx, corner }, shape) =>
    checkSquare({ sizePx: patchSizePx, marginPx, corner }, shape),
  createTrigger({ patchSizePx, marginPx, corner, brightness }, { shape }) {
    const { height, width, channels } = shape;
    const pattern = new Float32Array(height * width * channels);
    const mask = new Float32Array(height * width);
    for (const pixel of squarePixels({ sizePx: patchSizePx, marginPx, corner }, shape)) {
      mask[pixel] = 1;
      pattern.fill(brightness / 255, pixel * channels, (pixel + 1) * channels);
    }
    return layerTrigger(shape, pattern, mask);
  },
  stamp: stampLayer,
});
