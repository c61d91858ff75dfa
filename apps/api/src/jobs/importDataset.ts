import { isInstalled, TrojanscopeError } from '@trojanscope/core';
import { importDatasetRequest } from '@trojanscope/schema';
import { z } from 'zod';
import { findDataset } from '../datasets/catalog.js';
import { checkSkipping, importDataset as importInto, isImporter } from '../datasets/importDataset.js';
import { checkOwnId } from '../datasets/install.js';
import { writeJobLog } from '../store/jobs.js';
import { removeUpload, uploadKey, uploadToImport } from '../uploads/uploads.js';
import type { Viewer } from '../viewer.js';
import { defineJob } from './defineJob.js';
import type { Starter } from './start.js';

/** Takes a data set in that somebody sent. */
export const importDatasetJob = defineJob({
  kind: 'importDataset',
  title: ({ id, from }: { id: string; from: string }) => `Import the data set ${id} from ${from}`,
  payload: z.strictObject({
    uploadId: z.string(),
    fileName: z.string(),
    sha256: z.string(),
    datasetId: z.string(),
    skipUnreadable: z.boolean().default(false),
  }),
  async run(payload, { job, db, blobs, signal, progress, save }) {
    const { uploadId, fileName, sha256, datasetId: id, skipUnreadable } = payload;
    await save({ stage: 'checking' }, async () => {});
    const known = await findDataset(blobs, id).catch(() => undefined);
    const files = known?.state === 'imported' ? known.imported.files : [];
    // An attempt that was killed just after it was done.
    if (job.attempt === 1 || files[0]?.sha256 !== sha256) {
      const task = {
        id,
        blobs,
        from: await blobs.localPath(uploadKey(uploadId)),
        origin: fileName,
        skipUnreadable,
        signal,
        onProgress: (done: number, total: number) =>
          void progress({ stage: 'importing images', done, total, unit: 'images' }).catch(() => {}),
      };
      const { notes = [] } = await importInto(task);
      for (const note of notes) await writeJobLog(db, job.id, note);
    }
    await removeUpload(db, blobs, uploadId);
  },
});

/** A data set that is there already is not replaced: what others trained on it would be about other images. */
export const importDataset: Starter<typeof importDatasetRequest, Viewer> = {
  mutation: 'importDataset',
  request: importDatasetRequest,
  makes: 'Job',
  check({ uploadId, datasetId: id, skipUnreadable }, by) {
    checkSkipping(id, skipUnreadable);
    return async (tx) => {
      const upload = await uploadToImport(tx, uploadId, 'DATASET', by);
      if (!isImporter(id)) checkOwnId(id, 'datasetId');
      if (isInstalled(id))
        throw new TrojanscopeError('CONFLICT', `There is a data set ${id} already. Choose another id.`, [
          'datasetId',
        ]);
      const { file_name: fileName, sha256 } = upload;
      const payload = { uploadId, fileName, sha256, datasetId: id, skipUnreadable };
      return [await importDatasetJob.queue(tx, { id, from: fileName }, payload, { createdBy: by.id })];
    };
  },
};
