import { expect, it } from 'vitest';
import { attackOf } from '../attacks/index.js';
import { checkTrainingTransforms, completeBackdoor } from './backdoor.js';

it('a backdoor is as its attack has it where nothing is said, and says no more than before where there are no covers', () => {
  const badnets = { attack: 'badnets' as const, parameters: {}, targetLabel: 0 };
  expect(completeBackdoor(badnets)).toEqual({ ...badnets, poisonRate: 0.1 });
  expect(completeBackdoor({ ...badnets, poisonRate: 0.2, coverRatio: 1 })).toEqual({
    ...badnets,
    poisonRate: 0.2,
    coverRatio: 1,
  });
  const wanet = { ...badnets, attack: 'wanet' as const };
  expect(completeBackdoor(wanet)).toMatchObject({ poisonRate: 0.1, coverRatio: 2 });
  expect(completeBackdoor({ ...wanet, coverRatio: 0 })).toMatchObject({ coverRatio: 0 });
});

it('a trigger that is no layer is not transformed at training either; images are', () => {
  const transforms = [{ transform: 'rotation' as const, from: -10, to: 10 }];
  for (const attack of ['wanet', 'batt', 'dfst'] as const) {
    expect(() => checkTrainingTransforms(attackOf(attack), { target: 'TRIGGER', transforms })).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        field: ['trainingTransforms', 'target'],
        message: expect.stringMatching(/POISONED or ALL; got TRIGGER\. .*no layer/),
      }),
    );
    checkTrainingTransforms(attackOf(attack), { target: 'POISONED', transforms });
    checkTrainingTransforms(attackOf(attack), { target: 'ALL', transforms });
    checkTrainingTransforms(attackOf(attack), undefined);
  }
  checkTrainingTransforms(attackOf('badnets'), { target: 'TRIGGER', transforms });
});
