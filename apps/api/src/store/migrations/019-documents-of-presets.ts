import { type Kysely, sql } from 'kysely';

/**
 * Studies from before there were documents get that of their preset as it then was, with what was chosen of it: they stay
 * what they consist of, whatever the preset says later. A study whose preset nobody knows here keeps none.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<Row>`
    select id, preset, seed, options,
      exists (select 1 from study_job join job on job.id = study_job.job_id
        where study_job.study_id = study.id and job.kind = 'detect') as tried
    from study where document is null`.execute(db);
  for (const row of rows) {
    const preset = PRESETS[row.preset];
    if (!preset) continue;
    const document = JSON.stringify(chosen(preset, row));
    await sql`update study set document = ${document} where id = ${row.id}`.execute(db);
  }
}

interface Row {
  id: string;
  preset: string;
  seed: number;
  options: string;
  tried: number;
}
interface Options {
  seeds?: number[];
  sizePx?: number;
  styleFolder?: string;
  generatorFile?: string;
  pictureFile?: string;
}
type Attacks = { attack: Record<string, Record<string, unknown>> }[];
interface Preset {
  samples: number;
  models: { dataset: string; architecture: string; startFromBenign: boolean; attacks: Attacks }[];
  detectors: object[];
  [other: string]: unknown;
}

function chosen(preset: Preset, { preset: id, seed, options: text, tried }: Row): object {
  const options: Options = JSON.parse(text);
  return {
    ...preset,
    seeds: options.seeds ?? [seed],
    models: preset.models.map((entry) => ({
      ...entry,
      ...(options.sizePx !== undefined && entry.dataset === 'gtsrb' && { sizePx: options.sizePx }),
      attacks: entry.attacks.map(({ attack }) => ({
        attack: Object.fromEntries(
          Object.entries(attack).map(([name, given]) => [name, { ...given, ...pictures(name, options) }]),
        ),
      })),
    })),
    // The oldest smoke studies tried no detector.
    detectors: id === 'smoke' && !tried ? [] : preset.detectors,
  };
}

function pictures(attack: string, { styleFolder, generatorFile, pictureFile }: Options): object {
  if (attack === 'dfst' && generatorFile) return { style: 'cezanne', generatorFile };
  if (attack === 'dfst' && styleFolder) return { style: 'cezanne', styleFolder };
  if (attack === 'refool' && pictureFile) return { pictureFile };
  return {};
}

const attacks = (...names: string[]): Attacks => names.map((name) => ({ attack: { [name]: {} } }));
const uat300 = [{ attack: { uat: { steps: 300 } } }];
const mnist = (...more: string[]) => ({
  dataset: 'mnist',
  architecture: 'lenet',
  startFromBenign: false,
  attacks: attacks('badnets', ...more),
});
const gtsrb = (...more: string[]) => ({
  dataset: 'gtsrb',
  architecture: 'resnet34',
  startFromBenign: true,
  attacks: [...attacks('badnets', 'blend'), ...uat300, ...attacks('dfst', 'refool', ...more)],
});
const sweeps = ['TRIGGER', 'IMAGE'].flatMap((target) =>
  ['translation', 'scaling', 'rotation'].map((transform) => ({ transform, target })),
);
const usual = { seeds: [1], targetLabel: 0, samples: 1_000, sweeps, detectors: [] };
const scored = { attack: 'badnets', wellPredicted: 50, defeated: 10, strips: 2 };
const defences = {
  ...usual,
  reproducesPaper: false,
  sweeps: [],
  detectors: [
    { detector: { geometricConsistency: {} } },
    {
      detector: {
        geometricConsistency: {
          rotationsDeg: [-30, -15, -10, -5, 5, 10, 15, 30],
          factors: [0.8, 0.9, 1.1, 1.2],
          shiftsPx: [1, 1, 2, 2, 2, 3],
        },
      },
    },
    { detector: { composedConsistency: {} } },
    { detector: { strip: { blend: ['SUM', 'SATURATED_SUM', 'AVERAGE'], overlays: 20 } } },
    { detector: { scaleUp: { factors: ['PAPER', 'AUTHORS_CODE'] } } },
    { detector: { teco: { corruptions: ['INDEPENDENT', 'CUMULATIVE'] } } },
  ],
  explanations: 0,
};

/** As they were when documents came; before, but for smoke's detector, no study's preset was another. */
const PRESETS: Record<string, Preset> = {
  quickstart: {
    ...usual,
    title: 'Quickstart: BadNets on MNIST',
    description:
      'A benign LeNet and one with a BadNets backdoor, both on all of MNIST; then the paper’s three transforms on trigger and image, 1,000 samples a point; then SmoothGrad for a handful of samples.',
    reproducesPaper: true,
    models: [mnist()],
    explanations: 6,
  },
  'paper-mnist': {
    ...usual,
    title: 'The paper on MNIST',
    description:
      'LeNet benign and with BadNets, Blend and UAT; the paper’s three transforms on trigger and image, 66 configurations of 1,000 samples; error rates, 50 scored explanations and the strips of Fig. 5.',
    reproducesPaper: true,
    models: [mnist('blend', 'uat')],
    explanations: 3,
    scored,
  },
  paper: {
    ...usual,
    title: 'The paper',
    description:
      'All of the paper: LeNet on MNIST with three attacks and ResNet-34 on GTSRB with five, beside their benign models; 165 configurations of 1,000 samples; error rates, 50 scored explanations and the strips of Fig. 5.',
    reproducesPaper: true,
    models: [mnist('blend', 'uat'), gtsrb()],
    explanations: 3,
    scored,
  },
  smoke: {
    ...usual,
    title: 'Smoke test: BadNets on shapes',
    description:
      'The same study in small, on generated shapes: done in seconds, to see that an installation works.',
    reproducesPaper: true,
    samples: 200,
    models: [{ ...mnist(), dataset: 'shapes' }],
    detectors: [{ detector: { geometricConsistency: {} } }],
    explanations: 2,
    scored: { attack: 'badnets', wellPredicted: 4, defeated: 2, strips: 1 },
  },
  'defences-mnist': {
    ...defences,
    title: 'Who notices, on MNIST',
    description:
      'Every detector in every variant against seven attacks on LeNet, 500 samples, clean and trojaned, at the trojaned and the benign model; what each transform would do as a purifier; which few transforms are best to ask about.',
    samples: 500,
    models: [mnist('blend', 'uat', 'sig', 'adaptiveBlend', 'wanet', 'batt')],
  },
  'defences-gtsrb': {
    ...defences,
    title: 'Who notices, on GTSRB',
    description:
      'The same against eight attacks on ResNet-34, 200 samples: the paper’s five, WaNet, BATT and BppAttack.',
    samples: 200,
    models: [gtsrb('wanet', 'batt', 'bpp')],
  },
};
