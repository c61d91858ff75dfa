import path from 'node:path';
import { loadModel, type Model, TrojanscopeError } from '@trojanscope/core';
import type { Db } from './database.js';

export const modelFolder = (dataFolder: string, modelId: string) => path.join(dataFolder, 'models', modelId);

/**
 * A trained model's bundle.
 * @throws TrojanscopeError NOT_FOUND; CONFLICT where it is not trained yet; DATA_DAMAGED
 */
export async function loadModelById(db: Db, dataFolder: string, modelId: string): Promise<Model> {
  const row = await db
    .selectFrom('model')
    .select(['name', 'record'])
    .where('id', '=', modelId)
    .executeTakeFirst();
  if (!row) throw new TrojanscopeError('NOT_FOUND', `There is no model ${modelId}.`);
  if (!row.record) throw new TrojanscopeError('CONFLICT', `The model “${row.name}” is not trained yet.`);
  return loadModel(modelFolder(dataFolder, modelId));
}
