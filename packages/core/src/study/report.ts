import { z } from 'zod';
import { attackOf } from '../attacks/index.js';
import { datasetOf } from '../datasets/index.js';
import { mcNemarExact } from '../sweep/metrics.js';
import { type TransformId, transforms } from '../transforms/index.js';
import { TRANSFORM_TARGETS, type TransformTarget } from '../transforms/transform.js';
import { type ChartLine, drawChart } from './chart.js';
import type { Block, Section } from './document.js';
import { type Estimate, holm, pairedDrop, share } from './estimates.js';
import {
  bestDefence,
  DEPLOYMENT_RULE,
  type Defence,
  defencesAgainstAll,
  defencesOf,
  isIdentity,
} from './front.js';
import { FIGURE_LETTERS, SHOWN_BY_SMOOTHGRAD, TABLE_2, TABLE_3_ERRORS } from './paper.js';
import { TABLE_3 } from './presets.js';
import {
  type At,
  countsOf,
  identityOf,
  rateAt,
  type Series,
  type StudyModel,
  type StudyResults,
  seriesOf,
  sum,
  valuesOf,
} from './results.js';
import { type JudgedStatement, judge, percent, type Verdict, wellPredicted } from './statements.js';

export interface StudyReport {
  title: string;
  sections: Section[];
  verdicts: JudgedStatement[];
  /** What is not done yet, in words. */
  missing: readonly string[];
  /** Raw data as tables: every point, every explanation. */
  tables: ReportTable[];
}
export interface ReportTable {
  /** Of a file, without its ending. */
  name: string;
  columns: readonly string[];
  rows: Record<string, string | number | boolean | null>[];
}

/** What `npm run -s bench -- --json` prints. */
export const benchmarkSchema = z.object({
  cpus: z.number(),
  processor: z.string(),
  peer: z.object({ torch: z.string() }),
  results: z.array(
    z.object({
      task: z.string(),
      unit: z.string(),
      ours: z.number(),
      peer: z.number(),
      ratio: z.number(),
      ratios: z.array(z.number()),
    }),
  ),
});
export type Benchmark = z.output<typeof benchmarkSchema>;

/** What a study comes to, beside the paper. @param measured the evaluation's speed, where somebody measured it */
export function reportOf(results: StudyResults, measured?: Benchmark): StudyReport {
  const all = seriesOf(results);
  const verdicts = judge(all);
  return {
    title: results.title,
    verdicts,
    missing: results.missing,
    sections: [
      { title: 'What this is', blocks: introduction(results) },
      { title: 'The paper’s statements', blocks: verdictBlocks(verdicts) },
      { title: 'Models (Table 2)', blocks: table2(all) },
      { title: 'Trigger transformations (Fig. 3)', blocks: figures(all, 'TRIGGER', results) },
      { title: 'Image transformations (Fig. 4)', blocks: figures(all, 'IMAGE', results) },
      { title: 'Errors (Table 3)', blocks: table3(all) },
      { title: 'Explanations (section 5.4, Fig. 5)', blocks: explanations(all) },
      { title: 'Beyond the paper: what a defender would deploy', blocks: defences(all) },
      { title: 'Speed of the evaluation', blocks: measured ? speed(measured) : [] },
      { title: 'Seeds, versions, durations', blocks: provenance(results) },
    ].filter(({ blocks }) => blocks.length > 0),
    tables: [curvesTable(results), explanationsTable(results)],
  };
}

const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00'];
const ORDER = ['badnets', 'blend', 'uat', 'dfst', 'refool'];
const colourOf = ({ attack }: Series) => COLOURS[Math.max(0, ORDER.indexOf(attack ?? ''))]!;

const titleOf = ({ attack }: Pick<Series, 'attack'>) => (attack ? attackOf(attack).title : 'Benign');
const datasetsOf = (all: readonly Series[]) => [...new Set(all.map(({ dataset }) => dataset))];
const trojanedOn = (all: readonly Series[], dataset: string) =>
  all.filter((series) => series.dataset === dataset && series.attack !== null);
