import { stat } from 'node:fs/promises';
import path from 'node:path';
import { bytesOf, loadModel, type Model, TrojanscopeError } from '@trojanscope/core';
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Db } from './database.js';

export const modelFolder = (dataFolder: string, modelId: string) => path.join(dataFolder, 'models', modelId);

interface Asked {
  db: Db;
  dataFolder: string;
  modelId: string;
}

/** Whether there is a model of images of that data set that were resized to this size. */
export const hasModelOfSize = async (db: Db, dataset: string, sizePx: number): Promise<boolean> =>
  (await db
    .selectFrom('model')
    .select('id')
    .where('dataset', '=', dataset)
    .where(sql<number>`spec ->> '$.sizePx'`, '=', sizePx)
    .executeTakeFirst()) !== undefined;

/** Every model with its job's status, in the order of their age. */
export const modelsByAge = (db: Db) =>
  db
    .selectFrom('model')
    .innerJoin('job', 'job.id', 'model.job_id')
    .select(['model.id', 'model.name', 'model.kind', 'model.dataset', 'model.attack', 'model.benign_id'])
    .select(['model.record', 'job.status'])
    .orderBy('model.id')
    .execute();

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
