import type { Blobs } from './blobs/blobs.js';
import { log } from './log.js';
import type { Db } from './store/database.js';
import { purgeTrash } from './store/purge.js';
import { removeStaleUploads } from './uploads/uploads.js';
import { SERVER } from './viewer.js';

const EVERY_MS = 10 * 60_000;

/** Removes what a kill left half written, once, and what is past its time, again and again. */
export async function startHousekeeping(db: Db, blobs: Blobs, trashDays: number): Promise<{ close(): void }> {
  const tidy = async () => {
    await removeStaleUploads(db, blobs);
    if (trashDays > 0) await purgeTrash(db, blobs, trashDays, SERVER);
  };
  await blobs.removeLeftovers();
  await tidy();
  const timer = setInterval(
    () => void tidy().catch((error) => log.error({ err: error }, 'tidying up failed')),
    EVERY_MS,
  );
  return { close: () => clearInterval(timer) };
}
