import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '@trojanscope/testing/folder';
import { expect, test } from 'vitest';
import { createFolderBlobs } from '../blobs/folderBlobs.js';
import { importGtsrb } from './gtsrb.js';

/** All of GTSRB, resized to 32×32 by somebody, in the official layout: not part of the repository. */
const from = path.resolve(import.meta.dirname, '../../../../../shared/data/gtsrb-32');
const there = existsSync(from);
if (!there) console.log(`Skipped: ${from} is not there.`);

/** Pixels as Pillow 13 decodes them: of row 0, column 0; row 5, column 20; the last one; and the sum of all samples. */
const PIXELS = [
  ['train', '00000/00000_00000.ppm', [75, 78, 80], [156, 89, 90], [90, 97, 89], 395_041],
  ['train', '00014/00012_00016.ppm', [48, 47, 45], [113, 101, 91], [84, 91, 87], 257_630],
  ['train', '00042/00007_00029.ppm', [11, 10, 12], [47, 50, 59], [10, 9, 11], 89_484],
  ['test', '00000.ppm', [116, 139, 174], [62, 24, 28], [114, 140, 170], 335_572],
  ['test', '12629.ppm', [10, 10, 13], [29, 17, 26], [11, 11, 13], 58_563],
] as const;

test.skipIf(!there)('all 51,839 images, in little memory', { timeout: 300_000 }, async () => {
  const temporary = await temporaryFolder();
  try {
    let most = 0;
    const start = process.memoryUsage().rss;
    const onProgress = (done: number) => {
      if (done % 1_000 === 0) most = Math.max(most, process.memoryUsage().rss - start);
    };
    const imported = await importGtsrb({ from, blobs: createFolderBlobs(temporary.folder), onProgress });
    expect(imported.from).toMatch(
      /^The folder gtsrb-32; not known by MD5 .* 51,353 images have another size/,
    );
    expect(most).toBeLessThan(400e6);

    const folder = path.join(temporary.folder, 'datasets/gtsrb');
    const index = async (split: string) =>
      JSON.parse(await readFile(path.join(folder, `${split}.json`), 'utf8'));
    const indices = { train: await index('train'), test: await index('test') };
    expect(indices.train.names).toHaveLength(39_209);
    expect(indices.test.names).toHaveLength(12_630);
    expect(indices.train.names).toEqual(indices.train.names.toSorted());
    // The first lines of the test's CSV: 00000.ppm is of class 16, 00001.ppm of class 1.
    expect(indices.test.labels.slice(0, 2)).toEqual([16, 1]);

    for (const [split, name, first, inner, last, sum] of PIXELS) {
      const pixels = await open(path.join(folder, `${split}.pixels`));
      const image = Buffer.alloc(32 * 32 * 3);
      await pixels.read(image, 0, image.length, indices[split].names.indexOf(name) * image.length);
      await pixels.close();
      const pixel = (row: number, column: number) => [
        ...image.subarray((row * 32 + column) * 3).subarray(0, 3),
      ];
      expect([pixel(0, 0), pixel(5, 20), pixel(31, 31)]).toEqual([first, inner, last]);
      expect(image.reduce((total, sample) => total + sample, 0)).toBe(sum);
    }
  } finally {
    await temporary.remove();
  }
});
