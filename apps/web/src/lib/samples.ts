import { count } from '../format/count';

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
