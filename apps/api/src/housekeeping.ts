import { SERVER } from './auth/viewer.js';
import type { Config } from './config.js';
import { log } from './log.js';
import type { Db } from './store/database.js';
import { purgeTrash } from './store/purge.js';
import { removeStaleUploads } from './uploads/uploads.js';

const EVERY_MS = 10 * 60_000;

/** Removes what is past its time: at the start, then again and again. */
export async function keepHouse(
  db: Db,
  { dataFolder, trashDays }: Pick<Config, 'dataFolder' | 'trashDays'>,
): Promise<{ close(): void }> {
  const tidy = async () => {
    await removeStaleUploads(db, dataFolder);
    if (trashDays > 0) await purgeTrash(db, dataFolder, trashDays, SERVER);
  };
  await tidy();
  const timer = setInterval(
    () => void tidy().catch((error) => log.error({ err: error }, 'tidying up failed')),
    EVERY_MS,
  );
  return { close: () => clearInterval(timer) };
}
