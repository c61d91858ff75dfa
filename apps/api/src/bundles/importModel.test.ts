import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModel, readSafetensors, writeSafetensors } from '@trojanscope/core';
import { temporaryFolder } from '@trojanscope/testing/folder';
import { untilJob } from '@trojanscope/testing/live';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createFolderBlobs } from '../blobs/folderBlobs.js';
import { type Db, openDatabase } from '../store/database.js';
import { type ImportTask, importModel } from './importModel.js';

/** Models of the smoke study go into archives, and from there into an empty data folder, as somebody else's would. */

const smokeData = inject('smoke').data;
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (name: string) => path.join(temporary.folder, name);
/** The command line in a process of its own. */
const cli = (data: string, ...args: string[]) =>
  new Promise<{ code: number; out: string; error: string }>((resolve) => {
    const done = (failure: Error | null, out: string, error: string) =>
      resolve({ code: failure ? Number((failure as { code?: number }).code) : 0, out, error });
    execFile(process.execPath, [CLI, 'model', ...args, '--data', data], done);
  });
const modelsIn = async (data: string) => JSON.parse((await cli(data, 'list', '--json')).out) as Listed[];
interface Listed {
  id: string;
  name: string;
  kind: string;
  status: string;
  benignId: string | null;
  clean: object;
  asr: object | null;
  weightsSha256: string;
  imported: { from: string; measured: boolean } | null;
}
const folderOf = (data: string, id: string) => path.join(data, 'models', id);

let benign: Listed;
let trojaned: Listed;
beforeAll(async () => {
  temporary = await temporaryFolder();
  const data = at('smoke');
  await cp(smokeData, data, { recursive: true });
  const models = await modelsIn(data);
  benign = models.find(({ kind }) => kind === 'BENIGN')!;
  trojaned = models.find(({ kind }) => kind === 'TROJANED')!;
  for (const [{ id }, to] of [
    [benign, 'benign.zip'],
    [trojaned, 'trojaned.zip'],
  ] as const) {
    expect(await cli(data, 'export', id, '--to', at(to))).toMatchObject({
      code: 0,
      out: expect.stringMatching(new RegExp(`${id} is in .*${to}, 0\\.\\d MB`)),
    });
  }
});
afterAll(() => temporary.remove());

/** Everything in a data folder that an import could have left. */
async function traces(data: string) {
  const db = await openDatabase(data);
  const count = async (table: 'model' | 'job') => (await db.selectFrom(table).select('id').execute()).length;
  const found = { models: await count('model'), jobs: await count('job') };
  await db.destroy();
  return { ...found, folders: await readdir(path.join(data, 'models')).catch(() => []) };
}

test('an archive is imported: the same model, its benign one found by its weights, ready to be swept', async () => {
  const data = at('fresh');
  const early = await cli(at('alone'), 'import', at('trojaned.zip'));
  expect(early).toMatchObject({
    code: 0,
    out: expect.stringMatching(
      /ASR \d+\.\d\d %, compared with no benign model, imported from trojaned\.zip\n$/,
    ),
  });
  expect(early.error).toContain(
    `own has weights ${benign.weightsSha256.slice(0, 12)}…, which are not here. `,
  );
  expect(early.error).toMatch(/import or train a benign lenet of shapes, then import this again and name it/);
  expect(await modelsIn(at('alone'))).toMatchObject([{ kind: 'TROJANED', benignId: null }]);

  const first = await cli(data, 'import', at('benign.zip'));
  expect(first).toMatchObject({
    code: 0,
    out: expect.stringMatching(/Benign LeNet on Shapes: succeeded, clean/),
  });
  const second = await cli(data, 'import', at('trojaned.zip'), '--name', 'Theirs');
  expect(second.out).toMatch(/^mod_\w{26} {2}Theirs: succeeded, .* imported from trojaned\.zip\n$/);

  const [ours, theirs] = await modelsIn(data);
  expect(ours).toMatchObject({ kind: 'BENIGN', benignId: null, clean: benign.clean });
  expect(theirs).toMatchObject({
    kind: 'TROJANED',
    benignId: ours!.id,
    clean: trojaned.clean,
    asr: trojaned.asr,
    weightsSha256: trojaned.weightsSha256,
    imported: { from: 'trojaned.zip', measured: false },
  });
  const [before, after] = await Promise.all([
    loadModel(folderOf(at('smoke'), trojaned.id)),
    loadModel(folderOf(data, theirs!.id)),
  ]);
  expect(after.weights).toEqual(before.weights);
  expect(after.trigger).toEqual(before.trigger);
  const { imported, ...record } = after.record as typeof after.record & { imported: object };
  expect(record).toEqual(before.record);

  // The page shows it, and a sweep of it counts what the same sweep counted where it was trained.
  const server = await startServer({ data });
  try {
    const picture = '{ url width height }';
    const { model } = await server.query(
      `query ($id: ID!) { model: node(id: $id) { ... on Model {
        name kind status benign { id } cleanAccuracy { numerator denominator } asr { numerator denominator }
        poison { planned effective } trigger { picture ${picture} onSample ${picture} box { top left height width } }
        provenance { seed version weightsSha256 baseSha256 } training { recipe history { step } }
        job { title status error { message } progress { stage } }
      } } }`,
      { id: theirs!.id },
    );
    expect(model).toMatchObject({
      name: 'Theirs',
      kind: 'TROJANED',
      status: 'SUCCEEDED',
      benign: { id: ours!.id },
      provenance: { weightsSha256: trojaned.weightsSha256, baseSha256: benign.weightsSha256 },
      job: { title: 'Import BadNets LeNet on Shapes from trojaned.zip', status: 'SUCCEEDED', error: null },
    });
    expect(model.poison).toEqual(before.record.poison && { ...before.record.poison });
    for (const { url } of [model.trigger.picture, model.trigger.onSample]) {
      expect((await fetch(`${server.url}${url}`)).headers.get('content-type')).toBe('image/png');
    }
    const sweepOf = async (on: typeof server, modelId: string) => {
      const input = {
        modelId,
        transform: 'rotation',
        target: 'IMAGE',
        values: [0, 45],
        samples: 100,
        seed: 7,
      };
      const { sweep } = await on.mutate('runSweep', 'RunSweepInput', input, 'sweep { id job { id } }');
      expect(await untilJob(on, sweep.job.id)).toMatchObject({ status: 'SUCCEEDED' });
      const points = 'points { value targetCount truthCount otherCount benignAccuracy { numerator } }';
      const query = `query ($id: ID!) { node(id: $id) { ... on Sweep { curve { ${points} } } } }`;
      return (await on.query(query, { id: sweep.id })).node.curve.points;
    };
    const there = await startServer({ data: at('smoke') });
    const expected = await sweepOf(there, trojaned.id).finally(there.stop);
    expect(await sweepOf(server, theirs!.id)).toEqual(expected);
  } finally {
    await server.stop();
  }
}, 180_000);