const text = (content: string): Block => ({ kind: 'TEXT', text: content });
const withInterval = ({ value, low, high }: Estimate, digits = 2) =>
  Number.isNaN(value)
    ? '–'
    : `${percent(value, digits)} (${(100 * low).toFixed(digits)}–${(100 * high).toFixed(digits)})`;
const signed = (points: number) =>
  `${points > 0 ? '+' : points < 0 ? '−' : ''}${Math.abs(points).toFixed(2)}`;
const placeText = ([transform, , value]: At) =>
  `${transforms[transform].title.toLowerCase()} ${value} ${transforms[transform].unit}`;

function introduction({ options, missing, startedAt, finishedAt, models }: StudyResults): Block[] {
  const used = (attack: string) =>
    models.find(({ spec }) => spec.backdoor?.attack === attack)?.spec.backdoor?.parameters;
  const style =
    used('dfst')?.style === 'cezanne'
      ? 'paintings of Cézanne’s, as the paper’s'
      : 'our own sunsets, not the paper’s Cézanne';
  const picture = used('refool')?.pictureFile
    ? 'a picture that was given'
    : 'our own apple, as the paper’s is not public';
  const pictures = [
    used('dfst') && `DFST’s style is ${style}.`,
    used('refool') && `Reflection reflects ${picture}.`,
  ].filter(Boolean);
  return [
    text(
      'The evaluation of Hu, Lan, Gao, Meng, Chen: “Why is Your Trojan NOT Responding?” run again, our numbers beside theirs. ' +
        'Rates stand with their 95 % intervals (Wilson), differences with intervals that know that the samples are the same where they are.',
    ),
    text(
      `Seeds: ${options.seeds.join(', ')}${options.seeds.length > 1 ? ' (rates are over all of them taken together; the spread stands beside)' : ''}. ` +
        `${options.sizePx ? `Images resized to ${options.sizePx} px instead of 96. ` : ''}${pictures.length ? `${pictures.join(' ')} ` : ''}` +
        `Computed from ${startedAt} to ${finishedAt ?? '(not finished)'}; the last section says with what.`,
    ),
    ...(missing.length > 0
      ? [
          text(
            `This study is not complete. Missing: ${missing.join('; ')}. What follows is of what is there; a statement without its data is undecided.`,
          ),
        ]
      : []),
  ];
}

export const VERDICT_WORDS: Record<Verdict, string> = {
  HELD: 'held',
  NOT_HELD: 'not held',
  UNDECIDED: 'undecided',
};

function verdictBlocks(verdicts: readonly JudgedStatement[]): Block[] {
  const count = (wanted: Verdict) => verdicts.filter(({ verdict }) => verdict === wanted).length;
  return [
    text(
      `Of ${verdicts.length} statements ${count('HELD')} held, ${count('NOT_HELD')} did not, ${count('UNDECIDED')} are undecided. Each is decided by the rule beside it: ` +
        'a comparison is true or false only where the whole 95 % interval of the difference says so, else undecided; a statement holds where all its comparisons do and fails where one does.',
    ),
    {
      kind: 'TABLE',
      caption: 'Statements of the paper, each with its rule and the numbers it was decided by',
      columns: ['Section', 'The paper says', 'Verdict', 'Rule', 'Data'],
      rows: verdicts.map(({ where, text, verdict, rule, findings }) => [
        where,
        text,
        VERDICT_WORDS[verdict],
        rule,
        findings.length === 0
          ? 'no data'
          : findings
              .map(({ of, verdict: own, evidence }) => `${of}: ${VERDICT_WORDS[own]} (${evidence})`)
              .join('; '),
      ]),
    },
  ];
}

