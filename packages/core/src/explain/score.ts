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
  /**
   * How far from the trigger the maximum may lie and still count in `pointingNear`, in px. This and what follows is not
   * there in scores from before they were taken.
   */
  marginPx?: number;
  /** The pointing game with that margin; null as `pointingHit`, of maxima within and beyond it. */
  pointingNear?: boolean | null;
  /**
   * Intersection over union of the trigger and the highlighted pixels, 0..1 (Lin et al. 2021, arXiv:2009.10639): those
   * whose magnitude lies above `highlight` of the way from the map's least to its greatest. Null of a flat map.
   */
  iou?: number | null;
  highlight?: number;
  /**
   * Relevance rank accuracy: the share of the k most important pixels that lie in the trigger, k its area (Arras et al.
   * 2022, arXiv:2003.07258), 0..1; of equal pixels at the end of the k their mean. Null where the map is zero everywhere.
   */
  rankAccuracy?: number | null;
}

/** How a map is scored. */
export interface ScoreSettings {
  /** In px. */
  marginPx: number;
  /** 0..1 */
  highlight: number;
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
  { marginPx, highlight }: ScoreSettings = { marginPx: 0, highlight: 0.5 },
): SaliencyScore | null {
  const box = boundingBox(mask, height, width);
  if (!box || mask.every((weight) => weight > 0)) return null;
  const isCentral = (at: number, side: number) => at >= side / 4 && at < (3 * side) / 4;
  const magnitudes = saliency.map(Math.abs);
  const [least, peak] = magnitudes.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, 0],
  );
  const bright = least! + highlight * (peak! - least!);
  let [inside, centre, all, area] = [0, 0, 0, 0];
  let [highlighted, both] = [0, 0];
  const peaks: number[] = [];
  magnitudes.forEach((energy, i) => {
    const isTrigger = mask[i]! > 0;
    all += energy;
    if (isCentral(Math.floor(i / width), height) && isCentral(i % width, width)) centre += energy;
    if (isTrigger) {
      inside += energy;
      area++;
    }
    if (energy === peak) peaks.push(i);
    if (energy > bright) {
      highlighted++;
      if (isTrigger) both++;
    }
  });
  const chanceEnergy = area / saliency.length;
  const settings = { marginPx, highlight };
  if (all === 0) {
    const none = { pointingHit: null, triggerEnergy: null, centreEnergy: null };
    return { box, ...none, chanceEnergy, ...settings, pointingNear: null, iou: null, rankAccuracy: null };
  }
  const isNear = (pixel: number) =>
    mask.some(
      (weight, i) =>
        weight > 0 &&
        Math.hypot(Math.floor(i / width) - Math.floor(pixel / width), (i % width) - (pixel % width)) <=
          marginPx,
    );
  return {
    box,
    pointingHit: agreed(peaks.map((pixel) => mask[pixel]! > 0)),
    triggerEnergy: inside / all,
    chanceEnergy,
    centreEnergy: centre / all,
    ...settings,
    pointingNear: agreed(peaks.map(isNear)),
    iou: peak === least ? null : both / (area + highlighted - both),
    rankAccuracy: shareOfTop(magnitudes, mask, area),
  };
}

/** What all say; null where they differ. */
const agreed = ([first, ...others]: boolean[]): boolean | null =>
  others.every((other) => other === first) ? first! : null;

/** Of the `count` largest values the share inside the mask. Values that are equal at the end count as their mean does. */
function shareOfTop(values: Float32Array, mask: Float32Array, count: number): number {
  const limit = values.toSorted()[values.length - count]!;
  let [above, aboveInside, equal, equalInside] = [0, 0, 0, 0];
  values.forEach((value, i) => {
    const isInside = Number(mask[i]! > 0);
    if (value > limit) {
      above++;
      aboveInside += isInside;
    } else if (value === limit) {
      equal++;
      equalInside += isInside;
    }
  });
  return (aboveInside + ((count - above) * equalInside) / equal) / count;
}
