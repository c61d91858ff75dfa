import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { writeWhole } from '@trojanscope/core';
import { type Db, now } from './database.js';

/** The longer side of small pictures for lists. */
export const THUMBNAIL_PX = 64;

const ID = /^[0-9a-f]{64}$/;

/** Pictures on disk, named by their SHA-256: written once, never changed, found by id alone. */
export const artifactFile = (dataFolder: string, id: string): string | undefined => {
  if (!ID.test(id)) return undefined;
  return path.join(dataFolder, 'artifacts', `${id}.png`);
};

/** Keeps a PNG; the same picture twice is one artifact. Returns its id. */
export async function saveArtifact(db: Db, dataFolder: string, png: Buffer): Promise<string> {
  const id = createHash('sha256').update(png).digest('hex');
  const file = artifactFile(dataFolder, id)!;
  await mkdir(path.dirname(file), { recursive: true });
  if (!existsSync(file)) await writeWhole(file, png);
  // A PNG's header holds its size at fixed places.
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  await db
    .insertInto('artifact')
    .values({ id, width, height, created_at: now() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return id;
}