function table2(all: readonly Series[]): Block[] {
  const rows = all.flatMap((series) => {
    const records = series.models.flatMap(({ record }) => record ?? []);
    if (records.length === 0) return [];
    const paper = TABLE_2[series.dataset]?.[series.attack ?? 'benign'];
    const counts = { clean: records.map(({ clean }) => clean), asr: records.flatMap(({ asr }) => asr ?? []) };
    const cells = (['clean', 'asr'] as const).flatMap((rate) => {
      if (counts[rate].length === 0) return ['–', '–', '–', '–'];
      const own = share(sum(counts[rate]));
      const theirs = paper?.[rate];
      const bySeed = counts[rate].map(({ hits, total }) => ((100 * hits) / total).toFixed(2)).join(', ');
      return [
        withInterval(own),
        counts[rate].length > 1 ? bySeed : '–',
        theirs === undefined ? '–' : `${theirs.toFixed(2)} %`,
        theirs === undefined ? '–' : signed(100 * own.value - theirs),
      ];
    });
    return [[datasetOf(series.dataset).title, titleOf(series), ...cells]];
  });
  if (rows.length === 0) return [];
  const off = rows.flatMap((row) =>
    [
      [5, 'clean accuracy'],
      [9, 'ASR'],
    ].flatMap(([column, what]) => {
      const points = Number(row[column as number]!.replace('−', '-'));
      return Math.abs(points) > 2 ? [`${row[1]} on ${row[0]}, ${what} (${row[column as number]})`] : [];
    }),
  );
  return [
    {
      kind: 'TABLE',
      caption:
        'Over the whole test set: clean accuracy, and ASR over all images whose label is not the target',
      columns: [
        ...['Data', 'Model', 'Clean accuracy', 'by seed', 'paper', 'difference'],
        ...['ASR', 'by seed', 'paper', 'difference'],
      ],
      rows,
    },
    text(
      off.length > 0
        ? `More than 2 points from the paper: ${off.join('; ')}.`
        : 'Nothing here is more than 2 points from the paper’s number.',
    ),
  ];
}

const PAPER_TRANSFORMS: readonly TransformId[] = ['translation', 'scaling', 'rotation'];

function figures(all: readonly Series[], target: TransformTarget, results: StudyResults): Block[] {
  const tested = testsOf(results).filter(({ curve }) => curve.target === target);
  if (tested.length === 0) return [];
  const different = tested.filter(({ corrected }) => corrected < 0.05).length;
  const drawings = datasetsOf(all).flatMap((dataset) => {
    const series = trojanedOn(all, dataset);
    const used = [
      ...new Set(
        series
          .flatMap(({ models }) => models.flatMap(({ curves }) => curves))
          .map(({ transform }) => transform),
      ),
    ];
    return used.flatMap((transform): Block[] => {
      const drawn = series.filter((one) => valuesOf(one, transform, target).length > 0);
      if (drawn.length === 0) return [];
      const letter = FIGURE_LETTERS[dataset]?.[PAPER_TRANSFORMS.indexOf(transform)];
      const number = letter ? `Fig. ${target === 'TRIGGER' ? 3 : 4}${letter}: ` : '';
      const what = `${transforms[transform].title} of the ${target.toLowerCase()}, ${datasetOf(dataset).title}`;
      const lines = drawn.map(
        (one): ChartLine => ({
          name: titleOf(one),
          colour: colourOf(one),
          style: 'SOLID',
          points: valuesOf(one, transform, target).map((x) => {
            const { value, low, high } = rateAt(one, 'asr', [transform, target, x]);
            return { x, y: value, low, high };
          }),
        }),
      );
      const baseline: ChartLine = {
        name: 'Clean accuracy',
        colour: '#111',
        style: 'DOTTED',
        points: valuesOf(drawn[0]!, transform, target).map((x) => ({
          x,
          y: rateAt(drawn[0]!, 'benign', [transform, target, x]).value,
        })),
      };
      const { valueName, unit } = transforms[transform];
      const svg = drawChart({
        title: `${number}${what}`,
        x: {
          label: `${valueName} (${unit})`,
          ticks: valuesOf(drawn[0]!, transform, target),
          format: String,
        },
        y: percentAxis('Attack success rate'),
        lines: target === 'IMAGE' ? [...lines, baseline] : lines,
      });
      const name = `${target.toLowerCase()}-${transform}-${dataset}`;
      return [
        {
          kind: 'PICTURE',
          name,
          type: 'image/svg+xml',
          content: svg,
          caption: `${number}${what}. ASR with 95 % intervals${target === 'IMAGE' ? '; dotted: clean accuracy of the benign model' : ''}.`,
        },
        pointsTable(drawn, transform, target, `${number}${what}: ASR and its drop, over the same samples`),
      ];
    });
  });
  return [
    text(
      `${different} of ${tested.length} points differ from the identity at the 5 % level: McNemar’s exact test, corrected for all tests of the study by Holm’s method.`,
    ),
    ...drawings,
  ];
}

