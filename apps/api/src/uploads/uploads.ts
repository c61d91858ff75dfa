import { parseParameters, TrojanscopeError } from '@trojanscope/core';
import { type CreateUploadInput, createUploadRequest, type UploadKind } from '@trojanscope/schema';
import { count } from '../archives/sourceFile.js';
import type { Blobs } from '../blobs/blobs.js';
import { writeAudit } from '../store/audit.js';
import type { Db } from '../store/database.js';
import { newId } from '../store/ids.js';
import { hashOf, newSecret } from '../store/secrets.js';
import {
  allUploads,
  deleteUpload,
  importOf,
  insertUpload,
  type Upload,
  uploadById,
  waitingUploadsOf,
} from '../store/uploads.js';
import { type Actor, mayChange, type Viewer } from '../viewer.js';

/** Archives that people send: each to an address of its own, which knows size and hash beforehand. */

/** Of one user, until they are imported or gone. */
const MAXIMUM_BYTES_OF_USER = 2 ** 31;
const MAXIMUM_UPLOADS_OF_USER = 20;
const ADDRESS_MS = 15 * 60_000;
/** What is not imported within a day is removed. */
const KEPT_MS = 24 * 3_600_000;

const FOLDER = 'uploads';
export const uploadKey = (id: string) => `${FOLDER}/${id}.zip`;

/** @throws TrojanscopeError BAD_USER_INPUT; LIMIT_EXCEEDED where too many of the caller's uploads wait here */
export async function createUpload(
  db: Db,
  input: CreateUploadInput,
  by: Actor,
): Promise<{ id: string; url: string }> {
  const { kind, fileName, bytes, sha256 } = parseParameters(createUploadRequest, { ...input });
  const secret = newSecret('ts_up_');
  const id = newId('Upload');
  await db.transaction().execute(async (tx) => {
    const own = await waitingUploadsOf(tx, by.id);
    if (own.uploads >= MAXIMUM_UPLOADS_OF_USER || own.bytes + bytes > MAXIMUM_BYTES_OF_USER)
      throw new TrojanscopeError(
        'LIMIT_EXCEEDED',
        `Expected at most ${MAXIMUM_UPLOADS_OF_USER} uploads and ${count(MAXIMUM_BYTES_OF_USER)} bytes of yours that wait to be imported; you have ${own.uploads} with ${count(own.bytes)} bytes. Import them, or wait: what is not imported is removed after a day.`,
        ['bytes'],
      );
    await insertUpload(tx, {
      id,
      created_by: by.id,
      kind,
      file_name: fileName,
      bytes,
      sha256,
      secret_hash: hashOf(secret),
      expires_at: new Date(Date.now() + ADDRESS_MS).toISOString(),
    });
    await writeAudit(tx, by, 'createUpload', [id]);
  });
  // Behind the question mark, which no log of ours shows.
  return { id, url: `/uploads/${id}?key=${secret}` };
}

/** One's own; an admin sees all. */
export async function findUpload(db: Db, id: string, viewer: Viewer): Promise<Upload | undefined> {
  const row = await uploadById(db, id);
  return mayChange(viewer, row) ? row : undefined;
}

/** @throws TrojanscopeError NOT_FOUND, BAD_USER_INPUT for one of another kind, CONFLICT where it cannot be taken now */
export async function uploadToImport(
  tx: Db,
  id: string,
  kind: keyof typeof UploadKind,
  viewer: Viewer,
): Promise<Upload> {
  const field = ['uploadId'];
  const upload = await findUpload(tx, id, viewer);
  if (!upload)
    throw new TrojanscopeError(
      'NOT_FOUND',
      `There is no upload ${id} of yours: it was never made, has been imported, or a day has passed.`,
      field,
    );
  if (upload.kind !== kind)
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `uploadId: expected an upload of the kind ${kind}; this one is a ${upload.kind}.`,
      field,
    );
  if (!upload.received_at)
    throw new TrojanscopeError('CONFLICT', 'This upload is not here yet: PUT its file first.', field);
  const busy = await importOf(tx, id);
  if (busy !== undefined)
    throw new TrojanscopeError('CONFLICT', `This upload is being imported already (“${busy}”).`, field);
  return upload;
}

/** Of an upload that was imported. */
export async function removeUpload(db: Db, blobs: Blobs, id: string): Promise<void> {
  await deleteUpload(db, id);
  await blobs.remove(uploadKey(id));
}

/** Removes what expired without being sent, what nobody imported for a day, and files without a row. */
export async function removeStaleUploads(db: Db, blobs: Blobs): Promise<void> {
  const kept = new Set<string>();
  for (const { id, received_at, expires_at, created_at } of await allUploads(db)) {
    const until = received_at ? Date.parse(created_at) + KEPT_MS : Date.parse(expires_at);
    // A transfer that began before the address expired may still be under way.
    if (Date.now() < until + ADDRESS_MS || (await importOf(db, id)) !== undefined) kept.add(id);
    else await removeUpload(db, blobs, id);
  }
  for (const name of await blobs.list(FOLDER))
    if (!kept.has(name.split('.')[0]!)) await blobs.remove(`${FOLDER}/${name}`);
}
