import {
  bytesOf,
  canonical,
  loadModel,
  type Model,
  type ModelSpec,
  type NetworkSummary,
  TrojanscopeError,
  withDefaults,
} from '@trojanscope/core';
import type { ModelFilter, ModelOrder } from '@trojanscope/schema';
import { type Insertable, sql, type Updateable } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Blobs } from '../blobs/blobs.js';
import { type Db, now, type Tables } from './database.js';
import { USABLE } from './jobs.js';
import { type Filter, filterCurated, type Order } from './lists.js';

/** Of its bundle, a folder. */
export const modelKey = (modelId: string) => `models/${modelId}`;

/** Beside the bundle of an imported network: what there is to see of it. */
export const SUMMARY = 'network.json';

/** @throws TrojanscopeError DATA_MISSING */
export const networkSummaryOf = async (blobs: Blobs, modelId: string): Promise<NetworkSummary> =>
  JSON.parse((await blobs.read(`${modelKey(modelId)}/${SUMMARY}`)).toString());

interface Asked {
  db: Db;
  blobs: Blobs;
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
  // A pending load still resolves after eviction.
  ignoreFetchAbort: true,
  fetchMethod: (_, __, { context: { db, blobs, modelId } }) => loadModelById(db, blobs, modelId),
});

/**
 * A trained model's bundle for a process that computes, where those used last stay, four at most: reading ResNet-34's weights takes as
 * long as classifying a hundred images with them.
 * @throws TrojanscopeError as `loadModelById`
 */
export async function keptModel(db: Db, blobs: Blobs, modelId: string): Promise<Model> {
  // One that is gone, or was written anew, is not the one in memory.
  const written = (await blobs.version(modelKey(modelId))) ?? 'never';
  return kept.forceFetch(`${modelId} ${written}`, { context: { db, blobs, modelId } });
}

/**
 * A trained model's bundle, read and checked.
 * @throws TrojanscopeError NOT_FOUND; CONFLICT where it is not trained yet; DATA_DAMAGED
 */
export async function loadModelById(db: Db, blobs: Blobs, modelId: string): Promise<Model> {
  const row = await db
    .selectFrom('model')
    .select(['name', 'record'])
    .where('id', '=', modelId)
    .executeTakeFirst();
  if (!row) throw new TrojanscopeError('NOT_FOUND', `There is no model ${modelId}.`);
  if (!row.record) throw new TrojanscopeError('CONFLICT', `The model “${row.name}” is not trained yet.`);
  return loadModel(await blobs.localPath(modelKey(modelId)));
}

export const findModel = (db: Db, id: string) =>
  db.selectFrom('model').selectAll().where('id', '=', id).executeTakeFirst();

type ModelTable = Tables['model'];

/** Inserts a new model as its specification describes it. */
export async function insertModelRow(
  db: Db,
  row: Omit<Insertable<ModelTable>, 'kind' | 'dataset' | 'attack' | 'created_at'>,
): Promise<void> {
  const { dataset, backdoor } = row.spec;
  const kind = backdoor ? 'TROJANED' : 'BENIGN';
  await db
    .insertInto('model')
    .values({ ...row, kind, dataset, attack: backdoor?.attack ?? null, created_at: now() })
    .execute();
}

export async function updateModel(db: Db, id: string, made: Updateable<ModelTable>): Promise<void> {
  await db.updateTable('model').set(made).where('id', '=', id).execute();
}

/** Equal for models of the same specification that are compared with the same benign one. */
export const modelKeyOf = (spec: ModelSpec, benignId: string | null): string =>
  `${benignId} ${canonical(spec)}`;

/** Models of a data set, trained here or imported, that are done or will be, by their keys: of several alike the newest. */
export async function usableModels(
  db: Db,
  dataset: string,
): Promise<Map<string, { id: string; jobId: string }>> {
  const rows = await db
    .selectFrom('model')
    .innerJoin('job', 'job.id', 'model.job_id')
    .select(['model.id', 'model.job_id as jobId', 'model.spec', 'model.benign_id'])
    .where('model.dataset', '=', dataset)
    .where('model.deleted_at', 'is', null)
    .where('job.status', 'in', USABLE)
    .orderBy('model.id')
    .execute();
  return new Map(
    rows.map(({ id, jobId, spec, benign_id }) => [modelKeyOf(whole(spec), benign_id), { id, jobId }]),
  );
}

/** As it would be asked for today. */
const whole = ({ backdoor, ...spec }: ModelSpec): ModelSpec =>
  backdoor
    ? { ...spec, backdoor: { ...backdoor, parameters: withDefaults(backdoor.attack, backdoor.parameters) } }
    : spec;

/** Trained models of a data set. */
export async function trainedModelsOf(db: Db, dataset: string) {
  const rows = await db
    .selectFrom('model')
    .select(['id', 'name', 'kind', 'record', 'benign_id'])
    .where('dataset', '=', dataset)
    .where('record', 'is not', null)
    .execute();
  return rows.map((row) => ({ ...row, record: row.record! }));
}

/** What a failed or cancelled training is to train, where its trigger is still to be made. */
export async function specToMakeTriggerOf(db: Db, jobId: string): Promise<ModelSpec | undefined> {
  const model = await db
    .selectFrom('job')
    .innerJoin('model', 'model.job_id', 'job.id')
    .select('model.spec')
    .where('job.id', '=', jobId)
    .where('job.kind', '=', 'model')
    .where('job.status', 'in', ['FAILED', 'CANCELLED'])
    .where('model.trigger_box', 'is', null)
    .executeTakeFirst();
  return model?.spec;
}

export async function noteTrainingStep(db: Db, row: Insertable<Tables['training_step']>): Promise<void> {
  await db
    .insertInto('training_step')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Of a training that goes on from an earlier step. */
export async function forgetTrainingSteps(db: Db, modelId: string, after: number): Promise<void> {
  await db.deleteFrom('training_step').where('model_id', '=', modelId).where('step', '>', after).execute();
}

export async function noteTriggerStep(db: Db, row: Insertable<Tables['trigger_step']>): Promise<void> {
  const { total, note, picture } = row;
  await db
    .insertInto('trigger_step')
    .values(row)
    .onConflict((conflict) => conflict.doUpdateSet({ total, note, picture }))
    .execute();
}

export const triggerStepsOf = (db: Db, modelId: string) =>
  db.selectFrom('trigger_step').selectAll().where('model_id', '=', modelId).orderBy('done').execute();

export const MODEL_ORDERS: Record<ModelOrder['field'], Omit<Order, 'descending'>> = {
  CREATED_AT: {},
  NAME: { value: sql.ref('model.name'), text: true },
  DATASET: { value: sql.ref('model.dataset'), text: true },
  ARCHITECTURE: { value: sql`model.spec ->> '$.architecture'`, text: true },
  ATTACK: { value: sql.ref('model.attack'), text: true },
  CLEAN_ACCURACY: { value: sql.ref('model.clean_accuracy') },
  ASR: { value: sql.ref('model.asr') },
};

export const modelsWanted =
  (wanted: ModelFilter | null): Filter<'model'> =>
  (all) => {
    let query = filterCurated(all, 'model', wanted);
    if (wanted?.kind) query = query.where('kind', '=', wanted.kind);
    if (wanted?.dataset) query = query.where('dataset', '=', wanted.dataset);
    if (wanted?.attack) query = query.where('attack', '=', wanted.attack);
    if (wanted?.architecture) query = query.where(sql`spec ->> '$.architecture'`, '=', wanted.architecture);
    return query;
  };
