import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { createRandom } from '../lib/random.js';

/** One image with its score, the higher the more it looks trojaned. */
export interface Scored {
  score: number;
  /** Whether it is to be told from the others. */
  trojaned: boolean;
  /** Which sample it was made of; a trojaned image and its clean one have the same. */
  sample: number;
}

/** Of whichever is rarer, so many at least: fewer tell nothing. */
export const LEAST_IMAGES = 10;
/** False positive rates that detectors are compared at. */
export const FALSE_POSITIVE_RATES = [0.01, 0.05, 0.1] as const;

/** A share of images flagged, as a count. */
export interface Flagged {
  hits: number;
  total: number;
}

/** What a detector does at one false positive rate. An image is flagged where its score is at least the threshold. */
export interface OperatingPoint {
  /** At most so many of the clean images are flagged, 0..1. */
  falsePositiveRate: number;
  /** The lowest threshold that flags no more of all clean images; null where even the highest score is that of too many. */
  threshold: number | null;
  truePositives: Flagged;
  falsePositives: Flagged;
  /**
   * The same with a threshold from the clean images of every other sample, judged on the rest; null where that half has
   * too few of them for this rate.
   */
  heldOut: Pick<OperatingPoint, 'threshold' | 'truePositives' | 'falsePositives'> | null;
}

export interface Auroc {
  /** 0..1; 0.5 is chance. */
  value: number;
  /** 95 %. */
  low: number;
  high: number;
}

export interface DetectionMeasures {
  trojaned: number;
  clean: number;
  auroc: Auroc;
  /** For each of `FALSE_POSITIVE_RATES` that there are clean images enough for. */
  at: OperatingPoint[];
}

/** Why these images measure nothing, in words; null where they do. */
export function whyNoMeasures(images: readonly Scored[]): string | null {
  const trojaned = images.filter((image) => image.trojaned).length;
  const clean = images.length - trojaned;
  if (Math.min(trojaned, clean) >= LEAST_IMAGES) return null;
  return `${trojaned} trojaned and ${clean} clean images: expected at least ${LEAST_IMAGES} of each.`;
}

/** @throws RangeError where there are too few images, see `whyNoMeasures` */
export function measureScores(images: readonly Scored[]): DetectionMeasures {
  const refusal = whyNoMeasures(images);
  if (refusal) throw new RangeError(refusal);
  const clean = images.filter((image) => !image.trojaned);
  return {
    trojaned: images.length - clean.length,
    clean: clean.length,
    auroc: aurocOf(images),
    at: FALSE_POSITIVE_RATES.filter((rate) => enough(clean.length, rate)).map((rate) =>
      operatingPoint(images, rate),
    ),
  };
}

/** One false positive is no more than the rate. */
const enough = (clean: number, rate: number) => clean * rate >= 1;

function operatingPoint(images: readonly Scored[], falsePositiveRate: number): OperatingPoint {
  const order = [...new Set(images.map(({ sample }) => sample))].sort((a, b) => a - b);
  const even = new Set(order.filter((_, i) => i % 2 === 0));
  const chosenOn = images.filter(({ sample }) => even.has(sample));
  const judgedOn = images.filter(({ sample }) => !even.has(sample));
  const judged = (threshold: number | null, all: readonly Scored[]) => ({
    threshold,
    truePositives: flagged(all, threshold, true),
    falsePositives: flagged(all, threshold, false),
  });
  const cleanOf = (all: readonly Scored[]) => all.filter(({ trojaned }) => !trojaned).length;
  const halves = enough(cleanOf(chosenOn), falsePositiveRate) && judgedOn.length > 0;
  return {
    falsePositiveRate,
    ...judged(thresholdFor(images, falsePositiveRate), images),
    heldOut: halves ? judged(thresholdFor(chosenOn, falsePositiveRate), judgedOn) : null,
  };
}

/** The lowest of the scores that flags no more of the clean images. */
function thresholdFor(images: readonly Scored[], falsePositiveRate: number): number | null {
  const clean = images.filter(({ trojaned }) => !trojaned).length;
  const fitting = rocOf(images).filter(
    ({ threshold, falsePositives }) => threshold !== null && falsePositives <= clean * falsePositiveRate,
  );
  return fitting.at(-1)?.threshold ?? null;
}

function flagged(images: readonly Scored[], threshold: number | null, trojaned: boolean): Flagged {
  const all = images.filter((image) => image.trojaned === trojaned);
  return {
    hits: threshold === null ? 0 : all.filter(({ score }) => score >= threshold).length,
    total: all.length,
  };
}

export interface RocPoint {
  /** Flagged is what scores at least this; null where nothing is. */
  threshold: number | null;
  truePositives: number;
  falsePositives: number;
}

/** Every different score as a threshold, from flagging nothing to flagging all. */
export function rocOf(images: readonly Pick<Scored, 'score' | 'trojaned'>[]): RocPoint[] {
  const points: RocPoint[] = [{ threshold: null, truePositives: 0, falsePositives: 0 }];
  for (const { score, trojaned } of [...images].sort((a, b) => b.score - a.score)) {
    let last = points.at(-1)!;
    if (last.threshold !== score) {
      last = { ...last, threshold: score };
      points.push(last);
    }
    if (trojaned) last.truePositives++;
    else last.falsePositives++;
  }
  return points;
}

