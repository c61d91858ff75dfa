import { z } from 'zod';
import { TrojanscopeError } from '../lib/errors.js';
import { defineDetector, shareAgreeing, type View } from './detector.js';

const values = (minimum: number, maximum: number, fallback: number[], unit: string, description: string) =>
  z.array(z.number().min(minimum).max(maximum)).max(32).default(fallback).meta({ unit, description });

/** The paper's own insight as a detector: what fails to fire when it is moved a little gives itself away. */
export const geometricConsistency = defineDetector({
  title: 'Geometric consistency',
  description:
    'How often the label changes under a few mild geometric transforms, which a clean image bears and a trigger often does not.',
  source: {
    citation:
      'Hu, X., Lan, Y., Gao, R., Meng, G., Chen, K.: Why is Your Trojan NOT Responding?, section 6: transforms defeat triggers. The detector is trojanscope’s.',
    url: '',
  },
  parameters: z.strictObject({
    rotationsDeg: values(-180, 180, [-15, 15], '°', 'Turns of the image, a query each.'),
    factors: values(0.5, 2, [0.9], '×', 'Scalings of the image, a query each.'),
    shiftsPx: values(
      0.5,
      16,
      [2, 2, 2],
      'px',
      'Shifts of the image, a query each, in a direction drawn for each.',
    ),
  }),
  labelsOnly: true,
  views({ rotationsDeg, factors, shiftsPx }) {
    const views = [
      [],
      ...rotationsDeg.map((value): View => [{ transform: 'rotation', value }]),
      ...factors.map((value): View => [{ transform: 'scaling', value }]),
      ...shiftsPx.map((value): View => [{ transform: 'translation', value }]),
    ];
    if (views.length > 1) return views;
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      'rotationsDeg: expected a turn, a factor or a shift to ask about; got none of them.',
      ['rotationsDeg'],
    );
  },
  score: (answers) => 1 - shareAgreeing(answers),
});
