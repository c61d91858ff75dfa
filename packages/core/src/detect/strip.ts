import { z } from 'zod';
import { choice, integer } from '../lib/params.js';
import { BLENDS, defineDetector, type View } from './detector.js';

/**
 * Section 4 of the paper: the mean entropy of what the model says of the sample with other images laid over it. How they
 * are, the paper leaves at “linear blend”, and codes differ (docs/detectors.md).
 */
export const strip = defineDetector({
  title: 'STRIP',
  description:
    'Lays clean images over the sample, one at a time: a trigger keeps the model sure of its target, so a low mean entropy looks trojaned.',
  source: {
    citation:
      'Gao, Y., Xu, C., Wang, D., Chen, S., Ranasinghe, D.C., Nepal, S.: STRIP: A Defence Against Trojan Attacks on Deep Neural Networks. ACSAC 2019.',
    url: 'https://arxiv.org/abs/1902.06531',
  },
  parameters: z.strictObject({
    blend: choice(
      BLENDS,
      'SUM',
      'How images are laid over: SUM adds them, as the authors’ notebook does (garrisongys/STRIP); SATURATED_SUM cuts off at white, as ports to 8-bit images do (BackdoorBench); AVERAGE takes half of each (TrojanZoo).',
    ),
    overlays: integer(1, 200, 100, '', 'Clean images laid over each sample, a query each; the paper’s 100.'),
  }),
  labelsOnly: false,
  views: ({ blend, overlays }) => Array.from({ length: overlays }, (): View => [{ blend }]),
  // In bits, as the paper's equations 2 to 4.
  score: ({ entropies }) =>
    -entropies.reduce((sum, entropy) => sum + entropy, 0) / entropies.length / Math.LN2,
});
