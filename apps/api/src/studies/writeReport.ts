import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { base64Of, fileOf, type StudyReport, toHtml, toMarkdown } from '@trojanscope/report';
import { FORMATS, type TableRow } from '../tables/format.js';

const FIGURES = 'figures';

/** Writes a report as one HTML file, as Markdown with its figures, and its raw data as CSV. @returns what was written */
export async function writeReport(folder: string, report: StudyReport): Promise<string[]> {
  await mkdir(path.join(folder, FIGURES), { recursive: true });
  const written: string[] = [];
  const write = async (name: string, content: string | Buffer) => {
    await writeFile(path.join(folder, name), content);
    written.push(name);
  };
  await write('report.html', toHtml(report.title, report.sections));
  await write('report.md', toMarkdown(report.title, report.sections, FIGURES));
  for (const block of report.sections.flatMap(({ blocks }) => blocks)) {
    if (block.kind !== 'PICTURE') continue;
    await write(path.join(FIGURES, fileOf(block)), Buffer.from(base64Of(block), 'base64'));
  }
  for (const { name, columns, rows } of report.tables) {
    let text = '';
    for await (const piece of FORMATS.csv.write(columns, each(rows))) text += piece;
    await write(`${name}.csv`, text);
  }
  return written;
}

async function* each(rows: readonly TableRow[]): AsyncGenerator<TableRow> {
  yield* rows;
}
