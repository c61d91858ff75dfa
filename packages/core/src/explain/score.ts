import { boundingBox } from '../attacks/trigger.js';
import type { Box } from '../lib/images.js';

export interface SaliencyScore {
  /** Around the visible part of the transformed trigger. */
  box: Box;
  /** Pointing game: whether the map's maximum lies in the trigger (Zhang et al. 2018, arXiv:1608.00507). */
  pointingHit: boolean;
  /** Share of the map's energy inside the trigger, 0..1. */
  triggerEnergy: number;
  /** The trigger's share of the area: the energy that a map without preference has. */
  chanceEnergy: number;
  /** Share of the map's energy in the middle half of rows and columns, 0..1; a quarter by chance. */
  centreEnergy: number;
}

/**
 * Scores an unclipped map against the visible trigger. No score where no trigger is visible, nor where it is everywhere: both
 * leave nothing to point at.
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
  for (let i = 0; i < saliency.length; i++) {
    const energy = Math.abs(saliency[i]!);
    all += energy;
    if (isCentral(Math.floor(i / width), height) && isCentral(i % width, width)) centre += energy;
    if (mask[i]! > 0) {
      inside += energy;
      area++;
    }
    if (energy > Math.abs(saliency[peak]!)) peak = i;
  }
  return {
    box,
    pointingHit: all > 0 && mask[peak]! > 0,
    triggerEnergy: all > 0 ? inside / all : 0,
    chanceEnergy: area / saliency.length,
    centreEnergy: all > 0 ? centre / all : 0,
  };
}
