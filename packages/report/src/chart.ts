/** A line chart, or a scatter of points, as an SVG of its own: no page around it, no font but the reader's. */
export interface Chart {
  title: string;
  x: Axis;
  y: Axis;
  lines: readonly ChartLine[];
}
export interface Axis {
  label: string;
  ticks: readonly number[];
  /** How a tick reads. */
  format(value: number): string;
  /** Whether equal distances are equal factors; all of its values are positive. */
  logarithmic?: boolean;
}
export interface ChartLine {
  name: string;
  colour: string;
  /** SOLID with its points marked; LINE without, THIN so that many may lie behind. */
  style: 'SOLID' | 'LINE' | 'THIN' | 'DOTTED' | 'POINTS';
  points: readonly ChartPoint[];
}
export interface ChartPoint {
  x: number;
  y: number;
  /** The ends of its interval. */
  low?: number;
  high?: number;
  /** Written beside it. */
  note?: string;
  /** Drawn hollow and small: there, but not what is talked about. */
  faint?: boolean;
}

const WIDTH = 460;
const HEIGHT = 300;
const LEFT = 56;
const RIGHT = 16;
const TOP = 34;
const BOTTOM = 44;
export const LEGEND_ROW = 18;
const LEGEND_COLUMNS = 3;
/** Where a name begins beside its line, and how wide a letter is on average. */
export const LEGEND_INDENT = 24;
export const LETTER = 5.5;
export const INK = '#1f2328';
export const FAINT = '#6b7280';
export const GRID = '#e2e5ea';

export function drawChart({ title, x, y, lines }: Chart): string {
  const named = lines.filter(({ name }) => name);
  const longest = Math.max(0, ...named.map(({ name }) => name.length));
  const fitting = Math.floor((WIDTH - LEFT - RIGHT) / (LEGEND_INDENT + LETTER * longest));
  const columns = Math.min(LEGEND_COLUMNS, Math.max(1, fitting));
  const legendHeight = named.length > 1 ? Math.ceil(named.length / columns) * LEGEND_ROW + 6 : 0;
  const height = HEIGHT + legendHeight;
  const toX = place(x, LEFT + 10, WIDTH - RIGHT - 10);
  const toY = place(y, HEIGHT - BOTTOM, TOP);
  const grid = y.ticks.map(
    (tick) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${toY(tick)}" y2="${toY(tick)}" stroke="${GRID}"/>` +
      text(y.format(tick), LEFT - 6, toY(tick) + 4, 'end', FAINT),
  );
  const ticks = x.ticks.map(
    (tick) =>
      `<line x1="${toX(tick)}" x2="${toX(tick)}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM + 4}" stroke="${FAINT}"/>` +
      text(x.format(tick), toX(tick), HEIGHT - BOTTOM + 17, 'middle', FAINT),
  );
  const legend = named.map((line, i) => {
    const left = LEFT + (i % columns) * ((WIDTH - LEFT - RIGHT) / columns);
    const middle = HEIGHT + 8 + Math.floor(i / columns) * LEGEND_ROW;
    const sample = { ...line, points: [] };
    return (
      (line.style === 'POINTS'
        ? dot(left + 9, middle, line.colour, false)
        : stroke(sample, `M${left} ${middle}h18`)) +
      text(line.name, left + LEGEND_INDENT, middle + 4, 'start', INK)
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="11">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="${LEFT}" y="18" font-size="${titleSize(title)}" font-weight="600" fill="${INK}">${escapeXml(title)}</text>`,
    ...grid,
    ...ticks,
    text(x.label, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, 'middle', FAINT),
    `<text transform="translate(14 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle" fill="${FAINT}">${escapeXml(y.label)}</text>`,
    ...lines.map((line) => drawLine(line, toX, toY)),
    ...legend,
    '</svg>',
  ].join('\n');
}

/** In px: a long title is smaller, so that all of it is seen. A letter is 0.58 of its size wide on average. */
const titleSize = (title: string) =>
  Math.max(8, Math.min(13, Math.floor((WIDTH - LEFT) / (0.58 * title.length))));

export type Place = (value: number) => number;

/** Where a value of an axis stands between two ends, the first and the last of its ticks. */
export const place =
  (axis: Axis, from: number, to: number): Place =>
  (value) => {
    const scaled = axis.logarithmic ? Math.log : (one: number) => one;
    const ticks = axis.ticks.map(scaled);
    const [low, high] = [Math.min(...ticks), Math.max(...ticks)];
    return round(
      high === low ? (from + to) / 2 : from + ((scaled(value) - low) / (high - low)) * (to - from),
    );
  };

function drawLine(line: ChartLine, toX: Place, toY: Place): string {
  const { points, colour, style } = line;
  const path = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${toX(x)} ${toY(y)}`).join('');
  const bars = points.flatMap(({ x, low, high }) =>
    low === undefined || high === undefined
      ? []
      : [
          `<line x1="${toX(x)}" x2="${toX(x)}" y1="${toY(low)}" y2="${toY(high)}" stroke="${colour}" stroke-width="1.25"/>`,
        ],
  );
  const dots =
    style !== 'SOLID' && style !== 'POINTS'
      ? []
      : points.map(({ x, y, faint }) => dot(toX(x), toY(y), colour, faint));
  const notes = points.flatMap(({ x, y, note }) =>
    note
      ? [
          text(
            note,
            toX(x) + (toX(x) > WIDTH - 110 ? -7 : 7),
            toY(y) - 6,
            toX(x) > WIDTH - 110 ? 'end' : 'start',
            INK,
          ),
        ]
      : [],
  );
  return [
    ...(style === 'POINTS' || points.length < 2 ? [] : [stroke(line, path)]),
    ...bars,
    ...dots,
    ...notes,
  ].join('');
}

const STROKES: Partial<Record<ChartLine['style'], string>> = {
  DOTTED: ' stroke-width="2" stroke-dasharray="0.1 4.5" stroke-linecap="round"',
  THIN: ' stroke-width="1" stroke-opacity="0.35"',
};
export const stroke = ({ colour, style }: Pick<ChartLine, 'colour' | 'style'>, path: string) =>
  `<path d="${path}" fill="none" stroke="${colour}"${STROKES[style] ?? ' stroke-width="2"'}/>`;
export const dot = (x: number, y: number, colour: string, faint: boolean | undefined) =>
  faint
    ? `<circle cx="${x}" cy="${y}" r="2.5" fill="#fff" stroke="${colour}" stroke-opacity="0.6"/>`
    : `<circle cx="${x}" cy="${y}" r="3.5" fill="${colour}" stroke="#fff"/>`;
export const text = (content: string, x: number, y: number, anchor: string, fill: string) =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${fill}">${escapeXml(content)}</text>`;
export const round = (value: number) => Math.round(value * 10) / 10;

export const escapeXml = (content: string) =>
  content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
