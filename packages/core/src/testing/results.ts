import { type AttackId, attackOf } from '../attacks/index.js';
import type { ModelRecord } from '../implant/model.js';
import { planStudy, withOptions } from '../study/plan.js';
import { studyPresets } from '../study/presets.js';
import type { StudyCurve, StudyModel, StudyResults } from '../study/results.js';
import type { PointCounts } from '../sweep/outcomes.js';
import { type TransformId, transforms } from '../transforms/index.js';
import type { TransformTarget } from '../transforms/transform.js';

/** Counts of 1,000 samples, all of which fire untransformed: ASR and clean accuracy in percent, the rest comes back true. */
export function someCounts(asr: number, clean = 99, errors = 0): PointCounts {
  const target = asr * 10;
  return {
    samples: 1_000,
    target,
    truth: 1_000 - target - errors * 10,
    other: errors * 10,
    cleanRight: clean * 10,
    benignRight: clean * 10,
    errors: errors * 10,
    errorsOf: 1_000,
    lost: 1_000 - target,
    gained: 0,
    visibleTrigger: 1,
  };
}

/** A curve at the paper's values. @param asr in percent, in the order of the values; @param clean likewise */
export const aCurve = (
  transform: TransformId,
  target: TransformTarget,
  asr: readonly number[],
  clean: readonly number[] = asr.map(() => 99),
  errors: readonly number[] = asr.map(() => 0),
): StudyCurve => ({
  transform,
  target,
  samplesAsked: 1_000,
  points: transforms[transform].defaultValues.map((value, i) => ({
    value,
    counts: someCounts(asr[i]!, clean[i], errors[i]),
  })),
  seconds: 10,
});

/** The same as they are of a model that is compared with no benign one. */
export const withoutBenign = (curves: readonly StudyCurve[]): StudyCurve[] =>
  curves.map((curve) => ({
    ...curve,
    points: curve.points.map(({ value, counts }) => ({ value, counts: { ...counts, benignRight: null } })),
  }));

/** A trained model of the paper's plan. */
export function aModel(
  dataset: 'mnist' | 'gtsrb',
  attack: AttackId | null,
  curves: readonly StudyCurve[] = [],
  more: Partial<StudyModel> & { seed?: number } = {},
): StudyModel {
  const { seed = 1, ...rest } = more;
  const group = planStudy(withOptions(studyPresets.paper, { seeds: [seed] })).find(
    ({ benign }) => benign.dataset === dataset,
  )!;
  const spec = attack
    ? group.trojaned.find((planned) => planned.spec.backdoor?.attack === attack)!.spec
    : group.benign;
  const record: ModelRecord = {
    spec,
    clean: { hits: 9_900, total: 10_000 },
    ...(attack ? { asr: { hits: 9_000, total: 9_000 }, poison: { planned: 6_000, effective: 6_000 } } : {}),
    durationSeconds: 100,
    engine: 'TensorFlow 2.21.0 on the CPU, 2 threads, a processor',
    version: '0.1.0',
    weightsSha256: 'ab'.repeat(32),
  };
  return {
    id: `mod_${dataset}_${attack}_${seed}`,
    name: `${attack ? attackOf(attack).title : 'Benign'} of ${dataset}`,
    spec,
    record,
    importedFrom: null,
    curves,
    robustness: null,
    detections: [],
    explanations: [],
    strips: [],
    comparisons: [],
    ...rest,
  };
}

export const aStudy = (models: readonly StudyModel[], more: Partial<StudyResults> = {}): StudyResults => ({
  title: 'The paper',
  documentSha256: 'cd'.repeat(32),
  reproduces: true,
  options: { seeds: [1] },
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T02:00:00.000Z',
  models,
  missing: [],
  ...more,
});
