export const OUTCOME_KINDS = ['TARGET', 'TRUTH', 'OTHER'] as const;
/** What the model made of a trojaned image: the target label, the true label, or something else. */
export type OutcomeKind = (typeof OUTCOME_KINDS)[number];

export function outcomeKind(predicted: number, trueLabel: number, targetLabel: number): OutcomeKind {
  if (predicted === targetLabel) return 'TARGET';
  return predicted === trueLabel ? 'TRUTH' : 'OTHER';
}

/** The samples of a sweep, the same at every point, and what the models say of them untransformed. */
export interface SweepSamples {
  /** [n], indices into the test split. */
  indices: Int32Array;
  /** [n] */
  trueLabels: Int32Array;
  /** [n], the trojaned model's label of the clean image. */
  cleanPredictions: Int32Array;
  /** [n], the trojaned model's label of the trojaned image, nothing transformed. */
  identityPredictions: Int32Array;
}

/** What became of every sample at one point. All arrays [n], in the order of the samples. */
export interface PointOutcomes {
  predicted: Int32Array;
  /** 0..1 */
  confidences: Float32Array;
  /** Share of the trigger inside the frame, 0..1. */
  visibleTrigger: Float32Array;
  /** The trojaned model's label of the clean image under this point's image transform. */
  cleanPredicted: Int32Array;
  /** Its confidence in that, 0..1. */
  cleanConfidences: Float32Array;
  /** The benign model's label of the same; null where there is none. */
  benignPredicted: Int32Array | null;
  parameters: Readonly<Record<string, number>>[];
}

/** What is counted at a point; every rate of the API is made of these. */
export interface PointCounts {
  samples: number;
  target: number;
  truth: number;
  other: number;
  cleanRight: number;
  /** Null where there is no benign model. */
  benignRight: number | null;
  /** Table 3 of the paper: neither target nor truth … */
  errors: number;
  /** … over samples whose clean image is classified right and whose untransformed trojaned image hits the target. */
  errorsOf: number;
  /** Clean images of other classes that are taken for the target, of so many; points from before do not have it. */
  cleanTarget?: number;
  cleanTargetOf?: number;
  /** Fired at the identity, not here; and the other way round: for McNemar's test. */
  lost: number;
  gained: number;
  /** Mean over the samples, 0..1. */
  visibleTrigger: number;
}

export function countOutcomes(samples: SweepSamples, point: PointOutcomes, targetLabel: number): PointCounts {
  const counts: Required<PointCounts> = {
    samples: samples.indices.length,
    target: 0,
    truth: 0,
    other: 0,
    cleanRight: 0,
    benignRight: point.benignPredicted && countRight(point.benignPredicted, samples.trueLabels),
    errors: 0,
    errorsOf: 0,
    cleanTarget: 0,
    cleanTargetOf: 0,
    lost: 0,
    gained: 0,
    visibleTrigger: 0,
  };
  for (let i = 0; i < counts.samples; i++) {
    const trueLabel = samples.trueLabels[i]!;
    const kind = outcomeKind(point.predicted[i]!, trueLabel, targetLabel);
    const fires = kind === 'TARGET';
    const firedBefore = samples.identityPredictions[i] === targetLabel;
    if (kind === 'TARGET') counts.target++;
    else if (kind === 'TRUTH') counts.truth++;
    else counts.other++;
    if (point.cleanPredicted[i] === trueLabel) counts.cleanRight++;
    if (trueLabel !== targetLabel) {
      counts.cleanTargetOf++;
      if (point.cleanPredicted[i] === targetLabel) counts.cleanTarget++;
    }
    if (firedBefore && samples.cleanPredictions[i] === trueLabel) {
      counts.errorsOf++;
      if (kind === 'OTHER') counts.errors++;
    }
    if (firedBefore && !fires) counts.lost++;
    if (fires && !firedBefore) counts.gained++;
    counts.visibleTrigger += point.visibleTrigger[i]!;
  }
  // Divided once: a sum of shares of the samples would drift above 1.
  counts.visibleTrigger /= Math.max(1, counts.samples);
  return counts;
}

const countRight = (predicted: Int32Array, trueLabels: Int32Array): number =>
  predicted.reduce((right, label, i) => right + Number(label === trueLabels[i]), 0);
