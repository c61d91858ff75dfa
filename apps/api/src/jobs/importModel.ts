import { checkReading, readingSchema } from '@trojanscope/core';
import { importModelRequest } from '@trojanscope/schema';
import { z } from 'zod';
import { newId } from '../store/ids.js';
import { findModel } from '../store/models.js';
import { removeUpload, uploadKey, uploadToImport } from '../uploads/uploads.js';
import type { Viewer } from '../viewer.js';
import { defineJob } from './defineJob.js';
import { importInProcess } from './importInProcess.js';
import type { Starter } from './start.js';

/** Takes a model in that somebody sent. Its checks stop at the first thing that is not as it should be. */
export const importModelJob = defineJob({
  kind: 'importModel',
  title: (from: string) => `Import a model from ${from}`,
  makesModel: true,
  payload: z.strictObject({
    uploadId: z.string(),
    fileName: z.string(),
    modelId: z.string(),
    name: z.string().optional(),
    benignId: z.string().optional(),
    measure: z.boolean(),
    reading: readingSchema.optional(),
    dataset: z.string().optional(),
    targetLabel: z.int().min(0).optional(),
  }),
  async run(
    { uploadId, fileName, modelId, ...options },
    { job, db, blobs, fork, signal, changed, progress, save },
  ) {
    await save({ stage: 'checking' }, async () => {});
    // An attempt that was killed just after it was done.
    if (!(await findModel(db, modelId))) {
      const from = await blobs.localPath(uploadKey(uploadId));
      await importInProcess(
        fork,
        { ...options, from, origin: fileName, job: { row: job, modelId } },
        {
          onProgress: (done, total) =>
            void progress({ stage: 'measuring', done, total, unit: 'images' }).catch(() => {}),
          changed,
          signal,
        },
      );
    }
    changed('Model', modelId);
    await removeUpload(db, blobs, uploadId);
  },
});

export const importModel: Starter<typeof importModelRequest, Viewer> = {
  mutation: 'importModel',
  request: importModelRequest,
  makes: 'Job',
  check:
    ({ uploadId, name, benignModelId: benignId, measure, dataset, targetLabel, ...rest }, by) =>
    async (tx) => {
      const { classOrder, channels, mean, std } = rest;
      const reading = { classOrder, channels, mean, std };
      checkReading(reading);
      const { file_name: fileName } = await uploadToImport(tx, uploadId, 'MODEL', by);
      const modelId = newId('Model');
      const payload = { uploadId, fileName, modelId, name, benignId, measure, reading, dataset, targetLabel };
      return [await importModelJob.queue(tx, fileName, payload, { modelId, createdBy: by.id })];
    },
};
