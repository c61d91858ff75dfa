import {
  checkReading,
  isInstalled,
  nameSchema,
  parseParameters,
  readingSchema,
  TrojanscopeError,
  withoutNulls,
} from '@trojanscope/core';
import type { ImportDatasetInput, ImportModelInput } from '@trojanscope/schema';
import { checkSkipping } from '../datasets/imageFolder.js';
import { checkOwnId } from '../datasets/install.js';
import type { Db } from '../store/database.js';
import { newId } from '../store/ids.js';
import { insertJob } from '../store/jobs.js';
import { uploadToImport } from '../uploads/uploads.js';
import type { Viewer } from '../viewer.js';
import { once } from './once.js';

/** @returns the job's id */
export function startModelImport(db: Db, input: ImportModelInput, by: Viewer): Promise<string> {
  const { classOrder, channels, mean, std } = input;
  const reading = parseParameters(readingSchema, withoutNulls({ classOrder, channels, mean, std }));
  checkReading(reading);
  const name = parseParameters(nameSchema.optional(), input.name ?? undefined, ['name']);
  return once(db, 'importModel', input, by, async (tx) => {
    const upload = await uploadToImport(tx, input.uploadId, 'MODEL', by);
    const modelId = newId('Model');
    return insertJob(tx, {
      kind: 'importModel',
      title: `Import a model from ${upload.file_name}`,
      payload: {
        uploadId: upload.id,
        fileName: upload.file_name,
        modelId,
        name,
        benignId: input.benignModelId ?? undefined,
        measure: input.measure,
        reading,
      },
      modelId,
      createdBy: by.id,
    });
  });
}

/**
 * A data set that is there already is not replaced: what others trained on it would be about other images.
 * @returns the job's id
 * @throws TrojanscopeError BAD_USER_INPUT, CONFLICT, NOT_FOUND
 */
export function startDatasetImport(db: Db, input: ImportDatasetInput, by: Viewer): Promise<string> {
  const { datasetId: id, skipUnreadable } = input;
  checkSkipping(id, skipUnreadable);
  return once(db, 'importDataset', input, by, async (tx) => {
    const upload = await uploadToImport(tx, input.uploadId, 'DATASET', by);
    if (id !== 'gtsrb') checkOwnId(id, 'datasetId');
    if (isInstalled(id))
      throw new TrojanscopeError('CONFLICT', `There is a data set ${id} already. Choose another id.`, [
        'datasetId',
      ]);
    return insertJob(tx, {
      kind: 'importDataset',
      title: `Import the data set ${id} from ${upload.file_name}`,
      payload: {
        uploadId: upload.id,
        fileName: upload.file_name,
        sha256: upload.sha256,
        datasetId: id,
        skipUnreadable,
      },
      createdBy: by.id,
    });
  });
}
