import { sql } from 'kysely';
import { type Db, now, type Row } from './database.js';

export type Upload = Row<'upload'>;

export async function insertUpload(
  tx: Db,
  upload: Omit<Upload, 'created_at' | 'used_at' | 'received_at'>,
): Promise<void> {
  await tx
    .insertInto('upload')
    .values({ ...upload, created_at: now() })
    .execute();
}

/** How many uploads of a user wait to be sent or to be imported, and their bytes. */
export async function waitingUploadsOf(tx: Db, userId: string): Promise<{ uploads: number; bytes: number }> {
  const { uploads, bytes } = await tx
    .selectFrom('upload')
    .select(({ fn }) => [fn.countAll<number>().as('uploads'), fn.sum<number | null>('bytes').as('bytes')])
    .where('created_by', '=', userId)
    .where(({ or, eb }) => or([eb('received_at', 'is not', null), eb('expires_at', '>', now())]))
    .executeTakeFirstOrThrow();
  return { uploads, bytes: bytes ?? 0 };
}

export const uploadById = (db: Db, id: string): Promise<Upload | undefined> =>
  db.selectFrom('upload').selectAll().where('id', '=', id).executeTakeFirst();

export const allUploads = (db: Db): Promise<Upload[]> => db.selectFrom('upload').selectAll().execute();

/** An upload whose address may still be used, by that address's secret. */
export const openUpload = (db: Db, id: string, secretHash: string): Promise<Upload | undefined> =>
  db
    .selectFrom('upload')
    .selectAll()
    .where('secret_hash', '=', secretHash)
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now())
    .executeTakeFirst();

/** @returns whether this is the first use of its address */
export async function useUpload(db: Db, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('upload')
    .set({ used_at: now() })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function noteReceived(db: Db, id: string): Promise<void> {
  await db.updateTable('upload').set({ received_at: now() }).where('id', '=', id).execute();
}

/** The title of a job that is going to take an upload, or is at it. */
export const importOf = async (db: Db, uploadId: string): Promise<string | undefined> =>
  (
    await db
      .selectFrom('job')
      .select('title')
      .where('status', 'in', ['QUEUED', 'RUNNING'])
      .where('kind', 'in', ['importModel', 'importDataset'])
      .where(sql`payload ->> '$.uploadId'`, '=', uploadId)
      .executeTakeFirst()
  )?.title;

export async function deleteUpload(db: Db, id: string): Promise<void> {
  await db.deleteFrom('upload').where('id', '=', id).execute();
}
