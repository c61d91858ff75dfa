import { attackOf, attacks } from '../../attacks/index.js';
import { transforms } from '../../transforms/index.js';
import type { Estimate } from '../estimates.js';
import type { At, Series } from '../results.js';
import { percent } from '../statements.js';
import type { Block } from './document.js';

/** What all sections say alike. */

const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00'];
/** An attack has the same in every figure. */
export const colourOf = ({ attack }: Series) =>
  COLOURS[Math.max(0, Object.keys(attacks).indexOf(attack ?? '')) % COLOURS.length]!;

export const titleOf = ({ attack }: Pick<Series, 'attack'>) => (attack ? attackOf(attack).title : 'Benign');
export const datasetsOf = (all: readonly Series[]) => [...new Set(all.map(({ dataset }) => dataset))];
export const trojanedOn = (all: readonly Series[], dataset: string) =>
  all.filter((series) => series.dataset === dataset && series.attack !== null);
export const text = (content: string): Block => ({ kind: 'TEXT', text: content });
export const withInterval = ({ value, low, high }: Estimate, digits = 2) =>
  Number.isNaN(value)
    ? '–'
    : `${percent(value, digits)} (${(100 * low).toFixed(digits)}–${(100 * high).toFixed(digits)})`;
export const signed = (points: number) =>
  `${points > 0 ? '+' : points < 0 ? '−' : ''}${Math.abs(points).toFixed(2)}`;
export const placeText = ([transform, , value]: At) =>
  `${transforms[transform].title.toLowerCase()} ${value} ${transforms[transform].unit}`;

export const percentAxis = (label: string) => ({
  label,
  ticks: [0, 0.25, 0.5, 0.75, 1],
  format: (share: number) => `${Math.round(100 * share)} %`,
});
