import type { Config } from './config.js';
import { log } from './log.js';
import type { Db } from './store/database.js';
import { removeLeftovers } from './store/leftovers.js';
import { purgeTrash } from './store/purge.js';
import { removeStaleUploads } from './uploads/uploads.js';
import { SERVER } from './viewer.js';

const EVERY_MS = 10 * 60_000;

/** Removes what a kill left half written, once, and what is past its time, again and again. */
export async function startHousekeeping(
  db: Db,
  { dataFolder, trashDays }: Pick<Config, 'dataFolder' | 'trashDays'>,
): Promise<{ close(): void }> {
  const tidy = async () => {
    await removeStaleUploads(db, dataFolder);
    if (trashDays > 0) await purgeTrash(db, dataFolder, trashDays, SERVER);
  };
  await removeLeftovers(dataFolder);
  await tidy();
  const timer = setInterval(
    () => void tidy().catch((error) => log.error({ err: error }, 'tidying up failed')),
    EVERY_MS,
  );
  return { close: () => clearInterval(timer) };
}
