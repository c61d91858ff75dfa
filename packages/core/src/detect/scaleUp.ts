import { z } from 'zod';
import { choice } from '../lib/params.js';
import { defineDetector, shareAgreeing, type View } from './detector.js';

const FACTORS = {
  PAPER: [3, 5, 7, 9, 11],
  AUTHORS_CODE: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
};

/** Section 4.2 of the paper, data-free: scaled prediction consistency (SPC). */
export const scaleUp = defineDetector({
  title: 'SCALE-UP',
  description:
    'Multiplies all levels by several factors, cut off at white: a label that withstands this looks trojaned.',
  source: {
    citation:
      'Guo, J., Li, Y., Chen, X., Guo, H., Sun, L., Liu, C.: SCALE-UP: An Efficient Black-box Input-level Backdoor Detection via Analyzing Scaled Prediction Consistency. ICLR 2023.',
    url: 'https://arxiv.org/abs/2302.03251',
  },
  parameters: z.strictObject({
    factors: choice(
      ['PAPER', 'AUTHORS_CODE'],
      'PAPER',
      'PAPER: 3, 5, 7, 9 and 11; AUTHORS_CODE: 2 to 11, as the published decisions were made (JunfengGo/SCALE-UP).',
    ),
  }),
  labelsOnly: true,
  views: ({ factors }) => [
    [],
    ...FACTORS[factors].map((value): View => [{ transform: 'brightness', value }]),
  ],
  score: shareAgreeing,
});
