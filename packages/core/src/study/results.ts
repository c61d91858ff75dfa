import { IMPORTED } from '../architectures/index.js';
import { type AttackId, attackOf } from '../attacks/index.js';
import type { AnsweredImage } from '../detect/purifiers.js';
import type { DetectionSummary, JudgedImage } from '../detect/summary.js';
import type { DetectionSpec } from '../detect/views.js';
import type { Faithfulness } from '../explain/faithfulness.js';
import type { SaliencyScore } from '../explain/score.js';
import type { Count, ModelRecord, ModelSpec } from '../implant/model.js';
import type { OutcomeKind, PointCounts } from '../sweep/outcomes.js';
import type { Setting } from '../sweep/subjects.js';
import { type TransformId, transformOf } from '../transforms/index.js';
import type { TransformTarget } from '../transforms/transform.js';
import type { Comparison } from './comparison.js';
import { type Estimate, pairedDrop, share } from './estimates.js';
import type { StudyOptions } from './plan.js';
import type { RobustnessProfile } from './profile.js';
import { type Trait, traitsKey, traitsOf, variantText, varied } from './variants.js';

/** All that a report is computed from: records and counts, finished or not. */
export interface StudyResults {
  title: string;
  /** Names what it consists of. */
  documentSha256: string;
  /** Whether it stands beside the paper. */
  reproduces: boolean;
  options: StudyOptions;
  startedAt: string;
  /** Of the last job; null while there is work to do. */
  finishedAt: string | null;
  models: readonly StudyModel[];
  /** Jobs that are not done, in words. */
  missing: readonly string[];
}

export interface StudyModel {
  id: string;
  name: string;
  spec: ModelSpec;
  /** Null while it is not trained. */
  record: ModelRecord | null;
  /** The archive it came from, if it was not trained here. */
  importedFrom: string | null;
  /** Finished sweeps. */
  curves: readonly StudyCurve[];
  /** Of a trojaned model, over all of its sweeps here; null of a benign one. */
  robustness: RobustnessProfile | null;
  /** Finished ones. */
  detections: readonly StudyDetection[];
  explanations: readonly StudyExplanation[];
  strips: readonly StudyStrip[];
  /** Where all explainers were asked about the same samples, if anywhere. */
  comparisons: readonly StudyComparison[];
}

/** All explainers over samples that a point defeats. */
export interface StudyComparison extends Setting {
  comparison: Comparison;
}

export interface StudyCurve {
  transform: TransformId;
  target: TransformTarget;
  /** As many as were asked for at each value; used were those that a point's counts tell. */
  samplesAsked: number;
  points: readonly { value: number; counts: PointCounts }[];
  /** How long it ran; null where that was in pieces. */
  seconds: number | null;
}

/** A detector, tried on a model. */
export interface StudyDetection extends DetectionSpec {
  queries: number;
  summary: DetectionSummary;
  images: readonly (JudgedImage & AnsweredImage)[];
}

/** One explained outcome of a sweep. */
export interface StudyExplanation {
  /** The sample's place, the same at all points. */
  position: number;
  transform: TransformId;
  target: TransformTarget;
  value: number;
  kind: OutcomeKind;
  /** Whether the clean image is classified right. */
  cleanRight: boolean;
  score: SaliencyScore | null;
  controls?: { benign: SaliencyScore | null; untrained: SaliencyScore | null };
  /** Null of a map that is zero everywhere; left out of one from before it was measured. */
  faithfulness?: Faithfulness | null;
}

/** Fig. 5 for one sample. */
export interface StudyStrip {
  /** A PNG in base64. */
  picture: string;
  trueName: string;
  frames: readonly { what: string; predictedName: string; score: SaliencyScore | null }[];
}

/** Models that differ in their seeds alone, of one attack on one data set: their counts are taken together. */
export interface Series {
  dataset: string;
  attack: AttackId | null;
  /** In what the models of this attack differ beside their seeds, as it is here; nothing where they do not. */
  variant: readonly Trait[];
  /** The model's own name, where there is no other word for what it is. */
  name?: string;
  models: readonly StudyModel[];
}

