import { cp } from 'node:fs/promises';
import { temporaryData } from '@trojanscope/testing/server';
import { expect, inject, test } from 'vitest';
import { createFolderBlobs } from '../blobs/folderBlobs.js';
import { openDatabase } from './database.js';
import { keptModel, modelKey } from './models.js';

test('more models asked for at a time than are kept: each is there', async () => {
  const data = await temporaryData(inject('smoke').data);
  const db = await openDatabase(data.folder);
  const blobs = createFolderBlobs(data.folder);
  const { clean_accuracy, asr, ...model } = await db
    .selectFrom('model')
    .selectAll()
    .where('kind', '=', 'BENIGN')
    .executeTakeFirstOrThrow();
  const ids = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `mod_${name}`);
  for (const id of ids) {
    await db
      .insertInto('model')
      .values({ ...model, id })
      .execute();
    const from = await blobs.localPath(modelKey(model.id));
    await blobs.put(modelKey(id), (folder) => cp(from, folder, { recursive: true }));
  }
  const found = await Promise.all(ids.map((id) => keptModel(db, blobs, id)));
  expect(found.map(({ record }) => record.spec)).toEqual(Array(6).fill(model.spec));
  await db.destroy();
  await data.remove();
});
