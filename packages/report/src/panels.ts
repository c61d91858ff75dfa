import {
  type Axis,
  type ChartPoint,
  dot,
  escapeXml,
  FAINT,
  GRID,
  INK,
  LEGEND_INDENT,
  LEGEND_ROW,
  LETTER,
  type Place,
  place,
  round,
  stroke,
  text,
} from './chart.js';

/** Small multiples: charts side by side with the same horizontal axis, one legend for all. */
export interface Panels {
  title: string;
  x: Axis;
  panels: readonly Panel[];
}
export interface Panel {
  title: string;
  y: Axis;
  lines: readonly PanelLine[];
}
/** Lines of the same name have the same colour in every panel. */
export interface PanelLine {
  name: string;
  colour: string;
  /** In order, with the intervals that the band is of. */
  points: readonly (ChartPoint & {
    /** What the value is of, one by one: small dots. */ each?: readonly number[];
  })[];
}

const COLUMNS = 3;
const PANEL_WIDTH = 236;
const PANEL_HEIGHT = 186;
const LEFT = 48;
const RIGHT = 12;
const TOP = 24;
const BOTTOM = 24;
const HEAD = 30;
const FOOT = 22;
/** How wide a letter of the title is on average. */
const TITLE_LETTER = 8.2;
/** Ticks that stand closer have no words. */
const TICK_ROOM = 8;

export function drawPanels({ title, x, panels }: Panels): string {
  const columns = Math.min(COLUMNS, panels.length);
  const width = Math.max(columns * PANEL_WIDTH, Math.ceil(LEFT + TITLE_LETTER * title.length + RIGHT));
  const rows = Math.ceil(panels.length / columns);
  const named = new Map(panels.flatMap(({ lines }) => lines.map((line) => [line.name, line])));
  const legend = legendOf(
    [...named.values()].filter(({ name }) => name),
    width,
  );
  const below = HEAD + rows * PANEL_HEIGHT;
  const height = below + FOOT + legend.height;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="11">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${LEFT}" y="18" font-size="13" font-weight="600" fill="${INK}">${escapeXml(title)}</text>`,
    ...panels.map((panel, i) => {
      const [left, top] = [(i % columns) * PANEL_WIDTH, HEAD + Math.floor(i / columns) * PANEL_HEIGHT];
      return `<g transform="translate(${left} ${top})">\n${drawPanel(panel, x)}\n</g>`;
    }),
    text(x.label, (columns * PANEL_WIDTH + LEFT - RIGHT) / 2, below + 12, 'middle', FAINT),
    `<g transform="translate(${LEFT} ${below + FOOT})">${legend.drawn.join('\n')}</g>`,
    '</svg>',
  ].join('\n');
}

function drawPanel({ title, y, lines }: Panel, x: Axis): string {
  const [right, bottom] = [PANEL_WIDTH - RIGHT, PANEL_HEIGHT - BOTTOM];
  const toX = place(x, LEFT + 10, right - 10);
  const toY = place(y, bottom, TOP);
  let free = Number.NEGATIVE_INFINITY;
  const ticks = x.ticks.map((tick) => {
    const words = x.format(tick);
    const half = (LETTER * words.length) / 2;
    const shown = toX(tick) - half >= free;
    if (shown) free = toX(tick) + half + TICK_ROOM;
    return (
      `<line x1="${toX(tick)}" x2="${toX(tick)}" y1="${bottom}" y2="${bottom + 4}" stroke="${FAINT}"/>` +
      (shown ? text(words, toX(tick), bottom + 16, 'middle', FAINT) : '')
    );
  });
  return [
    text(title, LEFT, TOP - 8, 'start', INK),
    ...y.ticks.map(
      (tick) =>
        `<line x1="${LEFT}" x2="${right}" y1="${toY(tick)}" y2="${toY(tick)}" stroke="${GRID}"/>` +
        text(y.format(tick), LEFT - 6, toY(tick) + 4, 'end', FAINT),
    ),
    ...ticks,
    ...lines.map((line) => bandOf(line, toX, toY)),
    ...lines.map((line) => lineOf(line, toX, toY)),
  ].join('\n');
}

/** Over one value alone a band has no width: there it is a bar. */
function bandOf({ points, colour }: PanelLine, toX: Place, toY: Place): string {
  const known = points.filter(({ low, high }) => low !== undefined && high !== undefined);
  if (known.length === 0) return '';
  const [first] = known;
  if (known.length === 1)
    return `<line x1="${toX(first!.x)}" x2="${toX(first!.x)}" y1="${toY(first!.low!)}" y2="${toY(first!.high!)}" stroke="${colour}" stroke-opacity="0.5" stroke-width="5"/>`;
  const path = [
    ...known.map(({ x, high }) => `${toX(x)} ${toY(high!)}`),
    ...known.reverse().map(({ x, low }) => `${toX(x)} ${toY(low!)}`),
  ];
  return `<path d="M${path.join('L')}Z" fill="${colour}" fill-opacity="0.14"/>`;
}

function lineOf({ points, colour }: PanelLine, toX: Place, toY: Place): string {
  const path = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${toX(x)} ${toY(y)}`).join('');
  return [
    ...(points.length > 1 ? [stroke({ colour, style: 'LINE' }, path)] : []),
    ...points.flatMap(({ x, each = [] }) => each.map((one) => dot(toX(x), toY(one), colour, true))),
    ...points.map(({ x, y }) => dot(toX(x), toY(y), colour, false)),
  ].join('');
}

function legendOf(lines: readonly PanelLine[], width: number): { drawn: string[]; height: number } {
  if (lines.length < 2) return { drawn: [], height: 6 };
  const cell = LEGEND_INDENT + LETTER * Math.max(...lines.map(({ name }) => name.length)) + 14;
  const columns = Math.max(1, Math.min(lines.length, Math.floor((width - LEFT) / cell)));
  const drawn = lines.map(({ name, colour }, i) => {
    const [left, middle] = [(i % columns) * cell, 10 + Math.floor(i / columns) * LEGEND_ROW];
    return (
      stroke({ colour, style: 'LINE' }, `M${round(left)} ${middle}h18`) +
      dot(round(left + 9), middle, colour, false) +
      text(name, left + LEGEND_INDENT, middle + 4, 'start', INK)
    );
  });
  return { drawn, height: Math.ceil(lines.length / columns) * LEGEND_ROW + 8 };
}
