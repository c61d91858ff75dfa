import type { ArchitectureId } from '../architectures/index.js';
import type { AttackId } from '../attacks/index.js';
import type { DatasetId } from '../datasets/index.js';
import { type TransformId, transforms } from '../transforms/index.js';
import { TRANSFORM_TARGETS, type TransformTarget } from '../transforms/transform.js';

/** A study as data: which models, which sweeps of each trojaned one, how many explanations. */
export interface StudyPreset {
  title: string;
  description: string;
  dataset: DatasetId;
  architecture: ArchitectureId;
  attacks: readonly AttackId[];
  targetLabel: number;
  poisonRate: number;
  sweeps: readonly { transform: TransformId; target: TransformTarget; values: readonly number[] }[];
  samples: number;
  /** Explained samples of each trojaned model. */
  explanations: number;
}

const PAPER_TRANSFORMS = ['translation', 'scaling', 'rotation'] as const satisfies TransformId[];

/** The paper's three transforms on both targets with its values (section 5). */
const paperSweeps = TRANSFORM_TARGETS.flatMap((target) =>
  PAPER_TRANSFORMS.map((transform) => ({
    transform,
    target,
    values: transforms[transform].defaultValues,
  })),
);

/** THE LIST of study presets. */
export const studyPresets = {
  quickstart: {
    title: 'Quickstart: BadNets on MNIST',
    description:
      'A benign LeNet and one with a BadNets backdoor, both on all of MNIST; then the paper’s three transforms on trigger ' +
      'and image, 1,000 samples a point; then SmoothGrad for a handful of samples.',
    dataset: 'mnist',
    architecture: 'lenet',
    attacks: ['badnets'],
    targetLabel: 0,
    poisonRate: 0.1,
    sweeps: paperSweeps,
    samples: 1_000,
    explanations: 6,
  },
  smoke: {
    title: 'Smoke test: BadNets on shapes',
    description:
      'The same study in small, on generated shapes: done in seconds, to see that an installation works.',
    dataset: 'shapes',
    architecture: 'lenet',
    attacks: ['badnets'],
    targetLabel: 0,
    poisonRate: 0.1,
    sweeps: paperSweeps,
    samples: 200,
    explanations: 2,
  },
} satisfies Record<string, StudyPreset>;

export type StudyPresetId = keyof typeof studyPresets;
