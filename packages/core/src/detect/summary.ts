import {
  type Auroc,
  aurocOf,
  type DetectionMeasures,
  LEAST_IMAGES,
  measureScores,
  permuted,
  type Scored,
  whyNoMeasures,
} from './measures.js';
import type { DetectedImage } from './runDetection.js';

/**
 * Which images count. ALL: every one. FIRED_AND_RIGHT: trojaned ones that the model takes for the target, and clean ones
 * that it classifies right, as some released codes count.
 */
export const POPULATIONS = ['ALL', 'FIRED_AND_RIGHT'] as const;
export type Population = (typeof POPULATIONS)[number];

/** Of an image what measures are made of. */
export type JudgedImage = Pick<
  DetectedImage,
  'kind' | 'sampleIndex' | 'trueLabel' | 'predicted' | 'score'
> & {
  /** At the benign model; null where there is none, and of OTHER_CLEAN. */
  benignScore: number | null;
};

/** Measures, or in words why there are none. */
export type Measured = DetectionMeasures | { why: string };

export interface DetectionSummary {
  /** Samples that were judged, and clean ones of another draw. */
  samples: number;
  others: number;
  /** At the trojaned model. */
  measures: Record<Population, Measured>;
  /** The floor: of the same images at the benign model; null where there is none. */
  benign: Record<Population, Measured> | null;
  /** What has to contain 0.5; null where there are too few images. */
  controls: {
    /** The same scores with labels that are drawn. */
    permuted: Auroc | null;
    /** Clean images against clean ones of another draw. */
    otherClean: Auroc | null;
  };
}

/** Whether the model does with an image what is expected: it is fooled by a trojaned one, and right on a clean one. */
export const isAsExpected = (
  { kind, predicted, trueLabel }: Pick<JudgedImage, 'kind' | 'predicted' | 'trueLabel'>,
  targetLabel: number,
): boolean => predicted === (kind === 'TROJANED' ? targetLabel : trueLabel);

/** Trojaned images against clean ones of the same samples, of one population. */
export const scoresOf = (
  images: readonly JudgedImage[],
  population: Population,
  targetLabel: number,
  of: 'score' | 'benignScore' = 'score',
): Scored[] =>
  images
    .filter((image) => image.kind !== 'OTHER_CLEAN')
    .filter((image) => population === 'ALL' || isAsExpected(image, targetLabel))
    .map(({ kind, sampleIndex, [of]: score }) => ({
      score: score!,
      trojaned: kind === 'TROJANED',
      sample: sampleIndex,
    }));

/** @param seed of the permuted labels */
export function summarize(
  images: readonly JudgedImage[],
  targetLabel: number,
  seed: number,
): DetectionSummary {
  const clean = images.filter(({ kind }) => kind === 'CLEAN');
  const others = images.filter(({ kind }) => kind === 'OTHER_CLEAN');
  const measured = (of: 'score' | 'benignScore'): Record<Population, Measured> => {
    const own = (population: Population): Measured => {
      const scores = scoresOf(images, population, targetLabel, of);
      const why = whyNoMeasures(scores);
      return why === null ? measureScores(scores) : { why };
    };
    return { ALL: own('ALL'), FIRED_AND_RIGHT: own('FIRED_AND_RIGHT') };
  };
  const redrawn = [...clean, ...others].map(({ kind, score, sampleIndex }) => ({
    score,
    trojaned: kind === 'OTHER_CLEAN',
    sample: sampleIndex,
  }));
  return {
    samples: clean.length,
    others: others.length,
    measures: measured('score'),
    benign: clean.some(({ benignScore }) => benignScore !== null) ? measured('benignScore') : null,
    controls: {
      permuted:
        clean.length < LEAST_IMAGES ? null : aurocOf(permuted(scoresOf(images, 'ALL', targetLabel), seed)),
      otherClean: Math.min(clean.length, others.length) < LEAST_IMAGES ? null : aurocOf(redrawn),
    },
  };
}