const percentAxis = (label: string) => ({
  label,
  ticks: [0, 0.25, 0.5, 0.75, 1],
  format: (share: number) => `${Math.round(100 * share)} %`,
});

function pointsTable(
  drawn: readonly Series[],
  transform: TransformId,
  target: TransformTarget,
  caption: string,
): Block {
  const values = valuesOf(drawn[0]!, transform, target);
  return {
    kind: 'TABLE',
    caption,
    columns: ['Model', ...values.map((value) => `${value} ${transforms[transform].unit}`)],
    rows: drawn.map((series) => [
      titleOf(series),
      ...values.map((value) => {
        const counts = countsOf(series, [transform, target, value]);
        if (counts.length === 0) return '–';
        const asr = percent(rateAt(series, 'asr', [transform, target, value]).value);
        const spread = counts.map(({ target: hits, samples }) => (100 * hits) / samples);
        const seeds =
          counts.length > 1
            ? ` [${Math.min(...spread).toFixed(1)}–${Math.max(...spread).toFixed(1)} over seeds]`
            : '';
        if (value === identityOf(transform)) return asr + seeds;
        const total = (part: 'lost' | 'gained' | 'samples') =>
          counts.reduce((sum, count) => sum + count[part], 0);
        const drop = pairedDrop(total('lost'), total('gained'), total('samples'));
        return `${asr}${seeds}; drop ${(100 * drop.value).toFixed(1)} (${(100 * drop.low).toFixed(1)} to ${(100 * drop.high).toFixed(1)})`;
      }),
    ]),
  };
}

function table3(all: readonly Series[]): Block[] {
  const series = all.filter(({ attack }) => attack === 'badnets');
  const rows = series.flatMap((one) =>
    TABLE_3.flatMap(({ transform, value }) => {
      const cells = TRANSFORM_TARGETS.flatMap((target) => {
        const at: At = [transform, target, value];
        const paper = one.dataset === 'gtsrb' ? `${TABLE_3_ERRORS[target][transform]!.toFixed(2)} %` : '–';
        return countsOf(one, at).length > 0 ? [withInterval(rateAt(one, 'error', at)), paper] : ['–', paper];
      });
      if (cells[0] === '–' && cells[2] === '–') return [];
      return [
        [
          datasetOf(one.dataset).title,
          `${transforms[transform].title} ${value} ${transforms[transform].unit}`,
          ...cells,
        ],
      ];
    }),
  );
  if (rows.length === 0) return [];
  return [
    {
      kind: 'TABLE',
      caption:
        'Error rates of BadNets: neither target nor truth, over samples that are well predicted before the transform (the paper’s are of GTSRB)',
      columns: ['Data', 'Configuration', 'Trigger', 'paper', 'Image', 'paper'],
      rows,
    },
  ];
}

