import { randomUUID } from 'node:crypto';
import { open, rename } from 'node:fs/promises';

/** Writes beside the file, flushes, renames: a reader sees the old bytes or the new ones, also after a power cut. */
export async function writeWhole(file: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.part`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}
