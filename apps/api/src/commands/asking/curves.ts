import { percent, pValue, RATE, type Rate, table, valued } from './print.js';

/** Curves as GraphQL has them, and as terminals show them. */

export interface Point {
  id: string;
  value: number;
  asr: Rate;
  cleanAccuracy: Rate;
  benignModelAccuracy: Rate | null;
  pValue: number | null;
}
export interface Curve {
  model: { id: string; name: string };
  sweep: { id: string };
  target: 'TRIGGER' | 'IMAGE';
  unit: string;
  transform: { id: string; title: string; valueName: string; identity: number };
  points: Point[];
}

export const CURVE = `{
  model { id name dataset { id } attack { id } } sweep { id samples seed } target unit transform { id title valueName identity }
  points {
    id value asr ${RATE} cleanAccuracy ${RATE} benignModelAccuracy ${RATE} robustAccuracy ${RATE} errorRate ${RATE}
    cleanTarget ${RATE} asrDrop pValue visibleTrigger targetCount truthCount otherCount
  }
}`;

export const titleOf = ({ transform, target }: Curve) => `${transform.title} of the ${target.toLowerCase()}`;

/** Each value with its rates, their 95 % intervals, and what McNemar's test says against the identity. */
export function curveTable({ transform, unit, points }: Curve): string {
  if (points.length === 0) return 'no value is done yet';
  const benign = points.some(({ benignModelAccuracy }) => benignModelAccuracy);
  const heads = [transform.valueName.toLowerCase(), 'ASR (95 %)', 'fired', 'of', 'clean accuracy'];
  return table(
    [...heads, ...(benign ? ['benign model'] : []), 'p'],
    points.map((point) => [
      valued(point.value, unit),
      percent(point.asr),
      point.asr.numerator.toLocaleString('en'),
      point.asr.denominator.toLocaleString('en'),
      percent(point.cleanAccuracy),
      ...(benign ? [percent(point.benignModelAccuracy)] : []),
      pValue(point.pValue),
    ]),
  );
}

/** A dot's bit in a braille sign, by its row of four and column of two. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

/** ASR as a line and clean accuracy as dots over the values, in braille signs. @param width signs across */
export function plot(curve: Curve, width: number, height = 11): string {
  const points = [...curve.points].sort((a, b) => a.value - b.value);
  if (points.length === 0) return 'no value is done yet';
  const [columns, rows] = [width * 2, height * 4];
  const canvas = Array.from({ length: height }, () => new Array<number>(width).fill(0));
  const [least, most] = [points[0]!.value, points.at(-1)!.value];
  const x = (value: number) =>
    most === least ? 0 : Math.round(((value - least) / (most - least)) * (columns - 1));
  const y = (rate: Rate) => Math.round((1 - rate.value) * (rows - 1));
  const dot = (column: number, row: number) => {
    canvas[row >> 2]![column >> 1]! |= DOTS[row & 3]![column & 1]!;
  };
  /** @param gap every so many columns */
  function line(rateOf: (point: Point) => Rate, gap: number): void {
    for (const [i, point] of points.entries()) {
      const next = points[i + 1] ?? point;
      const [fromX, fromY, toX, toY] = [x(point.value), y(rateOf(point)), x(next.value), y(rateOf(next))];
      const length = Math.max(Math.abs(toX - fromX), gap === 1 ? Math.abs(toY - fromY) : 0, 1);
      for (let step = 0; step <= length; step++) {
        const column = Math.round(fromX + ((toX - fromX) * step) / length);
        if (column % gap === 0) dot(column, Math.round(fromY + ((toY - fromY) * step) / length));
      }
    }
  }
  line(({ cleanAccuracy }) => cleanAccuracy, 4);
  line(({ asr }) => asr, 1);
  const label = (row: number) =>
    ({ 0: '100 %', [Math.floor(height / 2)]: ' 50 %', [height - 1]: '  0 %' })[row] ?? '     ';
  const drawn = canvas.map(
    (signs, row) => `${label(row)} ┤${signs.map((bits) => String.fromCodePoint(0x2800 + bits)).join('')}`,
  );
  const ends = [valued(least, curve.unit), valued(most, curve.unit)];
  const below = ends[0]! + ends[1]!.padStart(Math.max(1, width - ends[0]!.length));
  return [
    ...drawn,
    `      └${'─'.repeat(width)}`,
    `       ${below}`,
    '       line: ASR, dots: clean accuracy',
  ].join('\n');
}
