import { z } from 'zod';
import { choice } from '../lib/params.js';
import type { TransformId } from '../transforms/index.js';
import { defineDetector, type View } from './detector.js';

/**
 * Corruptions at severities 1 to 5: of ImageNet-C's those that are transforms here, with its own values but for brightness,
 * which adds there and multiplies here (Hendrycks and Dietterich 2019, arXiv:1903.12261). In its order.
 */
const CORRUPTIONS: readonly (readonly [TransformId, readonly number[]])[] = [
  ['noise', [20.4, 30.6, 45.9, 66.3, 96.9]],
  ['blur', [1, 2, 3, 4, 6]],
  ['brightness', [1.2, 1.4, 1.6, 1.8, 2]],
  ['contrast', [0.4, 0.3, 0.2, 0.1, 0.05]],
  ['jpeg', [25, 18, 15, 10, 7]],
];
const SEVERITIES = 5;

/** Section 4 of the paper: the deviation of how severe each corruption has to be until the label changes. */
export const teco = defineDetector({
  title: 'TeCo',
  description:
    'Corrupts the image in several ways, ever more severely: where the label changes early under one and late under another, the sample looks trojaned.',
  source: {
    citation:
      'Liu, X., Li, M., Wang, H., Hu, S., Ye, D., Jin, H., Wu, L., Xiao, C.: Detecting Backdoors During the Inference Stage Based on Corruption Robustness Consistency. CVPR 2023.',
    url: 'https://arxiv.org/abs/2303.18191',
  },
  parameters: z.strictObject({
    corruptions: choice(
      ['INDEPENDENT', 'CUMULATIVE'],
      'INDEPENDENT',
      'INDEPENDENT: each corrupts the sample itself, as the paper words it; CUMULATIVE: each corrupts what the one before it left, as the authors’ code does (CGCL-codes/TeCo).',
    ),
  }),
  labelsOnly: true,
  views({ corruptions }) {
    const steps = CORRUPTIONS.flatMap(([transform, values]) => values.map((value) => ({ transform, value })));
    return [
      [],
      ...steps.map((step, i): View => (corruptions === 'CUMULATIVE' ? steps.slice(0, i + 1) : [step])),
    ];
  },
  score({ labels }) {
    const firstChanges = CORRUPTIONS.map((_, corruption) => {
      const start = 1 + corruption * SEVERITIES;
      const change = labels.subarray(start, start + SEVERITIES).findIndex((label) => label !== labels[0]);
      return change < 0 ? SEVERITIES + 1 : change + 1;
    });
    // Of whole numbers, so that the same severities in another order score the same to the bit.
    const count = firstChanges.length;
    const sum = firstChanges.reduce((all, severity) => all + severity, 0);
    const squares = firstChanges.reduce((all, severity) => all + severity ** 2, 0);
    return Math.sqrt(count * squares - sum ** 2) / count;
  },
});
