import { sql } from 'kysely';
import type { Blobs } from '../blobs/blobs.js';
import type { Actor } from '../viewer.js';
import { artifactKey } from './artifacts.js';
import { writeAudit } from './audit.js';
import type { Db } from './database.js';
import { findDetection } from './detections.js';
import { modelKey } from './models.js';

const DAY_MS = 24 * 3_600_000;

/** What is deleted for good: ids of models, sweeps, studies and detections, and the keys of the files that were only theirs. */
interface Purged {
  ids: string[];
  files: string[];
}

/**
 * Deletes for good what has been in the trash for so long, with everything that hangs on it. A benign model that another
 * model is compared with stays as long as that one does.
 * @returns ids of what is gone
 */
export async function purgeTrash(db: Db, blobs: Blobs, olderThanDays: number, by: Actor): Promise<string[]> {
  const before = new Date(Date.now() - olderThanDays * DAY_MS).toISOString();
  const { ids, files } = await db.transaction().execute(async (tx) => {
    const purged = await purgeRows(tx, before);
    if (purged.ids.length > 0) await writeAudit(tx, by, 'purgeTrash', purged.ids);
    return purged;
  });
  // After the rows: nothing refers to what a crash leaves behind.
  for (const key of files) await blobs.remove(key);
  return ids;
}

async function purgeRows(tx: Db, before: string): Promise<Purged> {
  const idsOf = async (table: 'model' | 'sweep' | 'study' | 'detection') =>
    (
      await tx
        .selectFrom(table as 'model')
        .select('id')
        .where('deleted_at', '<=', before)
        .execute()
    ).map(({ id }) => id);
  const purged: Purged = { ids: [], files: [] };
  for (const id of await idsOf('study')) {
    await tx.deleteFrom('study_job').where('study_id', '=', id).execute();
    await tx.updateTable('job').set({ study_id: null }).where('study_id', '=', id).execute();
    await tx.deleteFrom('study').where('id', '=', id).execute();
    purged.ids.push(id);
  }
  for (const id of await idsOf('sweep')) {
    await purgeSweep(tx, id);
    purged.ids.push(id);
  }
  for (const id of await idsOf('detection')) {
    await purgeDetection(tx, id);
    purged.ids.push(id);
  }
  // The youngest first: a trojaned model goes before the benign one that it is compared with.
  for (const id of (await idsOf('model')).sort().reverse()) {
    const compared = await tx.selectFrom('model').select('id').where('benign_id', '=', id).executeTakeFirst();
    const beside = async (table: 'sweep' | 'detection') =>
      tx
        .selectFrom(table as 'sweep')
        .select('id')
        .where('benign_id', '=', id)
        .where('model_id', '!=', id)
        .executeTakeFirst();
    if (compared || (await beside('sweep')) || (await beside('detection'))) continue;
    await purgeModel(tx, id);
    purged.ids.push(id);
    purged.files.push(modelKey(id));
  }
  if (purged.ids.length > 0) purged.files.push(...(await purgeArtifacts(tx)));
  return purged;
}

async function purgeSweep(tx: Db, id: string): Promise<void> {
  const { job_id } = await tx
    .selectFrom('sweep')
    .select('job_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const points = tx.selectFrom('point').select('id').where('sweep_id', '=', id);
  await tx.deleteFrom('explanation').where('point_id', 'in', points).execute();
  await tx.deleteFrom('outcome').where('point_id', 'in', points).execute();
  await tx.deleteFrom('point').where('sweep_id', '=', id).execute();
  await tx.deleteFrom('sweep').where('id', '=', id).execute();
  await forget(tx, id, [job_id]);
}

async function purgeDetection(tx: Db, id: string): Promise<void> {
  const { job_id } = await findDetection(tx, id);
  await tx.deleteFrom('detection_image').where('detection_id', '=', id).execute();
  await tx.deleteFrom('detection').where('id', '=', id).execute();
  await forget(tx, id, [job_id]);
}

async function purgeModel(tx: Db, id: string): Promise<void> {
  const sweeps = await tx.selectFrom('sweep').select('id').where('model_id', '=', id).execute();
  for (const sweep of sweeps) await purgeSweep(tx, sweep.id);
  const detections = await tx.selectFrom('detection').select('id').where('model_id', '=', id).execute();
  for (const detection of detections) await purgeDetection(tx, detection.id);
  const jobs = await tx.selectFrom('job').select('id').where('model_id', '=', id).execute();
  await tx.deleteFrom('explanation').where('model_id', '=', id).execute();
  await tx.deleteFrom('strip').where('model_id', '=', id).execute();
  await tx.deleteFrom('largest_range').where('model_id', '=', id).execute();
  await tx.deleteFrom('training_step').where('model_id', '=', id).execute();
  await tx.deleteFrom('trigger_step').where('model_id', '=', id).execute();
  await tx.deleteFrom('model').where('id', '=', id).execute();
  await forget(
    tx,
    id,
    jobs.map((job) => job.id),
  );
}

/** Jobs of what is gone, and keys that would lead to it. */
async function forget(tx: Db, id: string, jobIds: string[]): Promise<void> {
  if (jobIds.length > 0) {
    await tx.deleteFrom('study_job').where('job_id', 'in', jobIds).execute();
    await tx.deleteFrom('job_need').where('job_id', 'in', jobIds).execute();
    await tx.deleteFrom('job_need').where('needs_id', 'in', jobIds).execute();
    await tx.deleteFrom('job').where('id', 'in', jobIds).execute();
  }
  await tx.deleteFrom('idempotency').where('entity_id', '=', id).execute();
}

/** Pictures that nothing shows any more. @returns their files */
async function purgeArtifacts(tx: Db): Promise<string[]> {
  const rows = await sql<{ id: string }>`
    delete from artifact where id not in (
      select trigger_picture from model where trigger_picture is not null
      union select trigger_on_sample from model where trigger_on_sample is not null
      union select picture from trigger_step where picture is not null
      union select picture from strip
      union select image from explanation where image is not null
      union select saliency from explanation where saliency is not null
      union select overlay from explanation where overlay is not null
    ) returning id`.execute(tx);
  return rows.rows.map(({ id }) => artifactKey(id)!);
}
