import { existsSync } from 'node:fs';
import path from 'node:path';
import { BUNDLE_FILES } from '@trojanscope/core';
import { writeZip } from '../archives/writeZip.js';
import type { Blobs } from '../blobs/blobs.js';
import type { Db } from '../store/database.js';
import { loadModelById, modelKey } from '../store/models.js';

/**
 * Writes a trained model as one archive.
 * @returns its size in bytes
 * @throws TrojanscopeError NOT_FOUND; CONFLICT where it is not trained yet, or the file is there; DATA_DAMAGED
 */
export async function exportModel(
  db: Db,
  blobs: Blobs,
  modelId: string,
  to: string,
  replace?: boolean,
): Promise<number> {
  // Read once, so that nothing damaged is handed on.
  await loadModelById(db, blobs, modelId);
  const folder = await blobs.localPath(modelKey(modelId));
  const files = BUNDLE_FILES.filter((file) => existsSync(path.join(folder, file)));
  return writeZip(to, folder, files, { replace });
}
