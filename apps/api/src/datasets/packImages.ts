import { SPLITS, type SplitName } from '@trojanscope/core';
import type { SourceFile } from '../archives/sourceFile.js';
import { throwIfAborted } from './install.js';
import { createSplitWriter } from './packedWriter.js';
import type { Picture } from './ppm.js';

export interface Sample {
  file: SourceFile;
  label: number;
  /** How the data set calls it. */
  name: string;
}

export interface Watch {
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/** Reads, decodes and writes one image after the other, so that only one is in memory. */
export async function packImages<S extends Sample>(
  folder: string,
  samples: Record<SplitName, readonly S[]>,
  decode: (bytes: Buffer, sample: S, split: SplitName) => Picture | Promise<Picture>,
  { signal, onProgress }: Watch,
): Promise<void> {
  const total = samples.train.length + samples.test.length;
  let done = 0;
  for (const split of SPLITS) {
    const writer = await createSplitWriter(folder, split);
    try {
      for (const sample of samples[split]) {
        throwIfAborted(signal);
        const bytes = await sample.file.read();
        await writer.add(await decode(bytes, sample, split), sample.label, sample.name);
        onProgress?.(++done, total);
      }
      await writer.finish();
    } finally {
      await writer.close();
    }
  }
}
