import path from 'node:path';
import { BUNDLE_FILES, type BundleSource } from '@trojanscope/core';
import { readZip } from '../archives/readZip.js';
import { damaged } from '../archives/sourceFile.js';

/** A bundle has three files; some programs add an entry for the folder. */
const MAX_ENTRIES = 10;
/** Six ResNet-34. What a file has to hold is known, and checked, before it is read. */
const MAX_FILE_BYTES = 2 ** 29;

export interface OpenArchive extends BundleSource {
  close(): Promise<void>;
}

/**
 * A bundle as a zip archive: its three files, plain, at the top.
 * @throws TrojanscopeError DATA_MISSING; DATA_DAMAGED for what is no archive, or no honest one, naming the entry
 */
export async function openArchive(file: string): Promise<OpenArchive> {
  const { files, close } = await readZip(file, {
    maxEntries: MAX_ENTRIES,
    maxFileBytes: MAX_FILE_BYTES,
    maxTotalBytes: BUNDLE_FILES.length * MAX_FILE_BYTES,
    wants: isBundleFile,
  });
  const name = path.basename(file);
  const entries = new Map(files.map((entry) => [entry.name, entry]));
  return {
    name,
    sizes: new Map(files.map((entry) => [entry.name, entry.bytes])),
    read: async (wanted) => {
      const entry = entries.get(wanted);
      if (!entry) throw damaged(`${name}/${wanted}`, 'it is not there.');
      return entry.read();
    },
    close,
  };
}

function isBundleFile(name: string, where: string): true {
  if ((BUNDLE_FILES as readonly string[]).includes(name)) return true;
  const inside = name.endsWith('/') || BUNDLE_FILES.some((known) => name.endsWith(`/${known}`));
  const hint = inside ? ', at the top of the archive and in no folder' : '';
  throw damaged(where, `expected only ${BUNDLE_FILES.join(', ')}${hint}.`);
}
