/** From where to where a search goes, and how finely. */
export interface RangeSearch {
  /** The value that changes nothing: where the search begins. */
  identity: number;
  /** The transform's minimum or maximum: the direction, and the end. */
  limit: number;
  /** How far apart the values are that are tried on the way out. */
  step: number;
  /** How far apart the last value that held and the first that failed may be in the end; at most `step`. */
  precision: number;
  /** How much lower than at the identity an accuracy may be and still hold, 0..1. */
  tolerance: number;
}

/** One value that was tried. */
export interface RangeTrial {
  value: number;
  /** 0..1 */
  accuracy: number;
  holds: boolean;
}

export interface LargestRange {
  /** The furthest value up to which every value tried held. */
  lastHeld: RangeTrial;
  /** The nearest value that failed; null where all held, up to the limit. */
  firstFailed: RangeTrial | null;
}

/**
 * How far a transform can go until images are no longer classified right, by trial and error: outward in steps to the
 * first value that fails, then outward again in finer steps from the last that held. It never halves the range, because
 * accuracy need not fall evenly: an image turned by 180° may be right again, and that is no larger range. What fails
 * between two values that were tried and held is not seen, so `step` is to be as small as can be paid for.
 * @param accuracyAt the accuracy on clean images, 0..1, at a value
 * @returns after yielding each value as it was tried, the identity first
 * @throws RangeError when step, precision or tolerance are out of range
 */
export async function* findLargestRange(
  accuracyAt: (value: number) => number | Promise<number>,
  { identity, limit, step, precision, tolerance }: RangeSearch,
): AsyncGenerator<RangeTrial, LargestRange> {
  if (!(precision > 0 && step >= precision && step < Number.POSITIVE_INFINITY && tolerance >= 0))
    throw new RangeError(
      `Expected 0 < precision ≤ step and tolerance ≥ 0; got precision ${precision}, step ${step}, tolerance ${tolerance}.`,
    );
  const start = { value: identity, accuracy: await accuracyAt(identity), holds: true };
  yield start;
  const least = start.accuracy - tolerance;
  let lastHeld: RangeTrial = start;
  let firstFailed: RangeTrial | null = null;
  for (let stride = step; ; stride = Math.max(precision, stride / FINER)) {
    const from = lastHeld.value;
    const end: number = firstFailed?.value ?? limit;
    for (let i = 1; ; i++) {
      const value: number = outward(from, end, i * stride);
      // The end of a finer walk is known to fail.
      if (value === lastHeld.value || value === firstFailed?.value) break;
      const accuracy = await accuracyAt(value);
      const trial: RangeTrial = { value, accuracy, holds: accuracy >= least };
      yield trial;
      if (!trial.holds) {
        firstFailed = trial;
        break;
      }
      lastHeld = trial;
    }
    if (!firstFailed || stride === precision) return { lastHeld, firstFailed };
  }
}

/** How much finer each walk's steps are than those of the one before. */
const FINER = 5;

/** `by` from `from` towards `end`, and no further; without the last binary digits of 0.1 + 0.2. */
function outward(from: number, end: number, by: number): number {
  if (by >= Math.abs(end - from)) return end;
  return Number((from + Math.sign(end - from) * by).toPrecision(12));
}
