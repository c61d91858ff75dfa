import { chartStyle, type Figure, type Size } from '../charts/chart';
import { light, type Palette } from '../theme/palette';

/** A chart to put on a sheet: what the page draws, in the colours of the sheet. */
export interface SheetChart {
  title: string;
  draw: (size: Size, palette: Palette, document?: Document) => Figure;
}
/** What a line, dot or area of the charts stands for. */
export interface LegendEntry {
  label: string;
  stroke: string;
  dash?: string | undefined;
  kind: 'line' | 'area';
}
export interface Sheet {
  title: string;
  charts: readonly SheetChart[];
  legend: readonly LegendEntry[];
  /** How many charts stand side by side. */
  columns: number;
  /** Of each chart. */
  size: Size;
}

const SVG = 'http://www.w3.org/2000/svg';
const MARGIN = 16;
const GAP = 18;
const TITLE = 22;
const ROW = 20;
/** A letter of the small text, on average, in px; with some to spare. */
const LETTER = 6.4;
const FONT = "'IBM Plex Sans', 'Helvetica Neue', Helvetica, Arial, sans-serif";

type Attributes = Record<string, string | number>;

/** An SVG that stands alone: title, legend, and charts with their axes, in light colours, for a paper. */
export function sheetSvg({ title, charts, legend, columns, size }: Sheet, document: Document): SVGSVGElement {
  const element = (name: string, attributes: Attributes, text?: string): SVGElement => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const across = Math.max(1, Math.min(columns, charts.length));
  const width = 2 * MARGIN + across * size.width + (across - 1) * GAP;
  const placed = placeLegend(legend, width - 2 * MARGIN);
  const top = MARGIN + TITLE + placed.height + 8;
  const down = Math.ceil(charts.length / across);
  const height = top + down * (ROW + size.height + GAP) - GAP + MARGIN;

  const root = element('svg', {
    xmlns: SVG,
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    'font-family': FONT,
    'font-size': chartStyle.fontSize,
    fill: light.inkSoft,
  }) as SVGSVGElement;
  root.appendChild(element('title', {}, title));
  root.appendChild(element('rect', { width, height, fill: light.surface }));
  root.appendChild(
    element(
      'text',
      { x: MARGIN, y: MARGIN + 13, 'font-size': 14, 'font-weight': 600, fill: light.ink },
      title,
    ),
  );
  placed.entries.forEach(({ entry: { label, stroke, dash, kind }, x, y }) => {
    const [left, middle] = [MARGIN + x, MARGIN + TITLE + y + ROW / 2];
    root.appendChild(
      kind === 'area'
        ? element('rect', {
            x: left,
            y: middle - 5,
            width: 20,
            height: 10,
            fill: stroke,
            'fill-opacity': 0.25,
          })
        : element('line', {
            x1: left,
            x2: left + 20,
            y1: middle,
            y2: middle,
            stroke,
            'stroke-width': 2,
            'stroke-linecap': 'round',
            ...(dash && { 'stroke-dasharray': dash }),
          }),
    );
    root.appendChild(element('text', { x: left + 26, y: middle + 4 }, label));
  });
  charts.forEach((chart, index) => {
    const x = MARGIN + (index % across) * (size.width + GAP);
    const y = top + Math.floor(index / across) * (ROW + size.height + GAP);
    root.appendChild(element('text', { x, y: y + 12, 'font-weight': 600, fill: light.ink }, chart.title));
    const figure = chart.draw(size, light, document);
    figure.setAttribute('x', String(x));
    figure.setAttribute('y', String(y + ROW));
    // On the page its text is the page's; here it is the sheet's.
    root.appendChild(figure);
  });
  return root;
}

/** Entries one after another, in as many rows as they need. */
function placeLegend(entries: readonly LegendEntry[], room: number) {
  let x = 0;
  let y = 0;
  const placed = entries.map((entry) => {
    const width = 26 + entry.label.length * LETTER + 18;
    if (x > 0 && x + width > room) {
      x = 0;
      y += ROW;
    }
    const at = { entry, x, y };
    x += width;
    return at;
  });
  return { entries: placed, height: entries.length === 0 ? 0 : y + ROW };
}

/** A picture to put on a sheet of pictures. */
export interface SheetPicture {
  url: string;
  width: number;
  height: number;
  /** Below it; what is too long goes on in the next line. */
  caption: readonly string[];
  box?: { left: number; top: number; width: number; height: number } | null | undefined;
}

/** An SVG that stands alone, of pictures with their captions; they are in it, not linked. */
export async function picturesSvg(
  title: string,
  pictures: readonly SheetPicture[],
  columns: number,
  document: Document,
): Promise<SVGSVGElement> {
  const side = 112;
  const width = 132;
  const captions = pictures.map(({ caption }) => caption.flatMap((text) => wrapped(text, width / LETTER)));
  const lines = Math.max(0, ...captions.map(({ length }) => length));
  const embedded = await Promise.all(pictures.map(({ url }) => dataUrl(url)));
  const draw =
    (index: number) =>
    (size: Size): Figure => {
      const { width, height, box } = pictures[index]!;
      const made = document.createElementNS(SVG, 'svg');
      made.setAttribute('width', String(size.width));
      made.setAttribute('height', String(size.height));
      const scale = Math.min(side / width, side / height);
      const boxed = box
        ? `<rect x="${box.left * scale}" y="${box.top * scale}" width="${box.width * scale}" height="${box.height * scale}" fill="none" stroke="#000" stroke-width="3"/><rect x="${box.left * scale}" y="${box.top * scale}" width="${box.width * scale}" height="${box.height * scale}" fill="none" stroke="${light.box}" stroke-width="1.5"/>`
        : '';
      made.innerHTML = `<image href="${embedded[index]}" width="${width * scale}" height="${height * scale}" style="image-rendering: pixelated"/>${boxed}`;
      captions[index]!.forEach((text, line) => {
        const words = document.createElementNS(SVG, 'text');
        words.setAttribute('y', String(side + 13 + line * 13));
        words.textContent = text;
        made.appendChild(words);
      });
      return made as unknown as Figure;
    };
  return sheetSvg(
    {
      title,
      charts: pictures.map((_, index) => ({ title: '', draw: draw(index) })),
      legend: [],
      columns,
      size: { width, height: side + 6 + 13 * lines },
    },
    document,
  );
}

/** Broken between words, none of its lines longer than so many letters where that can be. */
function wrapped(text: string, letters: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const longer = [lines.at(-1), word].filter(Boolean).join(' ');
    if (longer.length <= letters || lines.at(-1) === '') lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

async function dataUrl(url: string): Promise<string> {
  if (url.startsWith('data:')) return url;
  const blob = await (await fetch(url)).blob();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