function explanations(all: readonly Series[]): Block[] {
  return all.flatMap((series): Block[] => {
    const looked = wellPredicted(series).filter(({ score }) => score !== null);
    if (looked.length === 0 || series.attack !== 'badnets') return [];
    const data = datasetOf(series.dataset).title;
    const summary = (who: string, scores: (typeof looked)[number]['score'][]) => {
      const present = scores.flatMap((score) => score ?? []);
      const hits = present.filter(({ pointingHit }) => pointingHit).length;
      const mean = (part: 'triggerEnergy' | 'chanceEnergy') =>
        present.reduce((sum, score) => sum + score[part], 0) / present.length;
      return [
        who,
        `${hits} of ${present.length}`,
        withInterval(share({ hits, total: present.length }), 1),
        percent(mean('triggerEnergy')),
        percent(mean('chanceEnergy')),
      ];
    };
    const controlled = looked.flatMap(({ controls }) => controls ?? []);
    return [
      text(
        `The paper looked at ${SHOWN_BY_SMOOTHGRAD.samples} well-predicted trojaned samples by eye: ${SHOWN_BY_SMOOTHGRAD.percent} % showed the trigger. Here the map is scored: whether its maximum lies in the trigger, ` +
          'and which share of its energy does; beside it the trigger’s share of the area, which a map without preference would have.',
      ),
      {
        kind: 'TABLE',
        caption: `SmoothGrad of BadNets on ${data}: well-predicted samples, and the same images explained by networks that know no trigger`,
        columns: ['Network', 'Maximum in the trigger', 'Share', 'Energy in the trigger', 'by chance'],
        rows: [
          summary(
            'Trojaned',
            looked.map(({ score }) => score),
          ),
          ...(controlled.length > 0
            ? [
                summary(
                  'Benign',
                  controlled.map(({ benign }) => benign),
                ),
                summary(
                  'Untrained',
                  controlled.map(({ untrained }) => untrained),
                ),
              ]
            : []),
        ],
      },
      ...series.models.flatMap(({ strips, spec }) =>
        strips.map(
          ({ picture, trueName, frames }, i): Block => ({
            kind: 'PICTURE',
            name: `strip-${series.dataset}-seed${spec.seed}-${i + 1}`,
            type: 'image/png',
            content: picture,
            caption: `Fig. 5, ${data}, seed ${spec.seed}, a sample of “${trueName}”: ${frames
              .map(({ what, predictedName, score }) => {
                const energy = score
                  ? `, ${percent(score.triggerEnergy, 0)} of the energy in the trigger`
                  : '';
                return `${what} → “${predictedName}”${energy}`;
              })
              .join('; ')}.`,
          }),
        ),
      ),
    ];
  });
}

function defences(all: readonly Series[]): Block[] {
  return datasetsOf(all).flatMap((dataset): Block[] => {
    const series = trojanedOn(all, dataset).filter((one) => defencesOf(one).length > 1);
    if (series.length === 0) return [];
    const data = datasetOf(dataset).title;
    const every = defencesAgainstAll(series);
    const rowOf = (who: string, found: readonly Defence[], worst = '') => {
      const best = bestDefence(found);
      const identity = found.find(({ at }) => isIdentity(at))!;
      return [
        who,
        withInterval(identity.asr, 1),
        best ? placeText(best.at) : 'none',
        best ? withInterval(best.asr, 1) + worst : '–',
        best ? `${(100 * best.cost.value).toFixed(1)} points` : '–',
      ];
    };
    const bestOfAll = bestDefence(every);
    const worst = every.find(({ at }) => at === bestOfAll?.at)?.worst;
    return [
      text(
        'The paper concludes that a defender can transform inputs. For each model: every transform of the image in this study by what it leaves of ASR and of clean accuracy (of the trojaned model, ' +
          `the one that is deployed). Filled points are the front: nothing else leaves less ASR at no less accuracy. ${DEPLOYMENT_RULE}`,
      ),
      ...series.map((one): Block => {
        const found = defencesOf(one);
        const pointOf = ({ at, clean, asr, onFront }: Defence) => ({
          x: clean.value,
          y: asr.value,
          faint: !onFront,
          note: onFront ? (isIdentity(at) ? 'nothing' : placeText(at)) : undefined,
        });
        return {
          kind: 'PICTURE',
          name: `front-${dataset}-${one.attack}`,
          type: 'image/svg+xml',
          caption: `${titleOf(one)} on ${data}: what each transform of the image leaves.`,
          content: drawChart({
            title: `${titleOf(one)} on ${data}: ASR against clean accuracy`,
            x: percentAxis('Clean accuracy'),
            y: percentAxis('Attack success rate'),
            lines: [{ name: '', colour: colourOf(one), style: 'POINTS', points: found.map(pointOf) }],
          }),
        };
      }),
      {
        kind: 'TABLE',
        caption: `What one would deploy on ${data}`,
        columns: ['Against', 'ASR without', 'Transform', 'ASR with', 'Clean accuracy lost'],
        rows: [
          ...series.map((one) => rowOf(titleOf(one), defencesOf(one))),
          ...(series.length > 1 && every.length > 0
            ? [rowOf('whichever it is', every, worst ? ` (${attackOf(worst).title})` : '')]
            : []),
        ],
      },
    ];
  });
}

