import { count } from '../format/count';
import type { Point, TransformTarget } from '../graphql/fragments';

/** How sweeps and their points are spoken of, wherever they are shown. */

/** What a sweep transforms, as a word in a sentence. */
export const targets: Record<TransformTarget, string> = { TRIGGER: 'trigger', IMAGE: 'image' };

/** A transform's value with its unit, as on an axis: 45°, ×1.2, 2 px. */
export function transformValue(value: number, unit: string): string {
  const number = String(Number(value.toFixed(4))).replace('-', '−');
  if (unit === '°') return `${number}°`;
  if (unit === '×') return `×${number}`;
  return `${number}\u202f${unit}`;
}

interface Placed {
  point: {
    value: number;
    sweep: { target: TransformTarget; transform: { title: string; unit: string; identity: number } };
  };
}

/** Where a sample stands: transform, target, value. */
export function placeOf({ point: { value, sweep } }: Placed): string {
  const { transform, target } = sweep;
  if (value === transform.identity) return 'untransformed';
  return `${transform.title} of the ${targets[target]}, ${transformValue(value, transform.unit)}`;
}

interface Sampled {
  /** Asked for at each value. */
  samples: number;
  /** Used: fewer where no more images are eligible; unknown before the first value is done. */
  samplesUsed: number | null;
}

/** How many samples a sweep has at each value. */
export const samplesOf = ({ samples, samplesUsed }: Sampled): number => samplesUsed ?? samples;

/** The same in words, with what was asked for where that is more. @param what follows the number */
export function samplesText(sweep: Sampled, what = ''): string {
  const used = samplesOf(sweep);
  const asked = used === sweep.samples ? '' : ` (${count(sweep.samples)} asked for)`;
  return `${count(used)}${what}${asked}`;
}

/** Where the backdoor fires least; the first of several. */
export const lowestPoint = (points: readonly Point[]): Point | undefined =>
  points.reduce<Point | undefined>(
    (lowest, point) => (lowest && lowest.asr.value <= point.asr.value ? lowest : point),
    undefined,
  );
