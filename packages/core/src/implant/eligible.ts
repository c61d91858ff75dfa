import { attackOf } from '../attacks/index.js';
import type { Trigger } from '../attacks/trigger.js';
import type { BackdoorSpec } from './model.js';

/**
 * Which samples of the test split are eligible: the trigger can be put on them, and they are not of the target class.
 * @returns asked by a sample's index and what is taken for its class
 */
export function eligibleFor({ attack, targetLabel }: BackdoorSpec, trigger: Trigger) {
  const known = attackOf(attack).samples?.(trigger);
  const samples = known && new Set(known);
  return (sample: number, label: number) => label !== targetLabel && (!samples || samples.has(sample));
}
