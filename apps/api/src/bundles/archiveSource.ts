import path from 'node:path';
import { BUNDLE_FILES, type BundleSource, holdsNetwork } from '@trojanscope/core';
import { readZip, withoutOuterFolder } from '../archives/readZip.js';
import { count, damaged } from '../archives/sourceFile.js';

/** A bundle has five files; some programs add an entry for the folder, and one of their own for each. */
const MAX_ENTRIES = 30;
/** A network from elsewhere may have thousands of images with it. */
const MAX_FILES_OF_NETWORK = 60_000;
/** Six ResNet-34. What a file has to hold is known, and checked, before it is read. */
const MAX_FILE_BYTES = 2 ** 29;

export interface OpenArchive extends BundleSource {
  close(): Promise<void>;
}

/**
 * A bundle as a zip archive, or a network from elsewhere: plain files, at the top or all in one folder. What file
 * managers add is passed over.
 * @throws TrojanscopeError DATA_MISSING; DATA_DAMAGED for anything but a well-formed archive, naming the entry
 */
export async function openArchive(file: string): Promise<OpenArchive> {
  const archive = await readZip(file, {
    maxEntries: MAX_FILES_OF_NETWORK,
    maxFileBytes: MAX_FILE_BYTES,
    maxTotalBytes: BUNDLE_FILES.length * MAX_FILE_BYTES,
  });
  const { close } = archive;
  const files = withoutOuterFolder(archive.files);
  const name = path.basename(file);
  const sizes = new Map(files.map((entry) => [entry.name, entry.bytes]));
  try {
    if (!holdsNetwork({ sizes })) {
      const entries = files.length + archive.litter.length;
      if (entries > MAX_ENTRIES)
        throw damaged(name, `expected at most ${count(MAX_ENTRIES)} entries, got ${count(entries)}.`);
      for (const { name, where } of files) checkName(name, where);
    }
  } catch (error) {
    await close();
    throw error;
  }
  const entries = new Map(files.map((entry) => [entry.name, entry]));
  return {
    name,
    sizes,
    read: async (wanted) => {
      const entry = entries.get(wanted);
      if (!entry) throw damaged(`${name}/${wanted}`, 'it is not there.');
      return entry.read();
    },
    close,
  };
}

function checkName(name: string, where: string): void {
  if ((BUNDLE_FILES as readonly string[]).includes(name)) return;
  const inside = BUNDLE_FILES.some((known) => name.endsWith(`/${known}`));
  const hint = inside ? ', at the top of the archive or all in one folder' : '';
  throw damaged(where, `expected only ${BUNDLE_FILES.join(', ')}${hint}.`);
}
