import { TrojanscopeError } from '@trojanscope/core';

/** A file to import from, in a folder or in a zip archive. */
export interface SourceFile {
  /** Path below the folder or inside the archive, with forward slashes, in one normal form. */
  name: string;
  /** How an error names it: "GTSRB_Final_Test_GT.zip/GT-final_test.csv". */
  where: string;
  /** @throws TrojanscopeError DATA_DAMAGED where the content is not what the directory says. */
  read(): Promise<Buffer>;
}

/** The largest single file an import reads: an image of 16 megapixels with three channels, uncompressed, and its header. */
export const MAX_FILE_BYTES = 3 * 2 ** 24 + 1024;

export const damaged = (where: string, what: string) =>
  new TrojanscopeError('DATA_DAMAGED', `${where}: ${what}`);

export const count = (number: number) => number.toLocaleString('en');

/** "a, b, c and 7 more" */
export function several(items: readonly string[], shown = 5): string {
  const rest = items.length - shown;
  return items.slice(0, shown).join(', ') + (rest > 0 ? ` and ${count(rest)} more` : '');
}
