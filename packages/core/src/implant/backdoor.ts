import type { AttackDefinition } from '../attacks/attack.js';
import { attackOf } from '../attacks/index.js';
import { TrojanscopeError } from '../lib/errors.js';
import type { TrainingTransforms } from '../transforms/randomly.js';
import type { BackdoorSpec } from './model.js';

/** A backdoor that is asked for, with everything said: what was left out is as the attack has it. */
export function completeBackdoor(asked: BackdoorSpec): BackdoorSpec {
  const { poisonRate, training } = attackOf(asked.attack);
  const { coverRatio = training?.coverRatio ?? 0, ...backdoor } = asked;
  return {
    ...backdoor,
    poisonRate: asked.poisonRate ?? poisonRate,
    // Said where the attack has covers by itself, none too.
    ...((coverRatio > 0 || training?.coverRatio) && { coverRatio }),
  };
}

/** @throws TrojanscopeError UNSUPPORTED at `trainingTransforms` where the trigger is to be transformed and is no layer */
export function checkTrainingTransforms(
  { triggerTransforms }: AttackDefinition,
  transforms: TrainingTransforms | undefined,
): void {
  if (transforms?.target !== 'TRIGGER' || triggerTransforms === true) return;
  throw new TrojanscopeError(
    'UNSUPPORTED',
    `trainingTransforms.target: expected POISONED or ALL; got TRIGGER. ${triggerTransforms.refusal}`,
    ['trainingTransforms', 'target'],
  );
}
