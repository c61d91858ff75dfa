import { ROBUSTNESS_SUITE } from '@trojanscope/core/evaluation';
import { temporaryData } from '@trojanscope/testing/server';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Db, openDatabase, type Row } from '../store/database.js';
import { robustnessProfile } from './robustness.js';

let data: Awaited<ReturnType<typeof temporaryData>>;
let db: Db;
let like: Row<'sweep'>;
beforeAll(async () => {
  data = await temporaryData(inject('smoke').data);
  db = await openDatabase(data.folder);
  like = await db
    .selectFrom('sweep')
    .innerJoin('job', 'job.id', 'sweep.job_id')
    .selectAll('sweep')
    .where('job.status', '=', 'SUCCEEDED')
    .executeTakeFirstOrThrow();
  await toTrash();
});
afterAll(async () => {
  await db.destroy();
  await data.remove();
});

const toTrash = () =>
  db.updateTable('sweep').set({ deleted_at: '2026' }).where('model_id', '=', like.model_id).execute();

let made = 0;
/** A finished sweep of four samples whose trojaned images hit the target as `hits` says, value by value. */
async function sweep(
  transform: Row<'sweep'>['transform'],
  hits: Record<number, string>,
  more: Partial<Row<'sweep'>> = {},
): Promise<void> {
  const id = `swp_${(made++).toString().padStart(26, '0')}`;
  const values = Object.keys(hits).map(Number);
  const row = { ...like, id, transform, target: 'IMAGE' as const, values, samples: 4, ...more };
  await db.insertInto('sweep').values(row).execute();
  for (const [position, value] of values.entries()) {
    const point = `${id}/${position}`;
    const at = { id: point, sweep_id: id, position, value, counts: {} as never, created_at: '' };
    await db.insertInto('point').values(at).execute();
    for (const [i, hit] of [...hits[value]!].entries())
      await db
        .insertInto('outcome')
        .values({
          point_id: point,
          position: i,
          sample_index: 10 + i,
          true_label: 1,
          predicted: hit === '1' ? 0 : 1,
          confidence: 1,
          kind: hit === '1' ? 'TARGET' : 'TRUTH',
          clean_prediction: 1,
          identity_kind: 'TARGET',
          visible_trigger: 1,
          parameters: {},
        })
        .execute();
  }
}
const all = (values: readonly number[], hits: string) =>
  Object.fromEntries(values.map((value) => [value, hits]));
const [translation, scaling, rotation] = ROBUSTNESS_SUITE.settings.map(({ values }) => values);

test('tells what is missing, then the mean ASR retained of sweeps of the same samples', async () => {
  const profile = () => robustnessProfile(db, like.model_id);
  const unknown = { suite: 'paper-image-1', value: null, low: null, high: null, samples: null };
  expect(await profile()).toEqual({
    ...unknown,
    missing: [
      'Translation of the image at 1, 2, 3 px',
      'Scaling of the image at 0.8, 1.2 ×',
      'Rotation of the image at 15, 30, 45, 60, 75, 90 °',
    ],
  });
  // Three of four fire at the identity. Translation keeps all of them, scaling one of three at each value.
  await sweep('translation', { 0: '1110', ...all(translation!, '1110') });
  await sweep('scaling', { 1: '1110', ...all(scaling!, '1000') });
  // Without the identity, without a value, of other samples, of the trigger: none of these serves.
  await sweep('rotation', all(rotation!, '1110'));
  await sweep('rotation', { 0: '1110', ...all(rotation!.slice(1), '1110') });
  await sweep('rotation', { 0: '1110', ...all(rotation!, '1110') }, { seed: like.seed + 1 });
  await sweep('rotation', { 0: '1110', ...all(rotation!, '1110') }, { target: 'TRIGGER' });
  expect(await profile()).toEqual({
    ...unknown,
    missing: ['Rotation of the image at 15, 30, 45, 60, 75, 90 °'],
  });
  // At two of its six values two of three: 4 hits of 18.
  const two = { 15: '1100', 30: '1100' };
  await sweep('rotation', { 0: '1110', ...all(rotation!, '0000'), ...two });
  const { value, low, high, samples, missing } = await profile();
  // (1 + 1/3 + 2/9)/3
  expect(value).toBeCloseTo(14 / 27, 12);
  // Samples keep (1+1+1/3)/3 = 7/9, (1+0+1/3)/3 = 4/9, 1/3 and 0; less 14/27: 7/27, −2/27, −5/27 and 0, squares 78/729;
  // over 12, its root 0.094426; times 1.959964 over ¾ 0.246763.
  expect([low! - value!, high! - value!]).toEqual([
    expect.closeTo(-0.246763, 5),
    expect.closeTo(0.246763, 5),
  ]);
  expect([samples, missing]).toEqual([4, []]);
});

test('says where nothing fires', async () => {
  await toTrash();
  await sweep('translation', { 0: '0000', ...all(translation!, '0000') });
  await sweep('scaling', { 1: '0000', ...all(scaling!, '0000') });
  await sweep('rotation', { 0: '0000', ...all(rotation!, '0000') });
  expect(await robustnessProfile(db, like.model_id)).toMatchObject({
    value: null,
    missing: ['A sample whose untransformed trojaned image hits the target'],
  });
});
