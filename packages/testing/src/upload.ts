import { createHash } from 'node:crypto';
import type { startServer } from './server.js';

/** Announces a file and sends it. Returns the upload's id. @throws Error where it is refused */
export async function upload(
  server: Pick<Awaited<ReturnType<typeof startServer>>, 'url' | 'mutate'>,
  kind: 'MODEL' | 'DATASET',
  content: Uint8Array,
  fileName: string,
): Promise<string> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const input = { kind, fileName, bytes: content.length, sha256 };
  const { created } = await server.mutate(
    'createUpload',
    'CreateUploadInput',
    input,
    'created { url upload { id } }',
  );
  const { status } = await fetch(server.url + created.url, { method: 'PUT', body: new Uint8Array(content) });
  if (status !== 201) throw new Error(`The upload of ${fileName} was answered with ${status}.`);
  return created.upload.id;
}
