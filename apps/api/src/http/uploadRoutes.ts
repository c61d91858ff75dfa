import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { TrojanscopeError } from '@trojanscope/core';
import type { Express } from 'express';
import { count } from '../archives/sourceFile.js';
import type { ServerParts } from '../graphql/context.js';
import type { Db } from '../store/database.js';
import { diskFull } from '../store/diskFull.js';
import { hashOf } from '../store/secrets.js';
import { noteReceived, openUpload, type Upload, useUpload } from '../store/uploads.js';
import { findUser } from '../store/users.js';
import { uploadKey } from '../uploads/uploads.js';
import { isAtLeast } from '../viewer.js';

/** What the server keeps free on its disk for its own work. */
const ROOM_BYTES = 2 ** 28;
const ZIP = Buffer.from('PK\x03\x04');

/** `PUT /uploads/<id>?key=…`: the body of one request becomes the file of an upload. The key is all that it needs. */
export function uploads(app: Express, { db, auth, blobs }: ServerParts): void {
  app.put('/uploads/:id', async (request, response) => {
    // What is refused is not read to its end.
    response.set({ 'Cache-Control': 'no-store', Connection: 'close' });
    const { key } = request.query;
    const upload = await findOpen(db, request.params.id, typeof key === 'string' ? key : '', auth.on);
    checkLength(request.headers['content-length'], upload.bytes);
    if ((await blobs.freeBytes()) < upload.bytes + ROOM_BYTES) throw diskFull();
    if (!(await useUpload(db, upload.id))) throw unknownAddress();
    await blobs.put(uploadKey(upload.id), (place) => receive(request, upload, place));
    await noteReceived(db, upload.id);
    response.status(201).json({ uploadId: upload.id, bytes: upload.bytes, sha256: upload.sha256 });
  });
}

/** One text for every wrong address, so that it does not reveal which exist. */
const unknownAddress = () =>
  new TrojanscopeError(
    'NOT_FOUND',
    'This address is not known, was used before, or has expired. Ask for another: createUpload.',
  );

async function findOpen(db: Db, id: string, key: string, accounts: boolean): Promise<Upload> {
  const upload = await openUpload(db, id, hashOf(key));
  if (!upload) throw unknownAddress();
  if (!accounts) return upload;
  // The account may have been closed, or its role changed, since.
  const owner = await findUser(db, upload.created_by);
  if (!owner || owner.disabled_at || !isAtLeast(owner.role, 'RUNNER')) throw unknownAddress();
  return upload;
}

function checkLength(header: string | undefined, bytes: number): void {
  if (header === undefined || Number(header) === bytes) return;
  throw new TrojanscopeError(
    'BAD_USER_INPUT',
    `Expected ${count(bytes)} bytes, as createUpload was told; got a request of ${count(Number(header))}.`,
  );
}

/** Writes the body beside its place while it is counted and hashed, and moves it there if it is what was announced. */
async function receive(body: Readable, upload: Upload, to: string): Promise<void> {
  const { bytes, sha256 } = upload;
  const part = `${to}.part`;
  const file = await open(part, 'w', 0o600);
  try {
    const hash = createHash('sha256');
    let got = 0;
    let start = Buffer.alloc(0);
    // Left open where it is refused: the answer goes out by the same connection.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      got += chunk.length;
      if (got > bytes) throw wrong(`Expected ${count(bytes)} bytes, as createUpload was told; more came.`);
      if (start.length < ZIP.length && !isOnnx(upload)) {
        start = Buffer.concat([start, chunk]).subarray(0, ZIP.length);
        if (!ZIP.subarray(0, start.length).equals(start))
          throw wrong(
            upload.kind === 'MODEL'
              ? 'Expected a zip archive, or an ONNX file whose name ends in .onnx.'
              : 'Expected a zip archive.',
          );
      }
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    if (got < bytes)
      throw wrong(`Expected ${count(bytes)} bytes, as createUpload was told; got ${count(got)}.`);
    const found = hash.digest('hex');
    if (found !== sha256)
      throw wrong(`Expected the SHA-256 ${sha256}, as createUpload was told; got ${found}.`);
    await file.sync();
    await file.close();
    await rename(part, to);
  } catch (error) {
    await file.close();
    await rm(part, { force: true });
    throw error;
  }
}

/** Told by its name: no ONNX file says what it is. */
const isOnnx = ({ kind, file_name }: Upload) => kind === 'MODEL' && /\.onnx$/i.test(file_name);

const wrong = (what: string) =>
  new TrojanscopeError('BAD_USER_INPUT', `${what} Ask for another address: createUpload.`);
