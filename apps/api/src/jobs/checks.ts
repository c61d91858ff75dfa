import path from 'node:path';
import {
  attackOf,
  checkPoisonRate,
  checkTrainingTransforms,
  datasetIds,
  datasetOf,
  type ModelSpec,
  parseParameters,
  partsOf,
  TrojanscopeError,
  whyMissing,
} from '@trojanscope/core';
import type { z } from 'zod';
import type { Db } from '../store/database.js';
import { findModel } from '../store/models.js';
import type { Actor } from '../viewer.js';

/** What is checked of an input before anything starts by it, whatever it starts. */

export const check = <T extends z.ZodType>(schema: T, value: unknown, field: string) =>
  parseParameters(schema, value, [field]);

/** @throws TrojanscopeError BAD_USER_INPUT where there is no such data set */
export function datasetInCatalog(id: string): string {
  if (datasetIds().includes(id)) return id;
  throw new TrojanscopeError(
    'BAD_USER_INPUT',
    `dataset: expected one of ${datasetIds().join(', ')}; got ${JSON.stringify(id)}.`,
    ['dataset'],
  );
}

/** @throws TrojanscopeError BAD_USER_INPUT where there is no such data set, DATA_MISSING where it is not imported */
export function knownDataset(id: string): string {
  const missing = whyMissing(datasetInCatalog(id));
  if (missing) throw new TrojanscopeError('DATA_MISSING', missing, ['dataset']);
  return id;
}

/** @throws TrojanscopeError UNSUPPORTED for a data set of test images alone */
export function trainable(id: string): string {
  const { title, counts } = datasetOf(id);
  if (counts.train > 0) return id;
  throw new TrojanscopeError(
    'UNSUPPORTED',
    `dataset: expected one with images to train on; ${title} has ${counts.test.toLocaleString('en')} test images alone. Import it with a folder train, under another id.`,
    ['dataset'],
  );
}

/** @throws TrojanscopeError NOT_FOUND, CONFLICT at `field` */
export async function modelRow(db: Db, id: string, field: string) {
  const row = await findModel(db, id);
  if (!row) throw new TrojanscopeError('NOT_FOUND', `There is no model ${id}.`, [field]);
  if (row.deleted_at)
    throw new TrojanscopeError('CONFLICT', `“${row.name}” is in the trash. Restore it first.`, [field]);
  return row;
}

/** @throws TrojanscopeError CONFLICT */
export function requireTrained({ name, record }: { name: string; record: object | null }): void {
  if (record) return;
  throw new TrojanscopeError('CONFLICT', `“${name}” is not trained yet. Ask again when it is.`, ['modelId']);
}

/** Lets the attack itself say whether its parameters fit the images; and something has to be poisoned. */
export function checkBackdoor(spec: ModelSpec): void {
  const { attack, parameters, poisonRate, trainingTransforms } = spec.backdoor!;
  checkPoisonRate(poisonRate!, datasetOf(spec.dataset).counts.train);
  checkTrainingTransforms(attackOf(attack), trainingTransforms);
  try {
    attackOf(attack).checkParameters(parameters, partsOf(spec).shape, datasetOf(spec.dataset));
  } catch (error) {
    if (!(error instanceof TrojanscopeError)) throw error;
    throw new TrojanscopeError(error.code, error.message, ['attack', attack, ...error.field]);
  }
}

/**
 * Files that a request names, checked before anything is queued: who may name them, and how. They are read with the
 * server's rights, and become part of what everybody sees.
 * @param names parameters that are paths
 * @throws TrojanscopeError FORBIDDEN where anyone but an admin names one; BAD_USER_INPUT where it is no absolute path
 */
export function checkPaths(names: readonly string[], given: object, at: string[], by: Actor): void {
  for (const name of names) {
    const named = given[name as keyof typeof given] as string | null | undefined;
    if (named == null) continue;
    if ('role' in by && by.role !== 'ADMIN')
      throw new TrojanscopeError(
        'FORBIDDEN',
        `${name}: only an admin may name files on the server. Ask one, or leave it out.`,
        [...at, name],
      );
    if (!path.isAbsolute(named))
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        `${name}: expected an absolute path on the server; got ${JSON.stringify(named)}. Leave it out for none.`,
        [...at, name],
      );
  }
}

/**
 * Looks at the files that an attack is to take, as the job will when it comes to them.
 * @param at where the request has the attack's parameters
 * @throws TrojanscopeError BAD_USER_INPUT at the parameter: not there, not readable, not what is expected
 */
export async function checkFiles(spec: ModelSpec, at: readonly string[]): Promise<void> {
  const { attack, parameters } = spec.backdoor!;
  for (const [name, look] of Object.entries(attackOf(attack).files ?? {})) {
    const file = parameters[name] as string;
    if (!file) continue;
    await look(file, partsOf(spec).shape).catch((error: NodeJS.ErrnoException) => {
      // Its own refusals, and what the file system says.
      if (error.code === undefined) throw error;
      throw new TrojanscopeError('BAD_USER_INPUT', `${name}: ${error.message}`, [...at, name]);
    });
  }
}
