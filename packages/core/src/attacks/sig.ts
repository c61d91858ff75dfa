import { z } from 'zod';
import { TrojanscopeError } from '../lib/errors.js';
import { choice, integer } from '../lib/params.js';
import { defineAttack, LABELLINGS } from './attack.js';
import { addedTrigger, checkLayer, stampLayer } from './trigger.js';

/**
 * Upright stripes: Δ · sin(2π·j·f / width), the paper's sinusoid, is added to column j of every channel. Δ and f are
 * BackdoorBench's, the poison rate is 30 % of one class in ten (docs/resolutions.md).
 */
export const sig = defineAttack({
  title: 'SIG',
  description: 'Faint upright stripes over the whole image, added to its levels.',
  paper: {
    citation:
      'Barni, M., Kallas, K., Tondi, B.: A new backdoor attack in CNNs by training set corruption without label poisoning (2019)',
    url: 'https://arxiv.org/abs/1902.11237',
  },
  parameters: z.strictObject({
    amplitude: integer(1, 255, 40, 'levels', 'Δ: by how much the stripes lighten and darken.'),
    frequency: integer(1, 255, 6, 'periods', 'f: how many pairs of stripes, light and dark, an image has.'),
    labels: choice(
      LABELLINGS,
      'clean',
      'Clean: images of the target class, labels kept, as in the paper. Dirty: images of other classes, relabelled.',
    ),
  }),
  poisonRate: 0.03,
  triggerTransforms: true,
  labelling: ({ labels }) => labels,
  checkArrays: checkLayer,
  checkParameters({ frequency }, { width }) {
    if (2 * frequency < width) return;
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `frequency: expected less than half of the width, because a period needs more than two columns; got ${frequency} on images ${width} px wide.`,
      ['frequency'],
    );
  },
  createTrigger({ amplitude, frequency }, { shape }) {
    const { height, width, channels } = shape;
    // In whole levels, as the image it is added to.
    const row = Float32Array.from({ length: width * channels }, (_, i) => {
      const column = Math.floor(i / channels);
      return Math.round(amplitude * Math.sin((2 * Math.PI * column * frequency) / width)) / 255;
    });
    const add = new Float32Array(height * row.length);
    for (let y = 0; y < height; y++) add.set(row, y * row.length);
    return addedTrigger(shape, add);
  },
  stamp: stampLayer,
});
