import { damaged, type SourceFile } from '../archives/sourceFile.js';

/** A line of the official CSVs. The box around the sign is there, too, but whole images are used. */
export interface Annotation {
  filename: string;
  width: number;
  height: number;
  classId: number;
}

const COLUMNS = ['Filename', 'Width', 'Height', 'Roi.X1', 'Roi.Y1', 'Roi.X2', 'Roi.Y2', 'ClassId'];

/** @throws TrojanscopeError DATA_DAMAGED naming file and line */
export async function readAnnotations(file: SourceFile, classes: number): Promise<Annotation[]> {
  const text = (await file.read()).toString('utf8').replace(/^\uFEFF/, '');
  const [header = '', ...lines] = text.split(/\r?\n/);
  if (header.trim() !== COLUMNS.join(';'))
    throw damaged(
      file.where,
      `expected the columns ${COLUMNS.join(';')}, got ${JSON.stringify(header.slice(0, 100))}.`,
    );
  const seen = new Set<string>();
  const annotations: Annotation[] = [];
  lines.forEach((line, i) => {
    if (line.trim() === '') return;
    const where = `${file.where}, line ${i + 2}`;
    const [filename = '', ...rest] = line.trim().split(';');
    const numbers = rest.map((text) => (/^\d{1,6}$/.test(text) ? Number(text) : Number.NaN));
    const [width, height, , , , , classId] = numbers;
    if (numbers.length !== 7 || numbers.some(Number.isNaN))
      throw damaged(
        where,
        `expected a file name and seven numbers, got ${JSON.stringify(line.slice(0, 100))}.`,
      );
    if (!/^[\w-]+\.ppm$/i.test(filename))
      throw damaged(
        where,
        `expected the name of a PPM image, got ${JSON.stringify(filename.slice(0, 100))}.`,
      );
    if (classId! >= classes)
      throw damaged(where, `expected a class from 0 to ${classes - 1}, got ${classId}.`);
    if (seen.has(filename.toLowerCase())) throw damaged(where, `${filename} is there twice.`);
    seen.add(filename.toLowerCase());
    annotations.push({ filename, width: width!, height: height!, classId: classId! });
  });
  return annotations.sort((a, b) => (a.filename < b.filename ? -1 : 1));
}
