import type { Faithfulness } from '../explain/faithfulness.js';
import type { SaliencyScore } from '../explain/score.js';
import type { ExplainerId } from '../explainers/index.js';
import type { Count } from '../implant/model.js';
import { type Estimate, mean } from './estimates.js';
import type { PickableOutcome } from './picks.js';

/** All explainers over the same samples, before and after a transformation has defeated the trigger. */

/** One map of a comparison. */
export interface ComparedMap {
  method: ExplainerId;
  /** The sample's place in the sweep. */
  position: number;
  /** Whether it is of the image whose trigger was defeated; of the untransformed one, which fires, otherwise. */
  defeated: boolean;
  score: SaliencyScore | null;
  faithfulness: Faithfulness | null;
  completenessError: number | null;
}

/** A mean over so many maps: those that have the score. */
export interface MeanScore extends Estimate {
  maps: number;
}

/** What a method's maps of one kind come to. Means are null where no map has the score. */
export interface MethodScores {
  method: ExplainerId;
  defeated: boolean;
  /** Maps whose maximum lies in the trigger, of those that point at anything; and within the margin. */
  pointing: Count;
  pointingNear: Count;
  /** As the scores say, with nothing left out but maps without it. */
  triggerEnergy: MeanScore | null;
  chanceEnergy: MeanScore | null;
  iou: MeanScore | null;
  rankAccuracy: MeanScore | null;
  deletion: MeanScore | null;
  insertion: MeanScore | null;
  /** By how much the map's order is better than a random one, sample by sample: above 0 is better. */
  deletionGain: MeanScore | null;
  insertionGain: MeanScore | null;
  /** The largest, of methods that promise completeness. */
  completenessError: number | null;
}

export interface Comparison {
  /** Samples that every method has explained on both images. */
  samples: number;
  rows: readonly MethodScores[];
}

/**
 * Positions of samples to compare on: such that fire untransformed and whose true label comes back at the point.
 * @param outcomes of the point
 */
export const pickCompared = (outcomes: readonly PickableOutcome[], count: number): number[] =>
  outcomes
    .filter(
      ({ kind, identityKind, cleanRight }) => kind === 'TRUTH' && identityKind === 'TARGET' && cleanRight,
    )
    .slice(0, count)
    .map(({ position }) => position);

/**
 * @param maps finished ones; samples that are not whole are left out
 * @param methods that were asked about every sample
 */
export function compareMaps(maps: readonly ComparedMap[], methods: readonly ExplainerId[]): Comparison {
  const times = new Map<number, number>();
  for (const { position } of maps) times.set(position, (times.get(position) ?? 0) + 1);
  const whole = maps.filter(({ position }) => times.get(position) === 2 * methods.length);
  return {
    samples: new Set(whole.map(({ position }) => position)).size,
    rows: methods.flatMap((method) =>
      [false, true].map((defeated) =>
        scoresOf(
          method,
          defeated,
          whole.filter((map) => map.method === method && map.defeated === defeated),
        ),
      ),
    ),
  };
}

function scoresOf(method: ExplainerId, defeated: boolean, maps: readonly ComparedMap[]): MethodScores {
  const over = (value: (map: ComparedMap) => number | null | undefined): MeanScore | null => {
    const values = maps.flatMap((map) => value(map) ?? []);
    return values.length > 0 ? { ...mean(values), maps: values.length } : null;
  };
  /** Of what lies in 0..1. */
  const shareOver = (value: (map: ComparedMap) => number | null | undefined): MeanScore | null => {
    const found = over(value);
    return found && { ...found, low: Math.max(0, found.low), high: Math.min(1, found.high) };
  };
  const count = (hit: 'pointingHit' | 'pointingNear'): Count => {
    const hits = maps.flatMap(({ score }) => score?.[hit] ?? []);
    return { hits: hits.filter(Boolean).length, total: hits.length };
  };
  const errors = maps.flatMap(({ completenessError }) => completenessError ?? []);
  return {
    method,
    defeated,
    pointing: count('pointingHit'),
    pointingNear: count('pointingNear'),
    triggerEnergy: shareOver(({ score }) => score?.triggerEnergy),
    // Of the same maps that the energy is of.
    chanceEnergy: shareOver(({ score }) => (score?.triggerEnergy == null ? null : score.chanceEnergy)),
    iou: shareOver(({ score }) => score?.iou),
    rankAccuracy: shareOver(({ score }) => score?.rankAccuracy),
    deletion: shareOver(({ faithfulness }) => faithfulness?.deletion),
    insertion: shareOver(({ faithfulness }) => faithfulness?.insertion),
    deletionGain: over(({ faithfulness: f }) => f && f.randomDeletion - f.deletion),
    insertionGain: over(({ faithfulness: f }) => f && f.insertion - f.randomInsertion),
    completenessError: errors.length > 0 ? Math.max(...errors) : null,
  };
}
