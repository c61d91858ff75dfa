import type { ArchitectureId } from '../architectures/index.js';
import type { AttackId } from '../attacks/index.js';
import type { DatasetId } from '../datasets/index.js';
import { BLENDS } from '../detect/detector.js';
import type { DetectorId } from '../detect/index.js';
import { type TransformId, transforms } from '../transforms/index.js';
import { TRANSFORM_TARGETS, type TransformTarget } from '../transforms/transform.js';

/** A study as data: which models, which sweeps of each trojaned one, which decisions are explained. */
export interface StudyPreset {
  title: string;
  description: string;
  /** Whether its report sets the paper's numbers and statements beside its own. */
  reproduces: boolean;
  subjects: readonly StudySubject[];
  targetLabel: number;
  sweeps: readonly { transform: TransformId; target: TransformTarget; values: readonly number[] }[];
  /** At each value of a sweep, and of each kind for a detector. */
  samples: number;
  /** Tried on each trojaned model. Parameters are those that are not the detector's defaults. */
  detectors?: readonly { detector: DetectorId; parameters?: Readonly<Record<string, unknown>> }[];
  /** Explained outcomes of each trojaned model, as the paper's Fig. 5: the same samples where it fires and where it does not. */
  explanations: number;
  /** What the paper looks at by eye (section 5.4), scored. */
  scored?: ScoredExplanations;
}

/** One data set with its network: a benign model, and a trojaned one for each attack, at the attack's own poison rate. */
export interface StudySubject {
  dataset: DatasetId;
  architecture: ArchitectureId;
  /** MODEL: trojaned models start from the benign one. */
  start: 'SCRATCH' | 'MODEL';
  attacks: readonly {
    attack: AttackId;
    /** Those that are not the attack's defaults. */
    parameters?: Readonly<Record<string, unknown>>;
  }[];
}

export interface ScoredExplanations {
  /** The attack whose models are looked at. */
  attack: AttackId;
  /** Samples that are well predicted: clean as their label, trojaned as the target. */
  wellPredicted: number;
  /** Of these at most so many at each configuration that brings their true label back. */
  defeated: number;
  /** Samples shown clean, trojaned and at each configuration (Fig. 5). */
  strips: number;
}

/** The configurations of the paper's Table 3, on trigger and image alike. */
export const TABLE_3 = [
  { transform: 'translation', value: 3 },
  { transform: 'scaling', value: 0.8 },
  { transform: 'rotation', value: 45 },
] as const satisfies { transform: TransformId; value: number }[];

const PAPER_TRANSFORMS = ['translation', 'scaling', 'rotation'] as const satisfies TransformId[];

/** The paper's three transforms on both targets with its values (section 5). */
const paperSweeps = TRANSFORM_TARGETS.flatMap((target) =>
  PAPER_TRANSFORMS.map((transform) => ({
    transform,
    target,
    values: transforms[transform].defaultValues,
  })),
);

/** The paper's MNIST half (section 5.1). */
const mnistModels: StudySubject = {
  dataset: 'mnist',
  architecture: 'lenet',
  start: 'SCRATCH',
  attacks: [{ attack: 'badnets' }, { attack: 'blend' }, { attack: 'uat' }],
};

/** Its GTSRB half. UAT's square has settled after 300 steps (docs/resolutions.md). */
const gtsrbModels: StudySubject = {
  dataset: 'gtsrb',
  architecture: 'resnet34',
  start: 'MODEL',
  attacks: [
    { attack: 'badnets' },
    { attack: 'blend' },
    { attack: 'uat', parameters: { steps: 300 } },
    { attack: 'dfst' },
    { attack: 'refool' },
  ],
};

/**
 * Every variant of every detector; those that lay images over with 20 instead of 100, for the sake of time. The wide geometric
 * one is what the best few transforms are chosen from.
 */
