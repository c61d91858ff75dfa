import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { TrojanscopeError } from '@trojanscope/core';
import { download } from './download.js';
import { type GtsrbImport, importGtsrb } from './gtsrb.js';
import { GTSRB_ARCHIVES } from './gtsrbParts.js';
import { checkFree } from './install.js';
import type { Imported } from './packedWriter.js';

/** Where https://benchmark.ini.rub.de sends those who want the archives. */
export const GTSRB_URL = 'https://sid.erda.dk/public/archives/daaeac0d7ce1152aea9b61d9f1e19370/';

/** What of them is here already is not downloaded again. */
const DOWNLOADS = 'downloads/gtsrb';

export interface GtsrbFetch extends Omit<GtsrbImport, 'from' | 'origin'> {
  /** Folder of the three archives, http or https. */
  fromUrl: string;
  /** Keep the archives after the import. */
  keep?: boolean;
  onDownload?: (name: string, bytes: number, total: number | undefined) => void;
  /** For tests with small archives. */
  archives?: readonly { name: string; md5: string }[];
}

/**
 * Downloads the official archives into `downloads/gtsrb`, small ones first, and imports them.
 * @throws TrojanscopeError BAD_USER_INPUT, DATA_MISSING, DATA_DAMAGED, CONFLICT, ABORTED
 */
export async function fetchGtsrb(job: GtsrbFetch): Promise<Imported> {
  const { blobs, signal, archives = Object.values(GTSRB_ARCHIVES) } = job;
  const base = baseUrl(job.fromUrl);
  await checkFree({ ...job, id: 'gtsrb' });
  const folder = await blobs.localPath(DOWNLOADS);
  await mkdir(folder, { recursive: true });
  for (const { name, md5 } of archives.toReversed()) {
    const onProgress = (bytes: number, total: number | undefined) => job.onDownload?.(name, bytes, total);
    await download({ url: new URL(name, base), file: path.join(folder, name), md5, signal, onProgress });
  }
  const imported = await importGtsrb({ ...job, from: folder, origin: `Downloaded from ${base}` });
  if (!job.keep) await blobs.remove(DOWNLOADS);
  return imported;
}

function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `Expected the http or https address of the folder with the archives, without name, password, ? and #, got ${JSON.stringify(text)}.`,
      ['fromUrl'],
    );
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}