function speed({ cpus, processor, peer, results }: Benchmark): Block[] {
  const number = (value: number) => value.toLocaleString('en');
  return [
    text(
      `Sweeps end to end, stored, beside the same in PyTorch ${peer.torch} with Pillow; in turns in one run, on ${cpus} cores (${processor}).`,
    ),
    {
      kind: 'TABLE',
      caption: 'Throughput, medians of the pairs',
      columns: ['Task', 'trojanscope', 'PyTorch + Pillow', 'Ratio', 'Ratio of each pair'],
      rows: results.map((result) => [
        result.task,
        `${number(result.ours)} ${result.unit}`,
        `${number(result.peer)} ${result.unit}`,
        `${result.ratio.toFixed(2)}×`,
        result.ratios.map((ratio) => ratio.toFixed(2)).join(', '),
      ]),
    },
  ];
}

function provenance({ models }: StudyResults): Block[] {
  const minutes = (seconds: number) =>
    seconds < 90 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(1)} min`;
  const swept = ({ curves }: StudyModel) => {
    const timed = curves.filter(({ seconds }) => seconds !== null);
    const seconds = timed.reduce((sum, curve) => sum + curve.seconds!, 0);
    const samples = timed.reduce(
      (sum, { points }) => sum + points.reduce((all, { counts }) => all + counts.samples, 0),
      0,
    );
    return seconds > 0
      ? `${samples.toLocaleString('en')} samples in ${minutes(seconds)}, ${Math.round(samples / seconds).toLocaleString('en')} a second`
      : '–';
  };
  const trained = models.filter(({ record }) => record);
  if (trained.length === 0) return [];
  return [
    {
      kind: 'TABLE',
      caption: 'Each model with what made it',
      columns: [
        'Model',
        'Seed',
        'Starts from',
        'Poisoned',
        'Made in',
        'Sweeps',
        'Engine',
        'Version',
        'Weights',
      ],
      rows: trained.map((model) => {
        const { spec, record, importedFrom } = model;
        const { poison, durationSeconds, engine, version, weightsSha256, base } = record!;
        const made = durationSeconds === undefined ? 'unknown' : minutes(durationSeconds);
        return [
          model.name,
          String(spec.seed),
          spec.start === 'MODEL' ? `weights ${base?.weightsSha256.slice(0, 12) ?? 'unknown'}` : 'scratch',
          poison
            ? `${poison.effective.toLocaleString('en')} of ${poison.planned.toLocaleString('en')} planned`
            : '–',
          made + (importedFrom ? `; imported from ${importedFrom}` : ''),
          swept(model),
          engine,
          version,
          weightsSha256.slice(0, 12),
        ];
      }),
    },
  ];
}

/** McNemar's test of every point against the identity, and what Holm's correction makes of it. */
function testsOf({ models }: StudyResults) {
  const tested = models.flatMap(({ curves }) =>
    curves.flatMap((curve) =>
      curve.points
        .filter(({ value }) => value !== identityOf(curve.transform))
        .map((point) => ({
          curve,
          point,
          pValue: mcNemarExact(point.counts.lost, point.counts.gained),
        })),
    ),
  );
  const corrected = holm(tested.map(({ pValue }) => pValue));
  return tested.map((test, i) => ({ ...test, corrected: corrected[i]! }));
}

/** Every point of every curve, with the tests of the whole study. */
function curvesTable(results: StudyResults): ReportTable {
  const tests = new Map(testsOf(results).map((test) => [test.point, test]));
  const columns = [
    ...['dataset', 'attack', 'seed', 'model', 'transform', 'target', 'unit', 'value', 'samples'],
    ...[
      'targetCount',
      'truthCount',
      'otherCount',
      'asr',
      'asrLow',
      'asrHigh',
      'asrDrop',
      'asrDropLow',
      'asrDropHigh',
    ],
    ...['pValue', 'pValueHolm', 'cleanAccuracy', 'benignAccuracy', 'errors', 'errorsOf', 'visibleTrigger'],
  ];
  const points = results.models.flatMap((model) =>
    model.curves.flatMap((curve) => curve.points.map((point) => ({ model, curve, point }))),
  );
  const rows = points.map(({ model, curve, point }) => {
    const { value, counts } = point;
    const asr = share({ hits: counts.target, total: counts.samples });
    const drop = pairedDrop(counts.lost, counts.gained, counts.samples);
    const test = tests.get(point);
    return {
      dataset: model.spec.dataset,
      attack: model.spec.backdoor?.attack ?? null,
      seed: model.spec.seed,
      model: model.name,
      transform: curve.transform,
      target: curve.target,
      unit: transforms[curve.transform].unit,
      value,
      samples: counts.samples,
      targetCount: counts.target,
      truthCount: counts.truth,
      otherCount: counts.other,
      asr: asr.value,
      asrLow: asr.low,
      asrHigh: asr.high,
      asrDrop: drop.value,
      asrDropLow: drop.low,
      asrDropHigh: drop.high,
      pValue: test?.pValue ?? null,
      pValueHolm: test?.corrected ?? null,
      cleanAccuracy: counts.cleanRight / counts.samples,
      benignAccuracy: counts.benignRight / counts.samples,
      errors: counts.errors,
      errorsOf: counts.errorsOf,
      visibleTrigger: counts.visibleTrigger,
    };
  });
  return { name: 'curves', columns, rows };
}

function explanationsTable({ models }: StudyResults): ReportTable {
  const columns = [
    ...['dataset', 'attack', 'seed', 'position', 'transform', 'target', 'value', 'kind', 'cleanRight'],
    ...[
      'pointingHit',
      'triggerEnergy',
      'chanceEnergy',
      'centreEnergy',
      'benignPointingHit',
      'untrainedPointingHit',
    ],
  ];
  const rows = models.flatMap(({ spec, explanations }) =>
    explanations.map(({ score, controls, position, transform, target, value, kind, cleanRight }) => ({
      dataset: spec.dataset,
      attack: spec.backdoor?.attack ?? null,
      seed: spec.seed,
      position,
      transform,
      target,
      value,
      kind,
      cleanRight,
      pointingHit: score?.pointingHit ?? null,
      triggerEnergy: score?.triggerEnergy ?? null,
      chanceEnergy: score?.chanceEnergy ?? null,
      centreEnergy: score?.centreEnergy ?? null,
      benignPointingHit: controls?.benign?.pointingHit ?? null,
      untrainedPointingHit: controls?.untrained?.pointingHit ?? null,
    })),
  );
  return { name: 'explanations', columns, rows };
}
