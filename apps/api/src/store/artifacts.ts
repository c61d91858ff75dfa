import { createHash } from 'node:crypto';
import { writeWhole } from '@trojanscope/core';
import type { Blobs } from '../blobs/blobs.js';
import { type Db, now } from './database.js';

/** The longer side of small pictures for lists. */
export const THUMBNAIL_PX = 64;

const ID = /^[0-9a-f]{64}$/;

/** Where a picture is kept, by its SHA-256: written once, never changed, found by id alone. Nothing for what is no such id. */
export const artifactKey = (id: string): string | undefined =>
  ID.test(id) ? `artifacts/${id}.png` : undefined;

/** @throws TrojanscopeError DATA_MISSING */
export const readArtifact = (blobs: Blobs, id: string): Promise<Buffer> => blobs.read(artifactKey(id)!);

/** Keeps a PNG; the same picture twice is one artifact. Returns its id. */
export async function saveArtifact(db: Db, blobs: Blobs, png: Buffer): Promise<string> {
  const id = createHash('sha256').update(png).digest('hex');
  const key = artifactKey(id)!;
  if (!(await blobs.version(key))) await blobs.put(key, (file) => writeWhole(file, png));
  // A PNG's header holds its size at fixed places.
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  await db
    .insertInto('artifact')
    .values({ id, width, height, created_at: now() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return id;
}
