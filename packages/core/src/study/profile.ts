import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { type TransformId, transformOf } from '../transforms/index.js';
import type { TransformTarget } from '../transforms/transform.js';
import type { Estimate } from './estimates.js';

/** One transform of a suite with the values that it is asked about. */
export interface SuiteSetting {
  transform: TransformId;
  target: TransformTarget;
  values: readonly number[];
}

/**
 * What a robustness profile is taken over: the paper's three transforms of the image at its own values (section 5). Another
 * list is another version.
 */
export const ROBUSTNESS_SUITE = {
  name: 'paper-image-1',
  settings: [
    { transform: 'translation', target: 'IMAGE', values: [1, 2, 3] },
    { transform: 'scaling', target: 'IMAGE', values: [0.8, 1.2] },
    { transform: 'rotation', target: 'IMAGE', values: [15, 30, 45, 60, 75, 90] },
  ] satisfies SuiteSetting[] as readonly SuiteSetting[],
} as const;

/** What a model's finished sweeps say of it over the suite; unknown where they do not suffice. */
export interface RobustnessProfile {
  suite: string;
  /** Mean ASR retained, 0 and up: more than 1 where transformed triggers fire more often. */
  value: number | null;
  low: number | null;
  /** Null where it is unknown too: of one sample alone. */
  high: number | null;
  samples: number | null;
  /** What there is not, in words. */
  missing: string[];
}

/** What one sweep says of its samples: all lists in their order. */
export interface SettingHits {
  /** Which samples of the test set they are. */
  samples: ArrayLike<number>;
  /** Whether the untransformed trojaned image hits the target, 0 or 1. */
  atIdentity: ArrayLike<number>;
  /** At how many of the setting's values it still does. */
  hits: ArrayLike<number>;
  /** How many values there are. */
  values: number;
}

const Z95 = normalQuantile(0.975, 0, 1);

/**
 * Mean ASR retained: ASR at a point over ASR at the identity, averaged over the values of each setting, then over the
 * settings, so that a transform of many values weighs no more than one of few (as corruption benchmarks do; Hendrycks and
 * Dietterich 2019). All settings are of the same samples, so it is one ratio of two means over the samples, and its 95 %
 * interval the ratio estimator's (Cochran 1977, section 6.4), by samples as a whole: a sample's answers go together.
 * @returns undefined where no sample hits at the identity
 * @throws RangeError where the settings are not of the same samples
 */
export function asrRetained(settings: readonly SettingHits[]): Estimate | undefined {
  const [first] = settings;
  const count = first?.samples.length ?? 0;
  for (const { samples } of settings)
    if (samples.length !== count || Array.from(samples).some((sample, i) => sample !== first!.samples[i]))
      throw new RangeError('Expected settings of the same samples.');
  const mean = (of: (setting: SettingHits) => number) =>
    settings.reduce((sum, setting) => sum + of(setting), 0) / settings.length;
  const kept = Array.from({ length: count }, (_, i) => mean(({ hits, values }) => hits[i]! / values));
  const before = Array.from({ length: count }, (_, i) => mean(({ atIdentity }) => atIdentity[i]!));
  const total = before.reduce((sum, hit) => sum + hit, 0);
  if (total === 0) return undefined;
  const value = kept.reduce((sum, share) => sum + share, 0) / total;
  const squares = kept.reduce((sum, share, i) => sum + (share - value * before[i]!) ** 2, 0);
  // Of one sample alone nothing is known of how samples differ.
  const reach =
    count > 1 ? (Z95 * Math.sqrt((squares * count) / (count - 1))) / total : Number.POSITIVE_INFINITY;
  return { value, low: Math.max(0, value - reach), high: value + reach };
}

/** "Rotation of the image at 15, 30 °" */
export const settingWords = ({ transform, target, values }: SuiteSetting): string => {
  const { title, unit } = transformOf(transform);
  return `${title} of the ${target.toLowerCase()} at ${values.join(', ')} ${unit}`;
};
