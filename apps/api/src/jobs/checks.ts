import {
  datasetIds,
  datasetOf,
  isInstalled,
  parseParameters,
  TrojanscopeError,
  trainingParameters,
} from '@trojanscope/core';
import { z } from 'zod';
import type { Db } from '../store/database.js';
import type { Viewer } from '../viewer.js';

/** What is checked of an input before anything starts by it, whatever it starts. */

export const seedSchema = trainingParameters.shape.seed;

export const check = <T extends z.ZodType>(schema: T, value: unknown, field: string) =>
  parseParameters(schema, value, [field]);

/** @throws TrojanscopeError BAD_USER_INPUT where there is no such data set, DATA_MISSING where it is not imported */
export function knownDataset(id: string): string {
  if (!datasetIds().includes(id)) {
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `dataset: expected one of ${datasetIds().join(', ')}; got ${JSON.stringify(id)}.`,
      ['dataset'],
    );
  }
  if (datasetOf(id).resizable && !isInstalled(id)) {
    throw new TrojanscopeError(
      'DATA_MISSING',
      `${datasetOf(id).title} is not imported. Run \`npm run trojanscope -- data fetch ${id}\` (docs/data.md).`,
      ['dataset'],
    );
  }
  return id;
}

/** @throws TrojanscopeError NOT_FOUND, CONFLICT at `field` */
export async function modelRow(db: Db, id: string, field: string) {
  const row = await db.selectFrom('model').selectAll().where('id', '=', id).executeTakeFirst();
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

/**
 * Files are read with the server's rights, and become part of what everybody sees.
 * @param names parameters that are paths
 * @throws TrojanscopeError FORBIDDEN for whoever is no admin and names one
 */
export function checkFiles(names: string[], given: object, path: string[], { role }: Viewer): void {
  const named = names.find((name) => given[name as keyof typeof given]);
  if (role === 'ADMIN' || !named) return;
  throw new TrojanscopeError(
    'FORBIDDEN',
    `${named}: only an admin may name files on the server. Ask one, or leave it out.`,
    [...path, named],
  );
}
