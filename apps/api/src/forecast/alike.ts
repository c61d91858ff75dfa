import type { ModelSpec } from '@trojanscope/core';
import type { Alike } from '../store/durations.js';

/** What finished jobs say about new ones: whose work takes alike, and what is usual among what they took. */

export const alikeOf = ({ dataset, architecture, sizePx }: ModelSpec): Alike => ({
  dataset,
  architecture,
  sizePx: sizePx ?? null,
});

/** Equal for models that are alike. */
export const alikeKey = (spec: ModelSpec): string => JSON.stringify(alikeOf(spec));

/**
 * The one in the middle of numbers in any order; what is not finite is left out.
 * @param ofTwo what stands for the two in the middle of an even number of them
 * @returns null where there are none
 */
export function median(numbers: readonly number[], ofTwo: 'MEAN' | 'GREATER' = 'MEAN'): number | null {
  const sorted = numbers.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 || ofTwo === 'GREATER'
    ? sorted[middle]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
