/** One column of a table to take away: numbers as they are, and how people write them. */
export interface Column<Row> {
  /** With its unit, if it has one. */
  title: string;
  value: (row: Row) => string | number | null;
  /** In a table to be read; the value itself where it is left out. */
  text?: (row: Row) => string;
}

export interface Table {
  columns: readonly string[];
  rows: readonly (readonly (string | number | null)[])[];
  /** The same, as people read it. */
  texts: readonly (readonly string[])[];
}

export const tableOf = <Row>(rows: readonly Row[], columns: readonly Column<Row>[]): Table => ({
  columns: columns.map(({ title }) => title),
  rows: rows.map((row) => columns.map(({ value }) => value(row))),
  texts: rows.map((row) => columns.map(({ value, text }) => (text ? text(row) : String(value(row) ?? '–')))),
});

/** RFC 4180: a header, CRLF, quotes where they are needed; nothing for null. */
export const csv = ({ columns, rows }: Table): string =>
  [columns, ...rows].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');

function csvCell(value: string | number | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  // A spreadsheet would compute what begins like this: a name must not become a formula.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A tabular of LaTeX that needs no package: words to the left, numbers to the right. */
export function latex({ columns, rows, texts }: Table): string {
  const align = columns.map((_, at) => (rows.every((row) => typeof row[at] !== 'string') ? 'r' : 'l'));
  const line = (cells: readonly string[]) => `  ${cells.map(latexText).join(' & ')} \\\\`;
  return [
    `\\begin{tabular}{${align.join('')}}`,
    '  \\hline',
    line(columns),
    '  \\hline',
    ...texts.map(line),
    '  \\hline',
    '\\end{tabular}',
    '',
  ].join('\n');
}

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '°': '$^\\circ$',
  '×': '$\\times$',
  '−': '$-$',
  '±': '$\\pm$',
  '→': '$\\to$',
  '–': '--',
  '…': '\\ldots{}',
  '✓': '$+$',
  '✗': '$-$',
  '\n': '; ',
  '\u202f': '\\,',
};
const latexText = (text: string) =>
  text.replace(/[\\~^&%$#_{}°×−±→–…✓✗\n\u202f]/g, (sign) => LATEX[sign] ?? `\\${sign}`);
