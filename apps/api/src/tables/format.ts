/** A row for a table: flat, its keys the columns. */
export type TableRow = Record<string, string | number | boolean | null>;

export const FORMATS = {
  csv: { type: 'text/csv; charset=utf-8', write: writeCsv },
  ndjson: { type: 'application/x-ndjson', write: writeNdjson },
} as const;
export type Format = keyof typeof FORMATS;

/** One JSON object a line. */
async function* writeNdjson(_: readonly string[], rows: AsyncIterable<TableRow>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

/** RFC 4180: a header, CRLF, quotes where they are needed; nothing for null. */
async function* writeCsv(columns: readonly string[], rows: AsyncIterable<TableRow>): AsyncGenerator<string> {
  const line = (cells: readonly string[]) => `${cells.join(',')}\r\n`;
  yield line(columns);
  for await (const row of rows) yield line(columns.map((column) => cell(row[column] ?? null)));
}

function cell(value: TableRow[string]): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  // A spreadsheet would compute what begins like this: a name must not become a formula.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