export function seriesOf({ models }: StudyResults): Series[] {
  const kinds = groupedBy(models, ({ spec }) => `${spec.dataset}/${spec.backdoor?.attack ?? null}`);
  return kinds.flatMap((alike) => {
    const { dataset, backdoor } = alike[0]!.spec;
    const [plain, named] = [alike.filter((model) => !isNamed(model)), alike.filter(isNamed)];
    const differ = varied(plain.map(({ spec }) => traitsOf(spec)));
    const attack = backdoor?.attack ?? null;
    const own = (model: StudyModel): Series => ({
      dataset,
      attack,
      variant: [],
      name: alike.length > 1 ? model.name : undefined,
      models: [model],
    });
    return [
      ...groupedBy(plain, ({ spec }) => traitsKey(traitsOf(spec))).flatMap((same): Series[] => {
        const variant = traitsOf(same[0]!.spec).filter(({ name }) => differ.includes(name));
        const first = same.filter(
          ({ spec }, i) => same.findIndex((other) => other.spec.seed === spec.seed) === i,
        );
        // The same with the same seed again: made elsewhere, and another model.
        const again = same.filter((model) => !first.includes(model)).map(own);
        return [{ dataset, attack, variant, models: first }, ...again];
      }),
      ...named.map(own),
    ];
  });
}

/** `BadNets`, and in what it differs from others of that attack on that data set. */
export function titleOf({ attack, variant, name }: Omit<Series, 'models'>): string {
  const kind = attack ? attackOf(attack).title : 'Benign';
  return [
    kind,
    ...(variant.length > 0 ? [variantText(variant, attack)] : []),
    ...(name ? [`“${name}”`] : []),
  ].join(', ');
}

/** Whether nothing that is known of a model tells it from others: its network or its trigger came as a file. */
const isNamed = ({ spec }: StudyModel) =>
  spec.architecture === IMPORTED ||
  (spec.backdoor !== undefined && attackOf(spec.backdoor.attack).imported === true);

function groupedBy<T>(all: readonly T[], keyOf: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return [...groups.values()];
}

/** A place on an axis. */
export type At = readonly [transform: TransformId, target: TransformTarget, value: number];

/** The values that all seeds of a series have, in order; none where there is no such curve. */
export function valuesOf({ models }: Series, transform: TransformId, target: TransformTarget): number[] {
  const lists = models.flatMap(({ curves }) =>
    curves
      .filter((curve) => curve.transform === transform && curve.target === target)
      .map(({ points }) => points.map(({ value }) => value)),
  );
  const [first] = lists;
  if (!first || lists.length < models.length) return [];
  return first.filter((value) => lists.every((list) => list.includes(value))).sort((a, b) => a - b);
}

/** The counts of a point, one for each seed that has it. */
export const countsOf = ({ models }: Series, [transform, target, value]: At): PointCounts[] =>
  models.flatMap(({ curves }) =>
    curves
      .filter((curve) => curve.transform === transform && curve.target === target)
      .flatMap(({ points }) => points.filter((point) => point.value === value).map(({ counts }) => counts)),
  );

const COUNTS = {
  asr: ['target', 'samples'],
  clean: ['cleanRight', 'samples'],
  benign: ['benignRight', 'samples'],
  error: ['errors', 'errorsOf'],
} as const satisfies Record<string, [keyof PointCounts, keyof PointCounts]>;

/** A rate at a point, over all seeds; unknown where nothing was counted, as of a benign model that there is not. */
export function rateAt(series: Series, rate: keyof typeof COUNTS, at: At): Estimate {
  return share(sum(countsOf(series, at).map((counts) => countOf(rate, counts))));
}
export function countOf(rate: keyof typeof COUNTS, counts: PointCounts): Count {
  const [part, all] = COUNTS[rate];
  const hits = counts[part];
  return hits === null ? { hits: 0, total: 0 } : { hits, total: counts[all]! };
}

/** Whether all of its points have a benign model beside them. */
export const hasBenign = ({ models }: Series): boolean =>
  models.every(({ curves }) =>
    curves.every(({ points }) => points.every(({ counts }) => counts.benignRight !== null)),
  );

/** ASR at the identity minus ASR at a point, over the same samples. */
export function asrDropAt(series: Series, at: At): Estimate {
  const all = countsOf(series, at);
  const total = (part: 'lost' | 'gained' | 'samples') => all.reduce((sum, counts) => sum + counts[part], 0);
  return pairedDrop(total('lost'), total('gained'), total('samples'));
}

export const identityOf = (transform: TransformId) => transformOf(transform).identity;

export const sum = (counts: readonly Count[]): Count => ({
  hits: counts.reduce((sum, { hits }) => sum + hits, 0),
  total: counts.reduce((sum, { total }) => sum + total, 0),
});
