import { lenet } from '../architectures/lenet.js';
import { badnets } from '../attacks/badnets.js';
import type { FreshModel } from '../implant/makeModel.js';

/** What is recorded of a LeNet for the shapes with a BadNets backdoor. */
export const backdooredRecord = () =>
  ({
    spec: {
      dataset: 'shapes',
      architecture: 'lenet',
      recipe: lenet.recipes.SCRATCH,
      start: 'SCRATCH',
      seed: 1,
      backdoor: {
        attack: 'badnets',
        parameters: badnets.parameters.parse({}),
        targetLabel: 0,
        poisonRate: 0.1,
      },
    },
    poison: { planned: 200, effective: 200 },
    clean: { hits: 100, total: 500 },
    asr: { hits: 3, total: 375 },
    durationSeconds: 1.5,
    engine: 'none',
    version: '0',
  }) satisfies FreshModel['record'];