describe('into a data folder with the smoke study', () => {
  let data: Awaited<ReturnType<typeof temporaryData>>;
  let db: Db;
  beforeAll(async () => {
    data = await temporaryData(smokeData);
    db = await openDatabase(data.folder);
  });
  afterAll(async () => {
    await db.destroy();
    await data.remove();
  });
  const take = (from: string, options: Partial<ImportTask> = {}) =>
    importModel({ db, blobs: createFolderBlobs(data.folder), from, ...options });
  const row = (id: string) =>
    db.selectFrom('model').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  /** A copy of the trojaned bundle as a folder, its record changed. */
  async function bundle(name: string, change: (record: Record<string, unknown>) => void) {
    const folder = at(name);
    await cp(folderOf(at('smoke'), trojaned.id), folder, { recursive: true });
    const file = path.join(folder, 'model.json');
    const record = JSON.parse(await readFile(file, 'utf8'));
    change(record);
    await writeFile(file, JSON.stringify(record));
    return folder;
  }

  test('what the record does not say is measured, and comes out as it did where the model was trained', async () => {
    const folder = await bundle('unmeasured', (record) => {
      delete record.clean;
      delete record.asr;
    });
    const seen: number[] = [];
    const { record, benign_id } = await row(await take(folder, { onProgress: (done) => seen.push(done) }));
    expect(record).toMatchObject({
      clean: trojaned.clean,
      asr: trojaned.asr,
      imported: { from: 'unmeasured', measured: true },
    });
    expect(benign_id).toBe(benign.id);
    expect(seen.at(-1)).toBe(875);
  });

  test('what the record says is measured if that is asked for', async () => {
    const folder = await bundle('boasting', (record) => {
      record.asr = { hits: 375, total: 375 };
      record.clean = { hits: 500, total: 500 };
    });
    const { record } = await row(await take(folder, { measure: true }));
    expect(record).toMatchObject({ clean: trojaned.clean, asr: trojaned.asr });
  });

  test('one trained on from a trojaned model is compared with that one’s benign model', async () => {
    const folder = await bundle('trained-on', (record) => {
      const { format, clean, asr, ...base } = record;
      record.base = { spec: base.spec, weightsSha256: base.weightsSha256 };
    });
    expect((await row(await take(folder))).benign_id).toBe(benign.id);
  });

  test('one without a known base is compared with none, names those that would do, and takes one of them', async () => {
    const folder = await bundle('orphan', (record) => {
      delete record.base;
    });
    const before = await traces(data.folder);
    const advice = `and name one (--benign ID, in the API benignModelId): ${benign.id} “${benign.name}”`;
    await expect(take(folder, { benignId: trojaned.id })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: `Expected the id of a trained benign lenet of shapes, got ${trojaned.id}.`,
    });
    await expect(take(at('benign.zip'), { benignId: benign.id })).rejects.toThrow(/compared with no other/);
    await expect(take(folder, { benignId: benign.id, name: ' ' })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    expect(await traces(data.folder)).toEqual(before);
    expect((await row(await take(folder, { benignId: benign.id }))).benign_id).toBe(benign.id);
    const notes: string[] = [];
    const alone = await take(folder, { onNote: (note) => notes.push(note) });
    expect((await row(alone)).benign_id).toBeNull();
    expect(notes).toEqual([
      `Compared with no benign model: the archive names none. For one beside it, import this again ${advice}.`,
    ]);
  });

  test('one that is stopped, or damaged, or cannot be kept, leaves nothing', async () => {
    const before = await traces(data.folder);
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    const stopped = take(at('trojaned.zip'), { measure: true, onProgress, signal: stop.signal });
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
    const unmeasured = take(at('trojaned.zip'), { signal: AbortSignal.abort() });
    await expect(unmeasured).rejects.toMatchObject({ code: 'ABORTED' });
    const whole = await readFile(at('trojaned.zip'));
    await writeFile(at('half.zip'), whole.subarray(0, whole.length / 2));
    await expect(take(at('half.zip'))).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
    // Its pictures cannot be kept, after its weights were.
    const broken = await openDatabase(at('smoke'));
    await broken.schema.dropTable('artifact').execute();
    const unkept = importModel({
      db: broken,
      blobs: createFolderBlobs(data.folder),
      from: at('trojaned.zip'),
    });
    await expect(unkept).rejects.toThrow(/artifact/);
    await broken.destroy();
    expect(await traces(data.folder)).toEqual(before);
  });
});

