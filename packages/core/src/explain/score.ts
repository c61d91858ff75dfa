import { boundingBox } from '../attacks/trigger.js';
import type { Box } from '../lib/images.js';

export interface SaliencyScore {
  /** Around the visible part of the transformed trigger. */
  box: Box;
  /**
   * Pointing game: whether the map's maximum lies in the trigger (Zhang et al. 2018, arXiv:1608.00507). Null where equal
   * maxima lie inside and outside, and where the map is zero everywhere: it points at neither.
   */
  pointingHit: boolean | null;
  /** Share of the map's energy inside the trigger, 0..1; null where the map is zero everywhere. */
  triggerEnergy: number | null;
  /** The trigger's share of the area: the energy that a map without preference has. */
  chanceEnergy: number;
  /** Share of the map's energy in the middle half of rows and columns, 0..1; a quarter by chance. Null as above. */
  centreEnergy: number | null;
}

/** Why a score is not whole, in words; null where it is. */
export function whyNoScore(score: SaliencyScore | null): string | null {
  if (!score) return 'Nothing to score: the trigger is out of the frame or all over it.';
  if (score.triggerEnergy === null) return 'Nothing to score: the map is zero everywhere.';
  if (score.pointingHit === null)
    return 'The map has equal maxima inside and outside the trigger: it points at neither.';
  return null;
}

/**
 * Scores an unclipped map of finite values against the visible trigger. No score where no trigger is visible, nor where
 * it is everywhere: both leave nothing to point at.
 * @param saliency [h·w]; signed maps count by magnitude
 * @param mask [h·w], the transformed trigger's alpha inside the frame
 */
export function scoreSaliency(
  saliency: Float32Array,
  mask: Float32Array,
  height: number,
  width: number,
): SaliencyScore | null {
  const box = boundingBox(mask, height, width);
  if (!box || mask.every((weight) => weight > 0)) return null;
  const isCentral = (at: number, side: number) => at >= side / 4 && at < (3 * side) / 4;
  let [inside, centre, all, area, peak] = [0, 0, 0, 0, 0];
  // Whether a maximum lies in the trigger, and whether one lies outside.
  let [peakInside, peakOutside] = [false, false];
  for (let i = 0; i < saliency.length; i++) {
    const energy = Math.abs(saliency[i]!);
    all += energy;
    if (isCentral(Math.floor(i / width), height) && isCentral(i % width, width)) centre += energy;
    if (mask[i]! > 0) {
      inside += energy;
      area++;
    }
    if (energy > peak) [peak, peakInside, peakOutside] = [energy, false, false];
    if (energy === peak) {
      if (mask[i]! > 0) peakInside = true;
      else peakOutside = true;
    }
  }
  const chanceEnergy = area / saliency.length;
  if (all === 0) return { box, pointingHit: null, triggerEnergy: null, chanceEnergy, centreEnergy: null };
  return {
    box,
    pointingHit: peakInside && peakOutside ? null : peakInside,
    triggerEnergy: inside / all,
    chanceEnergy,
    centreEnergy: centre / all,
  };
}
