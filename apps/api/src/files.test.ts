import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Box } from '@trojanscope/core';
import { startShared } from '@trojanscope/testing/sharedServer';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Files that a request names are looked at when it is made, before anything is trained for them. */

let shared: Awaited<ReturnType<typeof startShared>>;
let admin: Record<string, string>;
beforeAll(async () => {
  shared = await startShared();
  const issued = await shared.issue(await shared.add('admin', 'ADMIN'), 'TOKEN');
  admin = issued.headers as Record<string, string>;
});
afterAll(() => shared?.stop());

const at = (name: string) => path.join(shared.data.folder, name);
const implant = (attack: object) =>
  shared.mutate(
    'implantBackdoor',
    { dataset: 'shapes', architecture: 'lenet', attack },
    'model { id job { id } }',
    admin,
  );
const jobs = async () => (await shared.db.selectFrom('job').select('id').execute()).length;

const PARAMETERS = [
  ['badnets', 'pictureFile'],
  ['blend', 'pictureFile'],
  ['refool', 'pictureFile'],
  ['dfst', 'styleFolder'],
  ['dfst', 'generatorFile'],
] as const;

describe.each(PARAMETERS)('%s: %s', (attack, parameter) => {
  test.each([
    ['that is not there', '/nowhere/kitty.png', /There is no (file|folder) \/nowhere\/kitty\.png\./],
    ['that is empty', '', /absolute path on the server; got ""/],
    ['that is relative', 'kitty.png', /absolute path on the server; got "kitty\.png"/],
  ])('a path %s is refused, and nothing is queued', async (_, file, says) => {
    const style = parameter === 'styleFolder' ? { style: 'cezanne' } : {};
    const { model, errors } = await implant({ [attack]: { ...style, [parameter]: file } });
    expect(model).toBeNull();
    expect(errors).toEqual([
      {
        code: 'BAD_USER_INPUT',
        message: expect.stringMatching(says),
        field: ['attack', attack, parameter],
      },
    ]);
    expect(await jobs()).toBe(0);
  });
});

test.each(['styleFolder', 'generatorFile', 'pictureFile'])('a study’s %s', async (option) => {
  const run = async (preset: string, file: string) =>
    (await shared.mutate('runStudy', { preset, [option]: file }, 'study { id }', admin)).errors;
  expect(await run('paper', '/nowhere/kitty.png')).toMatchObject([
    { code: 'BAD_USER_INPUT', field: [option], message: expect.stringMatching(/There is no/) },
  ]);
  expect(await run('paper', '')).toMatchObject([{ code: 'BAD_USER_INPUT', field: [option] }]);
  expect(await run('smoke', at(''))).toMatchObject([{ code: 'UNSUPPORTED', field: [option] }]);
});

test('what is well is queued; a retry looks again, as long as the trigger is not made', async () => {
  const picture = at('picture.png');
  const canvas = { width: 40, height: 30, channels: 3 as const, background: '#c63' };
  await sharp({ create: canvas }).png().toFile(picture);
  const { model, errors } = await implant({ blend: { pictureFile: picture } });
  expect(errors).toEqual([]);
  const jobId = model.job.id;
  const change = async (mutation: string) =>
    (await shared.mutate(mutation, { jobId }, 'job { status }', admin)).errors;
  expect(await change('cancelJob')).toEqual([]);
  await writeFile(picture, 'no picture any more');
  expect(await change('retryJob')).toMatchObject([
    { code: 'BAD_USER_INPUT', field: ['pictureFile'], message: expect.stringMatching(/Expected a picture/) },
  ]);
  const made = (trigger_box: Box | null) =>
    shared.db.updateTable('model').set({ trigger_box }).where('id', '=', model.id).execute();
  await made({ top: 0, left: 0, height: 1, width: 1 });
  expect(await change('retryJob')).toEqual([]);
  expect(await change('cancelJob')).toEqual([]);
  await made(null);
  await rm(picture);
  expect(await change('retryJob')).toMatchObject([{ message: expect.stringMatching(/There is no file/) }]);
});
