import { SPLITS, type SplitName, TrojanscopeError } from '@trojanscope/core';
import { count, damaged, type SourceFile } from '../archives/sourceFile.js';
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

/** A file among the images that is none, or that cannot be read. */
export interface Unreadable {
  file: SourceFile;
  /** A sentence without the file's name. */
  reason: string;
}

const SHOWN = 20;

/** All of them in one refusal: told one a run, a data set of many would take days. */
export function refuseUnreadable(where: string, files: readonly Unreadable[], hint = ''): TrojanscopeError {
  const [first] = files;
  if (files.length === 1) return damaged(first!.file.where, `${first!.reason}${hint}`);
  const lines = files.slice(0, SHOWN).map(({ file, reason }) => `\n  ${file.name}: ${reason}`);
  if (files.length > SHOWN) lines.push(`\n  and ${count(files.length - SHOWN)} more.`);
  return damaged(where, `${count(files.length)} files cannot be read.${hint}${lines.join('')}`);
}

/**
 * Reads, decodes and writes one image after the other, so that only one is in memory.
 * @returns those that cannot be read, which are left out
 */
export async function packImages<S extends Sample>(
  folder: string,
  samples: Record<SplitName, readonly S[]>,
  decode: (bytes: Buffer, sample: S, split: SplitName) => Picture | Promise<Picture>,
  { signal, onProgress }: Watch,
): Promise<Unreadable[]> {
  const unreadable: Unreadable[] = [];
  const total = samples.train.length + samples.test.length;
  let done = 0;
  for (const split of SPLITS) {
    const writer = await createSplitWriter(folder, split);
    try {
      for (const sample of samples[split]) {
        throwIfAborted(signal);
        const picture = await read(sample, split);
        if (picture) await writer.add(picture, sample.label, sample.name);
        onProgress?.(++done, total);
      }
      await writer.finish();
    } finally {
      await writer.close();
    }
  }
  return unreadable;

  async function read(sample: S, split: SplitName): Promise<Picture | undefined> {
    const { file } = sample;
    try {
      return await decode(await file.read(), sample, split);
    } catch (error) {
      if (!(error instanceof TrojanscopeError) || error.code !== 'DATA_DAMAGED') throw error;
      unreadable.push({ file, reason: error.message.replace(`${file.where}: `, '') });
      return undefined;
    }
  }
}
