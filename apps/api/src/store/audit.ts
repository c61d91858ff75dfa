import type { Actor } from '../viewer.js';
import { type Db, now, type Row } from './database.js';
import { newId } from './ids.js';

/** Writes down who did what to what. In the transaction of what was done, where there is one. */
export async function writeAudit(
  db: Db,
  { id, credentialId }: Actor,
  action: string,
  entityIds: readonly string[],
): Promise<void> {
  await db
    .insertInto('audit')
    .values({
      id: newId('AuditEntry'),
      user_id: id,
      credential_id: credentialId,
      action,
      entity_ids: entityIds.join(' '),
      created_at: now(),
    })
    .execute();
}

export const auditEntry = (db: Db, id: string): Promise<Row<'audit'> | undefined> =>
  db.selectFrom('audit').selectAll().where('id', '=', id).executeTakeFirst();