const everyDetector: NonNullable<StudyPreset['detectors']> = [
  { detector: 'geometricConsistency' },
  {
    detector: 'geometricConsistency',
    parameters: {
      rotationsDeg: [-30, -15, -10, -5, 5, 10, 15, 30],
      factors: [0.8, 0.9, 1.1, 1.2],
      shiftsPx: [1, 1, 2, 2, 2, 3],
    },
  },
  { detector: 'composedConsistency' },
  ...BLENDS.map((blend) => ({ detector: 'strip' as const, parameters: { blend, overlays: 20 } })),
  { detector: 'scaleUp' },
  { detector: 'scaleUp', parameters: { factors: 'AUTHORS_CODE' } },
  { detector: 'teco' },
  { detector: 'teco', parameters: { corruptions: 'CUMULATIVE' } },
];

/** Fifty samples as in section 5.4. */
const scored: ScoredExplanations = { attack: 'badnets', wellPredicted: 50, defeated: 10, strips: 2 };

/** THE LIST of study presets. */
export const studyPresets = {
  quickstart: {
    title: 'Quickstart: BadNets on MNIST',
    description:
      'A benign LeNet and one with a BadNets backdoor, both on all of MNIST; then the paper’s three transforms on trigger ' +
      'and image, 1,000 samples a point; then SmoothGrad for a handful of samples.',
    reproduces: true,
    subjects: [{ ...mnistModels, attacks: [{ attack: 'badnets' }] }],
    targetLabel: 0,
    sweeps: paperSweeps,
    samples: 1_000,
    explanations: 6,
  },
  'paper-mnist': {
    title: 'The paper on MNIST',
    description:
      'LeNet benign and with BadNets, Blend and UAT; the paper’s three transforms on trigger and image, 66 configurations ' +
      'of 1,000 samples; error rates, 50 scored explanations and the strips of Fig. 5.',
    reproduces: true,
    subjects: [mnistModels],
    targetLabel: 0,
    sweeps: paperSweeps,
    samples: 1_000,
    explanations: 3,
    scored,
  },
  paper: {
    title: 'The paper',
    description:
      'All of the paper: LeNet on MNIST with three attacks and ResNet-34 on GTSRB with five, beside their benign models; ' +
      '165 configurations of 1,000 samples; error rates, 50 scored explanations and the strips of Fig. 5.',
    reproduces: true,
    subjects: [mnistModels, gtsrbModels],
    targetLabel: 0,
    sweeps: paperSweeps,
    samples: 1_000,
    explanations: 3,
    scored,
  },
  smoke: {
    title: 'Smoke test: BadNets on shapes',
    description:
      'The same study in small, on generated shapes: done in seconds, to see that an installation works.',
    reproduces: true,
    subjects: [
      { dataset: 'shapes', architecture: 'lenet', start: 'SCRATCH', attacks: [{ attack: 'badnets' }] },
    ],
    targetLabel: 0,
    sweeps: paperSweeps,
    samples: 200,
    detectors: [{ detector: 'geometricConsistency' }],
    explanations: 2,
    scored: { attack: 'badnets', wellPredicted: 4, defeated: 2, strips: 1 },
  },
  'defences-mnist': {
    title: 'Who notices, on MNIST',
    description:
      'Every detector in every variant against seven attacks on LeNet, 500 samples, clean and trojaned, at the trojaned and ' +
      'the benign model; what each transform would do as a purifier; which few transforms are best to ask about.',
    reproduces: false,
    subjects: [
      {
        ...mnistModels,
        attacks: [
          ...mnistModels.attacks,
          { attack: 'sig' },
          { attack: 'adaptiveBlend' },
          { attack: 'wanet' },
          { attack: 'batt' },
        ],
      },
    ],
    targetLabel: 0,
    sweeps: [],
    samples: 500,
    detectors: everyDetector,
    explanations: 0,
  },
  'defences-gtsrb': {
    title: 'Who notices, on GTSRB',
    description:
      'The same against eight attacks on ResNet-34, 200 samples: the paper’s five, WaNet, BATT and BppAttack.',
    reproduces: false,
    subjects: [
      {
        ...gtsrbModels,
        attacks: [...gtsrbModels.attacks, { attack: 'wanet' }, { attack: 'batt' }, { attack: 'bpp' }],
      },
    ],
    targetLabel: 0,
    sweeps: [],
    samples: 200,
    detectors: everyDetector,
    explanations: 0,
  },
} satisfies Record<string, StudyPreset>;

export type StudyPresetId = keyof typeof studyPresets;
