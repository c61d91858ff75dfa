import { z } from 'zod';
import { findDataset } from '../datasets/catalog.js';
import { importGtsrb } from '../datasets/gtsrb.js';
import { importImageFolder } from '../datasets/imageFolder.js';
import { writeJobLog } from '../store/jobLog.js';
import { removeUpload, uploadFile } from '../uploads/uploads.js';
import { defineJob } from './defineJob.js';

/** Takes a data set in that somebody sent. */
export const importDatasetJob = defineJob({
  kind: 'importDataset',
  payload: z.strictObject({
    uploadId: z.string(),
    fileName: z.string(),
    sha256: z.string(),
    datasetId: z.string(),
    skipUnreadable: z.boolean().default(false),
  }),
  async run(payload, { job, db, dataFolder, signal, progress, save }) {
    const { uploadId, fileName, sha256, datasetId: id, skipUnreadable } = payload;
    await save({ stage: 'checking' }, async () => {});
    const known = await findDataset(dataFolder, id).catch(() => undefined);
    const files = known?.state === 'imported' ? known.imported.files : [];
    // An attempt that was killed just after it was done.
    if (job.attempt === 1 || files[0]?.sha256 !== sha256) {
      const task = {
        id,
        dataFolder,
        from: uploadFile(dataFolder, uploadId),
        origin: fileName,
        skipUnreadable,
        signal,
        onProgress: (done: number, total: number) =>
          void progress({ stage: 'importing images', done, total, unit: 'images' }).catch(() => {}),
      };
      const { notes = [] } = await (id === 'gtsrb' ? importGtsrb(task) : importImageFolder(task));
      for (const note of notes) await writeJobLog(db, job.id, note);
    }
    await removeUpload(db, dataFolder, uploadId);
  },
});
