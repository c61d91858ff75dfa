import { stat } from 'node:fs/promises';
import path from 'node:path';
import { bytesOf, loadModel, type Model, TrojanscopeError } from '@trojanscope/core';
import { LRUCache } from 'lru-cache';
import type { Db } from './database.js';

export const modelFolder = (dataFolder: string, modelId: string) => path.join(dataFolder, 'models', modelId);

interface Asked {
  db: Db;
  dataFolder: string;
  modelId: string;
}

/** Room for any two models. */
const KEPT_BYTES = 300e6;

const kept = new LRUCache<string, Model, Asked>({
  max: 4,
  maxSize: KEPT_BYTES,
  sizeCalculation: ({ weights }) => bytesOf(weights),
  // Whoever waits for one that more than four others push out gets it all the same.
  ignoreFetchAbort: true,
  fetchMethod: (_, __, { context: { db, dataFolder, modelId } }) => loadModelById(db, dataFolder, modelId),
});

/**
 * A trained model's bundle for a process that computes, where those used last stay, four at most: reading ResNet-34's weights takes as
 * long as classifying a hundred images with them.
 * @throws TrojanscopeError as `loadModelById`
 */
export async function keptModel(db: Db, dataFolder: string, modelId: string): Promise<Model> {
  // One that is gone, or was written anew, is not the one in memory.
  const written = await stat(modelFolder(dataFolder, modelId)).then(
    ({ mtimeMs }) => mtimeMs,
    () => 'never',
  );
  return kept.forceFetch(`${modelId} ${written}`, { context: { db, dataFolder, modelId } });
}

/**
 * A trained model's bundle, read and checked.
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