/** The points of a ROC that draw it: those on a straight line between others are left out. */
export const cornersOf = (points: readonly RocPoint[]): RocPoint[] =>
  points.filter((point, i) => {
    const [before, after] = [points[i - 1], points[i + 1]];
    if (!before || !after) return true;
    const [right, up] = [
      point.falsePositives - before.falsePositives,
      point.truePositives - before.truePositives,
    ];
    const [rightNext, upNext] = [
      after.falsePositives - point.falsePositives,
      after.truePositives - point.truePositives,
    ];
    return right * upNext !== up * rightNext;
  });

/** Two-sided 95 %. */
const CONFIDENCE = 0.95;

/**
 * The area under the ROC curve as Mann and Whitney's statistic: how often a trojaned image scores higher than a clean one,
 * equal scores counting half. Its interval is that of DeLong et al. (1988) for images in clusters (Obuchowski 1997): the
 * images of a sample vary together. It is taken of the logit, so that it stays in 0..1. Where all samples agree, as
 * where every trojaned image scores higher, no variance can be estimated; then it reaches as far as half of 5 % is left for
 * as many independent pairs to agree by chance (Clopper and Pearson 1934).
 */
export function aurocOf(images: readonly Scored[]): Auroc {
  const [positive, negative] = [true, false].map((trojaned) =>
    images.filter((image) => image.trojaned === trojaned),
  ) as [Scored[], Scored[]];
  const [above, below] = [wins(positive, negative), wins(negative, positive)];
  // Of whole numbers, so that it is a count over a count.
  const value = above.reduce((sum, halves) => sum + halves, 0) / (2 * positive.length * negative.length);
  const byCluster = new Map<number, number>();
  const add = (sample: number, share: number) => byCluster.set(sample, (byCluster.get(sample) ?? 0) + share);
  positive.forEach(
    ({ sample }, i) => void add(sample, (above[i]! / (2 * negative.length) - value) / positive.length),
  );
  negative.forEach(
    ({ sample }, i) => void add(sample, (1 - below[i]! / (2 * positive.length) - value) / negative.length),
  );
  const clusters = byCluster.size;
  const squares = [...byCluster.values()].reduce((sum, share) => sum + share * share, 0);
  const variance = (squares * clusters) / (clusters - 1);
  const decided = value === 0 || value === 1;
  // But for rounding.
  if (decided || variance < 1e-18) {
    const pairs = Math.min(positive.length, negative.length);
    const reach = (1 - ((1 - CONFIDENCE) / 2) ** (1 / pairs)) * (decided ? 1 : 0.5);
    return { value, low: Math.max(0, value - reach), high: Math.min(1, value + reach) };
  }
  const z = normalQuantile((1 + CONFIDENCE) / 2, 0, 1);
  const logit = Math.log(value / (1 - value));
  const reach = (z * Math.sqrt(variance)) / (value * (1 - value));
  const probability = (at: number) => 1 / (1 + Math.exp(-at));
  return { value, low: probability(logit - reach), high: probability(logit + reach) };
}

/**
 * The same with an interval that holds together with so many others in 95 % (Bonferroni): wider by the quantiles of the
 * normal distribution, on the logit's scale as `aurocOf` takes it.
 */
export function jointly(auroc: Auroc, intervals: number): Auroc {
  const { value, low, high } = auroc;
  if (value === 0 || value === 1 || low === 0 || high === 1) return auroc;
  const quantile = (confidence: number) => normalQuantile((1 + confidence) / 2, 0, 1);
  const wider = quantile(1 - (1 - CONFIDENCE) / intervals) / quantile(CONFIDENCE);
  const logit = (share: number) => Math.log(share / (1 - share));
  const end = (own: number) => 1 / (1 + Math.exp(-(logit(value) + wider * (logit(own) - logit(value)))));
  return { value, low: end(low), high: end(high) };
}

/** For each image how many of the others it scores higher than, in halves: equal ones are one. @returns [images] */
function wins(images: readonly Scored[], others: readonly Scored[]): Float64Array {
  const sorted = Float64Array.from(others, ({ score }) => score).sort();
  return Float64Array.from(images, ({ score }) => {
    const [lower, upTo] = [countBelow(sorted, score), countBelow(sorted, score, true)];
    return lower + upTo;
  });
}

/** How many of rising numbers are lower than `limit`, or equal to it where those count. */
function countBelow(sorted: Float64Array, limit: number, orEqual = false): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < limit || (orEqual && sorted[middle] === limit)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A control that has to come to 0.5: the same scores, told apart by labels that are drawn, as many of each. */
export function permuted(images: readonly Scored[], seed: number): Scored[] {
  const order = createRandom(seed).fork('permuted labels').permutation(images.length);
  return images.map((image, i) => ({ ...image, trojaned: images[order[i]!]!.trojaned }));
}
