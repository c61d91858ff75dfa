import { decodeText, normalName } from '@trojanscope/core';
import { damaged, type SourceFile } from '../archives/sourceFile.js';

/** A line of a CSV. The box around the sign is there, too, but whole images are used. */
export interface Annotation {
  /** In Kaggle's with the folders that it is in. */
  filename: string;
  width: number;
  height: number;
  classId: number;
}

export interface CsvLayout {
  /** As in the originals; either may have commas or semicolons between them, and another order. */
  columns: readonly string[];
  nameColumn: string;
  name: RegExp;
  /** How an error names an image. */
  image: string;
}

export const OFFICIAL_CSV: CsvLayout = {
  columns: ['Filename', 'Width', 'Height', 'Roi.X1', 'Roi.Y1', 'Roi.X2', 'Roi.Y2', 'ClassId'],
  nameColumn: 'Filename',
  name: /^[\w-]+\.ppm$/i,
  image: 'the name of a PPM image',
};

export const KAGGLE_CSV: CsvLayout = {
  columns: ['Width', 'Height', 'Roi.X1', 'Roi.Y1', 'Roi.X2', 'Roi.Y2', 'ClassId', 'Path'],
  nameColumn: 'Path',
  name: /^[\w-]+(\/[\w-]+)*\.png$/i,
  image: 'the path of a PNG image',
};

/** @throws TrojanscopeError DATA_DAMAGED naming file and line */
export async function readAnnotations(
  file: SourceFile,
  classes: number,
  { columns, nameColumn, name: pattern, image }: CsvLayout = OFFICIAL_CSV,
): Promise<Annotation[]> {
  const [header = '', ...lines] = (await textOf(file)).split(/\r\n|\r|\n/);
  const separator = header.includes(';') ? ';' : ',';
  const cells = (line: string) => line.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
  const places = new Map(cells(header).map((column, place) => [column, place]));
  if (!columns.every((column) => places.has(column)))
    throw damaged(
      file.where,
      `expected the columns ${columns.join(nameColumn === 'Path' ? ',' : ';')}, got ${JSON.stringify(header.slice(0, 100))}.`,
    );
  const seen = new Set<string>();
  const annotations: Annotation[] = [];
  lines.forEach((line, i) => {
    if (line.trim() === '') return;
    const where = `${file.where}, line ${i + 2}`;
    const row = cells(line);
    const number = (column: string) => {
      const text = row[places.get(column)!] ?? '';
      return /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
    };
    const numbers = columns.filter((column) => column !== nameColumn).map(number);
    if (row.length !== places.size || numbers.some(Number.isNaN))
      throw damaged(
        where,
        `expected a file name and seven numbers, got ${JSON.stringify(line.slice(0, 100))}.`,
      );
    const filename = normalName(row[places.get(nameColumn)!]!.replaceAll('\\', '/'));
    if (!pattern.test(filename))
      throw damaged(where, `expected ${image}, got ${JSON.stringify(filename.slice(0, 100))}.`);
    const classId = number('ClassId');
    if (classId >= classes)
      throw damaged(where, `expected a class from 0 to ${classes - 1}, got ${classId}.`);
    if (seen.has(filename.toLowerCase())) throw damaged(where, `${filename} is there twice.`);
    seen.add(filename.toLowerCase());
    annotations.push({ filename, width: number('Width'), height: number('Height'), classId });
  });
  return annotations.sort((a, b) => (a.filename < b.filename ? -1 : 1));
}

async function textOf(file: SourceFile): Promise<string> {
  const bytes = await file.read();
  try {
    return decodeText(bytes);
  } catch (error) {
    throw damaged(file.where, `${(error as SyntaxError).message}.`);
  }
}
