import { useCallback, useMemo, useState } from 'react';
import { seriesStyle } from '../../theme/series';
import { type Detection, nameOf } from './detections';
import type { RocCurve } from './rocChart';

/** More over one another nobody reads. */
export const MOST_CURVES = 12;

/** Which of many detections have their curves drawn. */
export interface CurveChoice {
  isDrawn: (id: string) => boolean;
  /** Whether there is room for one more. */
  hasRoom: boolean;
  change: (id: string, draw: boolean) => void;
}

/**
 * The ROC curves that are drawn over one another, all while they are few.
 * @param opened whose samples are looked at
 * @returns `measured`, how many have a curve; `choice`, where there are too many to draw all
 */
export function useDrawnCurves(detections: readonly Detection[], opened: string | undefined) {
  const [chosen, choose] = useState<readonly string[] | null>(null);
  const measured = useMemo(
    () => detections.filter(({ measures }) => measures && measures.roc.length > 0),
    [detections],
  );
  const drawn = useMemo(() => drawnOf(measured, chosen, opened), [measured, chosen, opened]);
  const curves = useMemo(
    () =>
      drawn.map(
        (detection, place): RocCurve => ({
          id: detection.id,
          name: nameOf(detection),
          style: seriesStyle(place),
          points: detection.measures!.roc,
        }),
      ),
    [drawn],
  );
  const change = useCallback(
    (id: string, draw: boolean) => {
      const others = drawn.map((one) => one.id).filter((one) => one !== id);
      choose(draw ? [...others, id] : others);
    },
    [drawn],
  );
  const choice: CurveChoice | undefined =
    measured.length > MOST_CURVES
      ? { isDrawn: (id) => drawn.some((one) => one.id === id), hasRoom: drawn.length < MOST_CURVES, change }
      : undefined;
  return { curves, measured: measured.length, choice };
}

/** All while they are few, else those chosen, or the first where none of them is; in any case the one that is looked into. */
export function drawnOf<T extends { id: string }>(
  measured: readonly T[],
  chosen: readonly string[] | null,
  opened: string | undefined,
): readonly T[] {
  if (measured.length <= MOST_CURVES) return measured;
  const first = measured.slice(0, MOST_CURVES).map(({ id }) => id);
  const wanted = chosen && measured.some(({ id }) => chosen.includes(id)) ? chosen : first;
  return measured.filter(({ id }) => wanted.includes(id) || id === opened);
}
