import { readingSchema } from '@trojanscope/core';
import { z } from 'zod';
import { importModel } from '../bundles/importModel.js';
import { removeUpload, uploadFile } from '../uploads/uploads.js';
import { defineJob } from './defineJob.js';

/** Takes a model in that somebody sent. Its checks stop at the first thing that is not as it should be. */
export const importModelJob = defineJob({
  kind: 'importModel',
  payload: z.strictObject({
    uploadId: z.string(),
    fileName: z.string(),
    modelId: z.string(),
    name: z.string().optional(),
    benignId: z.string().optional(),
    measure: z.boolean(),
    reading: readingSchema.optional(),
  }),
  async run(
    { uploadId, fileName, modelId, ...options },
    { job, db, dataFolder, signal, changed, progress, save, keep },
  ) {
    await save({ stage: 'checking' }, async () => {});
    // An attempt that was killed just after it was done.
    const isThere = await db.selectFrom('model').select('id').where('id', '=', modelId).executeTakeFirst();
    if (!isThere)
      await importModel({
        ...options,
        db,
        dataFolder,
        from: uploadFile(dataFolder, uploadId),
        origin: fileName,
        job: { id: job.id, modelId, save: (write) => keep({ stage: 'saving' }, write) },
        onProgress: (done, total) =>
          void progress({ stage: 'measuring', done, total, unit: 'images' }).catch(() => {}),
        signal,
      });
    changed('Model', modelId);
    await removeUpload(db, dataFolder, uploadId);
  },
});
