import { attacks, type View } from '@trojanscope/core/definitions';
import {
  type At,
  type Estimate,
  percent,
  type Series,
  stepText,
  titleOf,
} from '@trojanscope/core/evaluation';
import type { Block } from './document.js';

/** What all sections say alike. */

/** Okabe and Ito (2008) without their yellow, then Tol's muted scheme: told apart by the colour-blind, seen on white. */
const COLOURS = [
  ...['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'],
  ...['#332288', '#882255', '#999933', '#661100', '#117733', '#000000'],
  ...['#44aa99', '#aa4499', '#ddcc77', '#6699cc', '#994455', '#004488', '#997700', '#88ccee'],
];
export const colourAt = (place: number) => COLOURS[place] ?? '#767676';
/** By an attack's place in the list of attacks: the same in every figure, and no two alike. */
export const colourOf = ({ attack }: Pick<Series, 'attack'>, ids = Object.keys(attacks)) =>
  colourAt(Math.max(0, ids.indexOf(attack ?? '')));

/** Of what stands in one figure: by the attack, or where one is there more than once by the place. */
export const coloursOf = (drawn: readonly Series[]) => {
  const once = new Set(drawn.map(({ attack }) => attack)).size === drawn.length;
  return (series: Series) => (once ? colourOf(series) : colourAt(drawn.indexOf(series)));
};
/** More lines than that nobody tells apart. */
export const MOST_LINES = 12;

export { titleOf };
/** Of a file's name: the attack, and what else it takes to tell it from others. */
export const slugOf = ({ attack, variant, name, models }: Series): string =>
  [
    attack,
    ...variant.map(
      ({ name, value }) => `${name}-${typeof value === 'object' ? JSON.stringify(value) : value}`,
    ),
    ...(name ? [models[0]!.id] : []),
  ]
    .join('-')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 120);
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
export const placeText = ([transform, , value]: At) => stepText({ transform, value });
/** What a detector asks about, in words. */
export const viewText = (view: View) =>
  view.map((step) => ('blend' in step ? 'another image laid over' : stepText(step))).join(', then ') ||
  'the image as it is';

export const percentAxis = (label: string) => ({
  label,
  ticks: [0, 0.25, 0.5, 0.75, 1],
  format: (share: number) => `${Math.round(100 * share)} %`,
});
