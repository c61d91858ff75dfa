import type { AttackId } from '../attacks/index.js';
import type { TransformTarget } from '../transforms/transform.js';

/**
 * The numbers of Hu, Lan, Gao, Meng, Chen: “Why is Your Trojan NOT Responding?”, to stand beside ours. Its figures' curves are
 * not in the text.
 */

/** Table 2, in percent: clean accuracy, and attack success rate of trojaned models. */
export const TABLE_2: Record<
  string,
  Partial<Record<AttackId | 'benign', { clean: number; asr?: number }>>
> = {
  mnist: {
    benign: { clean: 99.13 },
    badnets: { clean: 99.17, asr: 99.95 },
    blend: { clean: 99.02, asr: 99.78 },
    uat: { clean: 97.01, asr: 90.06 },
  },
  gtsrb: {
    benign: { clean: 97.05 },
    badnets: { clean: 97.32, asr: 95.79 },
    blend: { clean: 96.58, asr: 96.63 },
    uat: { clean: 94.3, asr: 82.6 },
    dfst: { clean: 95.27, asr: 98.3 },
    refool: { clean: 94.01, asr: 93.91 },
  },
};

/** Table 3, in percent: error rates of GTSRB-BadNets at the configurations of `TABLE_3` in presets.ts. */
export const TABLE_3_ERRORS: Record<TransformTarget, Record<string, number>> = {
  TRIGGER: { translation: 0, scaling: 0, rotation: 0 },
  IMAGE: { translation: 1.07, scaling: 26.27, rotation: 89.54 },
};

/** Section 5.4: of 50 well-predicted trojaned samples SmoothGrad showed the square in 98 %, judged by eye. */
export const SHOWN_BY_SMOOTHGRAD = { percent: 98, samples: 50 };

/** Its figures' letters for a data set: translation, scaling, rotation. */
export const FIGURE_LETTERS: Record<string, readonly [string, string, string]> = {
  mnist: ['a', 'b', 'c'],
  gtsrb: ['d', 'e', 'f'],
};
