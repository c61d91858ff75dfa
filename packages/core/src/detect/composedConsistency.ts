import { z } from 'zod';
import { TrojanscopeError } from '../lib/errors.js';
import { real } from '../lib/params.js';
import { transforms } from '../transforms/index.js';
import { defineDetector, shareAgreeing, type View } from './detector.js';
import type { PurifierStep } from './purifiers.js';

/**
 * DeepSweep asks which augmentations, one after the other, a trigger does not survive. Here: each of a few mild transforms
 * and every two of them, geometry first, then what a lens and a file do, as in a picture that is taken.
 */
export const composedConsistency = defineDetector({
  title: 'Composed consistency',
  description:
    'How often the label changes under mild transforms and under every two of them, one after the other: what outlasts each may not outlast both.',
  source: {
    citation:
      'Qiu, H., Zeng, Y., Guo, S., Zhang, T., Qiu, M., Thuraisingham, B.: DeepSweep: An Evaluation Framework for Mitigating DNN Backdoor Attacks using Data Augmentation. AsiaCCS 2021. The detector is trojanscope’s.',
    url: 'https://arxiv.org/abs/2012.07006',
  },
  parameters: z.strictObject({
    rotationDeg: real(-180, 180, 15, '°', 'Turn of the image; 0 leaves it out.'),
    factor: real(0.5, 2, 0.9, '×', 'Scaling of the image; 1 leaves it out.'),
    shiftPx: real(
      0,
      16,
      2,
      'px',
      'Shift of the image, in a direction drawn for each query; 0 leaves it out.',
    ),
    shrinkPadPx: real(
      0,
      16,
      4,
      'px',
      'By how much the image is shrunk and put at a place drawn for each query; 0 leaves it out.',
    ),
    blurSigmaPx: real(0, 8, 1, 'px', 'Standard deviation of the blur; 0 leaves it out.'),
    jpegQuality: real(1, 100, 75, '%', 'Quality of the JPEG file that it is saved as; 100 leaves it out.'),
  }),
  labelsOnly: true,
  views({ rotationDeg, factor, shiftPx, shrinkPadPx, blurSigmaPx, jpegQuality }) {
    const all: PurifierStep[] = [
      { transform: 'rotation', value: rotationDeg },
      { transform: 'scaling', value: factor },
      { transform: 'translation', value: shiftPx },
      { transform: 'shrinkPad', value: shrinkPadPx },
      { transform: 'blur', value: blurSigmaPx },
      { transform: 'jpeg', value: jpegQuality },
    ];
    const steps = all.filter(({ transform, value }) => value !== transforms[transform].identity);
    if (steps.length === 0)
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        'rotationDeg: expected a transform to ask about; all of them are left out.',
        ['rotationDeg'],
      );
    const pairs = steps.flatMap((first, i) => steps.slice(i + 1).map((second): View => [first, second]));
    return [[], ...steps.map((step): View => [step]), ...pairs];
  },
  score: (answers) => 1 - shareAgreeing(answers),
});
