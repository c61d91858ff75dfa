import type * as Plot from '@observablehq/plot';

/** Room for a chart, in CSS pixels. */
export interface Size {
  width: number;
  height: number;
}

/** What Plot gives back: the picture and its scales. */
export type Figure = (SVGSVGElement | HTMLElement) & Plot.Plot;

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
