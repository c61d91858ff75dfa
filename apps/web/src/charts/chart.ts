import type { Plot as Scales } from '@observablehq/plot';

/**
 * Observable Plot, which is a quarter of a page's script: fetched when the first chart is drawn, not with the page.
 * Chart functions run after `loadPlot`.
 */
export let Plot: typeof import('./marks');

export async function loadPlot(): Promise<void> {
  Plot ??= await import('./marks');
}

/** Room for a chart, in CSS pixels. */
export interface Size {
  width: number;
  height: number;
}

/** What Plot gives back: the picture and its scales. */
export type Figure = (SVGSVGElement | HTMLElement) & Scales;

/** Where something stands in a figure, in CSS pixels; undefined while the figure has no such scale. */
export const position = (figure: Figure, scale: 'x' | 'y', value: number): number =>
  figure.scale(scale)?.apply(value) ?? 0;

/** The text of every chart: that of the page, numbers in columns. */
export const chartStyle = {
  fontFamily: 'inherit',
  fontSize: '11px',
  fontVariantNumeric: 'tabular-nums',
  overflow: 'visible',
  background: 'none',
} as const;

/** From the smallest to the largest value. */
export function extent(values: readonly number[]): [number, number] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  // A sweep of one value still needs an axis.
  return low === high ? [low - 1, high + 1] : [low, high];
}

export const isWithin =
  ([low, high]: readonly [number, number]) =>
  (value: number) =>
    value >= low && value <= high;

/** Every value as a tick while there is room, else every second, third … */
export function thinned(values: readonly number[], room: number): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const every = Math.max(1, Math.ceil(sorted.length / Math.max(2, room)));
  return sorted.filter((_, index) => index % every === 0);
}