test('outputs in another order: the import says so, the log, the list and the API too; the option mends it', async () => {
  const data = at('doubted');
  // By code point it is cross, disc, frame, square: for each output our label.
  const folder = at('bycodepoint');
  await cp(folderOf(at('smoke'), benign.id), folder, { recursive: true });
  const weights = await readSafetensors(path.join(folder, 'weights.safetensors'));
  for (const name of ['dense3/kernel', 'dense3/bias']) {
    const { shape, values } = weights[name]!;
    const moved = values.map((_, i) => values[i - (i % 4) + [2, 1, 3, 0][i % 4]!]!);
    weights[name] = { shape, values: moved };
  }
  await writeSafetensors(path.join(folder, 'weights.safetensors'), weights);
  const { classNames, ...record } = JSON.parse(await readFile(path.join(folder, 'model.json'), 'utf8'));
  const content = await readFile(path.join(folder, 'weights.safetensors'));
  const weightsSha256 = createHash('sha256').update(content).digest('hex');
  await writeFile(path.join(folder, 'model.json'), JSON.stringify({ ...record, weightsSha256 }));

  const { code, out, error } = await cli(data, 'import', folder);
  expect(code).toBe(0);
  expect(out).toMatch(/, doubtful: its page tells why\n$/);
  expect(error).toMatch(
    /^Clean accuracy on a sample of the test images is [\d.]+ % .*, where the record says /m,
  );
  expect(error).toMatch(/^With class order by code point .* import it again with --class-order codepoint /m);
  const [doubted] = await modelsIn(data);
  const warnings = error.trim().split('\n').slice(-2);
  expect(doubted!.imported).toMatchObject({ warnings });
  const server = await startServer({ data });
  try {
    const query = 'query ($id: ID!) { node(id: $id) { ... on Model { warnings job { log { text } } } } }';
    const { node } = await server.query(query, { id: doubted!.id });
    expect(node.warnings).toEqual(warnings);
    expect(node.job.log.map(({ text }: { text: string }) => text)).toEqual(['queued', ...warnings]);
  } finally {
    await server.stop();
  }

  const mended = await cli(data, 'import', folder, '--class-order', 'codepoint', '--measure');
  expect(mended.out).not.toContain('doubtful');
  expect((await modelsIn(data))[1]).toMatchObject({
    clean: benign.clean,
    imported: { rearranged: ['outputs'], weightsSha256 },
  });
  const refused = await Promise.all([
    cli(data, 'import', folder, '--channels', 'bgr'),
    cli(data, 'import', folder, '--mean', '0.5'),
    cli(data, 'import', folder, '--mean', '0.5,0.5,0.5', '--std', '0.5'),
  ]);
  expect(refused.map(({ code, error }) => `${code} ${error}`)).toEqual([
    '1 channels: Shapes is grey; expected none or rgb.\n',
    '1 std: expected it beside the other of mean and std.\n',
    '1 mean: expected one number for images of 1 channels; got 3.\n',
  ]);
}, 180_000);

test('the command line refuses in one line', async () => {
  const data = at('smoke');
  const lines = await Promise.all([
    cli(at('nowhere'), 'list'),
    cli(data, 'export', 'mod_nothing', '--to', at('x.zip')),
    cli(data, 'export', benign.id, '--to', at('benign.zip')),
    cli(data, 'import', at('nothing.zip')),
  ]);
  expect(lines.map(({ code, out, error }) => `${code} ${out}${error}`)).toEqual([
    `0 There are no models in ${at('nowhere')}.\n`,
    '1 There is no model mod_nothing.\n',
    `1 ${at('benign.zip')} is there already. Add --replace to write it anew.\n`,
    `1 ${at('nothing.zip')} cannot be read (ENOENT).\n`,
  ]);
  expect(await readdir(temporary.folder)).not.toContain('nowhere');
});
