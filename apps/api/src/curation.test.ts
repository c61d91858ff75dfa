import path from 'node:path';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';

/** Names, notes, tags, lock and trash, and the lists that are filtered and ordered by them. */

let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
let benign: string;
let trojaned: string;
let sweep: string;
const { studyId } = inject('smoke');

const ITEMS = 'items { __typename id notes tags locked deletedAt }';
interface Item {
  id: string;
  notes: string;
  tags: string[];
  locked: boolean;
  deletedAt: string | null;
}
interface Answer {
  items: Item[] | null;
  errors: { code: string; message: string; field: string[] }[];
}
const run = (name: string, input: object): Promise<Answer> =>
  server.mutate(name, `${name[0]!.toUpperCase()}${name.slice(1)}Input`, input, ITEMS);
const done = async (name: string, input: object): Promise<Item[]> => {
  const { items, errors } = await run(name, input);
  expect(errors).toEqual([]);
  return items!;
};
const refused = async (name: string, input: object, code: string, says: RegExp, field?: string[]) => {
  const { items, errors } = await run(name, input);
  expect(items).toBeNull();
  expect(errors[0]).toMatchObject({ code, message: expect.stringMatching(says), ...(field && { field }) });
};
const modelIds = async (rest = ''): Promise<string[]> => {
  const { models } = await server.query(`{ models(first: 100 ${rest}) { nodes { id } totalCount } }`);
  expect(models.totalCount).toBe(models.nodes.length);
  return models.nodes.map(({ id }: { id: string }) => id);
};

beforeAll(async () => {
  data = await temporaryData(inject('smoke').data);
  server = await startServer({ data: data.folder });
  const { models, sweeps } = await server.query(
    '{ models(first: 10) { nodes { id kind } } sweeps(first: 1) { nodes { id } } }',
  );
  const find = (kind: string) => models.nodes.find((model: { kind: string }) => model.kind === kind).id;
  [benign, trojaned, sweep] = [find('BENIGN'), find('TROJANED'), sweeps.nodes[0].id];
});
afterAll(async () => {
  await server?.stop();
  await data?.remove();
});
beforeEach(async () => {
  const ids = [benign, trojaned, sweep, studyId];
  await done('restoreItems', { ids });
  await done('setLock', { ids, locked: false });
  await done('annotate', { ids, notes: '', removeTags: ['a', 'b', 'keep'] });
});

describe('notes, tags and names', () => {
  test('one note on many things; tags come and go one by one', async () => {
    const ids = [trojaned, sweep, studyId];
    const first = await done('annotate', { ids, notes: '# Fails\n> 3 px', addTags: ['b', 'a', 'b'] });
    expect(first.map(({ id }) => id)).toEqual(ids);
    for (const item of first) expect(item).toMatchObject({ notes: '# Fails\n> 3 px', tags: ['a', 'b'] });
    const second = await done('annotate', { ids: [trojaned], addTags: ['keep'], removeTags: ['a'] });
    expect(second[0]).toMatchObject({ notes: '# Fails\n> 3 px', tags: ['b', 'keep'] });
  });

  test('a name for one model or study, kept over a restart', async () => {
    await done('annotate', { ids: [trojaned], name: '  Ours  ' });
    await done('annotate', { ids: [studyId], name: 'First look' });
    await server.stop();
    server = await startServer({ data: data.folder });
    const { node, study } = await server.query(
      'query ($id: ID!, $study: ID!) { node(id: $id) { ... on Model { name } } study: node(id: $study) { ... on Study { name } } }',
      { id: trojaned, study: studyId },
    );
    expect([node.name, study.name]).toEqual(['Ours', 'First look']);
  });

  test('what does not fit is refused, for all at once', async () => {
    const missing = `mod_${'0'.repeat(26)}`;
    await refused('annotate', { ids: [trojaned, missing], notes: 'x' }, 'NOT_FOUND', /mod_0/, ['ids', '1']);
    const { node } = await server.query(`query ($id: ID!) { node(id: $id) { ... on Model { notes } } }`, {
      id: trojaned,
    });
    expect(node.notes).toBe('');
    await refused('annotate', { ids: [] }, 'BAD_USER_INPUT', /ids/, ['ids']);
    await refused('annotate', { ids: ['job_1'], notes: 'x' }, 'NOT_FOUND', /job_1/);
    await refused('annotate', { ids: [sweep], name: 'x' }, 'BAD_USER_INPUT', /one model or one study/, [
      'name',
    ]);
    await refused('annotate', { ids: [benign, trojaned], name: 'x' }, 'BAD_USER_INPUT', /one model/);
    await refused('annotate', { ids: [benign], name: ' ' }, 'BAD_USER_INPUT', /name/, ['name']);
    await refused('annotate', { ids: [benign], addTags: ['a\nb'] }, 'BAD_USER_INPUT', /control/, [
      'addTags',
      '0',
    ]);
    await refused('annotate', { ids: [benign], notes: 'x'.repeat(20_001) }, 'BAD_USER_INPUT', /20/, [
      'notes',
    ]);
    const many = Array.from({ length: 30 }, (_, i) => `t${i}`);
    await done('annotate', { ids: [benign], addTags: many });
    const more = Array.from({ length: 30 }, (_, i) => `u${i}`);
    await refused('annotate', { ids: [benign], addTags: more }, 'BAD_USER_INPUT', /at most 50 tags/);
    await done('annotate', { ids: [benign], removeTags: many });
  });
});

describe('lock and trash', () => {
  test('what is deleted leaves lists and curves, is found by its id, and comes back whole', async () => {
    const curves = '{ robustnessCurves(filter: {}) { sweep { id } } }';
    const before = await server.query(curves);
    expect(before.robustnessCurves.length).toBeGreaterThan(1);
    const [item] = await done('deleteItems', { ids: [trojaned] });
    expect(Date.parse(item!.deletedAt!)).toBeGreaterThan(Date.now() - 60_000);
    expect(await modelIds()).toEqual([benign]);
    expect(await modelIds('filter: { deleted: true }')).toEqual([trojaned]);
    expect((await server.query(curves)).robustnessCurves).toEqual([]);
    const { node } = await server.query(
      'query ($id: ID!) { node(id: $id) { ... on Model { deletedAt curves { sweep { id } } } } }',
      { id: trojaned },
    );
    expect(node.curves.length).toBe(before.robustnessCurves.length);
    const sweepInput = { modelId: trojaned, transform: 'translation', target: 'TRIGGER', samples: 1 };
    const { errors } = await server.mutate('runSweep', 'RunSweepInput', sweepInput, 'sweep { id }');
    expect(errors[0]).toMatchObject({ code: 'CONFLICT', message: expect.stringMatching(/in the trash/) });
    await done('restoreItems', { ids: [trojaned] });
    expect(await server.query(curves)).toEqual(before);
  });

  test('a sweep alone', async () => {
    const count = async () => (await server.query('{ sweeps(first: 1) { totalCount } }')).sweeps.totalCount;
    const before = await count();
    await done('deleteItems', { ids: [sweep] });
    expect(await count()).toBe(before - 1);
    const { robustnessCurves } = await server.query('{ robustnessCurves(filter: {}) { sweep { id } } }');
    expect(robustnessCurves.map((curve: { sweep: Item }) => curve.sweep.id)).not.toContain(sweep);
  });

  test('what is locked stays, and everything else that was to go with it', async () => {
    await done('setLock', { ids: [trojaned], locked: true });
    await refused('deleteItems', { ids: [benign, trojaned] }, 'CONFLICT', /locked/, ['ids', '1']);
    expect((await modelIds()).sort()).toEqual([benign, trojaned].sort());
    await done('setLock', { ids: [trojaned], locked: false });
    await done('deleteItems', { ids: [trojaned] });
  });

  test('what has work to be done stays', async () => {
    const input = { dataset: 'shapes', architecture: 'lenet', recipe: { epochs: 200 } };
    const { model } = await server.mutate('trainModel', 'TrainModelInput', input, 'model { id job { id } }');
    await refused('deleteItems', { ids: [model.id] }, 'CONFLICT', /Cancel that first/, ['ids', '0']);
    await server.mutate('cancelJob', 'CancelJobInput', { jobId: model.job.id }, 'job { id }');
    await done('deleteItems', { ids: [model.id] });
  });
});

describe('lists', () => {
  /** Rows as they are stored, beside the models of the study: 60 with accuracies in steps, every third without. */
  const made = (i: number) => `mod_${String(i).padStart(26, '0')}`;
  const accuracy = (i: number) => (i % 3 === 2 ? null : (i % 5) / 10);
  beforeAll(() => {
    const sqlite = new Database(path.join(data.folder, 'trojanscope.sqlite'));
    const { job_id, spec } = sqlite.prepare('select job_id, spec from model limit 1').get() as Record<
      string,
      string
    >;
    const insert = sqlite.prepare(
      `insert into model (id, name, kind, dataset, spec, job_id, record, created_at, tags)
       values (?, ?, 'BENIGN', 'shapes', ?, ?, ?, '2026-01-01T00:00:00Z', ?)`,
    );
    for (let i = 0; i < 60; i++) {
      const value = accuracy(i);
      const record = value === null ? null : JSON.stringify({ clean: { hits: value * 10, total: 10 } });
      insert.run(
        made(i),
        `${i % 2 ? 'B' : 'b'}${i % 7}`,
        spec,
        job_id,
        record,
        i % 4 ? '["x"]' : '["x","y"]',
      );
    }
    sqlite.close();
  });

  async function pages(order: string, rest: string, then = ''): Promise<string[]> {
    const ids: string[] = [];
    let after = '';
    for (;;) {
      const { models } = await server.query(
        `{ models(first: 7 ${after} orderBy: ${order} ${then} filter: { tags: ["x"] ${rest} }) { nodes { id } totalCount pageInfo { hasNextPage endCursor } } }`,
      );
      ids.push(...models.nodes.map(({ id }: Item) => id));
      if (!models.pageInfo.hasNextPage) {
        expect(ids.length).toBe(models.totalCount);
        return ids;
      }
      after = `after: ${JSON.stringify(models.pageInfo.endCursor)}`;
    }
  }

  test.each(['ASC', 'DESC'])('by accuracy %s, page by page; what has none comes last', async (direction) => {
    const way = direction === 'ASC' ? 1 : -1;
    const expected = Array.from({ length: 60 }, (_, i) => i).sort((a, b) => {
      const [x, y] = [accuracy(a), accuracy(b)];
      if (x === null || y === null) return x === y ? way * (a - b) : x === null ? 1 : -1;
      return way * (x - y || a - b);
    });
    const ids = await pages(`{ field: CLEAN_ACCURACY, direction: ${direction} }`, '');
    expect(ids).toEqual(expected.map(made));
  });

  test('by name without regard to capitals, backwards as forwards', async () => {
    const names = (i: number) => `b${i % 7}`;
    const expected = Array.from({ length: 60 }, (_, i) => i).sort(
      (a, b) => names(a).localeCompare(names(b)) || a - b,
    );
    expect(await pages('{ field: NAME, direction: ASC }', '')).toEqual(expected.map(made));
    const { models } = await server.query(
      '{ models(last: 5 orderBy: { field: NAME, direction: ASC }, filter: { tags: ["x"] }) { nodes { id } } }',
    );
    expect(models.nodes.map(({ id }: Item) => id)).toEqual(expected.slice(-5).map(made));
  });

  test('by several things, each its own way, over page borders within equal ones', async () => {
    const shown = Array.from({ length: 60 }, (_, i) => i).filter((i) => accuracy(i) !== null);
    const expected = shown.sort(
      (a, b) => accuracy(b)! - accuracy(a)! || `b${a % 7}`.localeCompare(`b${b % 7}`) || b - a,
    );
    const ids = await pages(
      '{ field: CLEAN_ACCURACY, direction: DESC }',
      '',
      'thenBy: [{ field: NAME, direction: ASC }, { field: CREATED_AT, direction: DESC }]',
    );
    expect(ids.slice(0, expected.length)).toEqual(expected.map(made));
  });

  test('further orders need a first one, and there are few', async () => {
    const refused = async (orders: string) =>
      (await server.post({ query: `{ models(first: 1 ${orders}) { nodes { id } } }` })).body.errors[0];
    const name = '{ field: NAME }';
    for (const orders of [
      `thenBy: [${name}]`,
      `orderBy: ${name} thenBy: [${name}, ${name}, ${name}, ${name}]`,
    ])
      expect((await refused(orders)).extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: ['thenBy'] });
  });

  test('the tags that there are', async () => {
    await done('annotate', { ids: [sweep], addTags: ['keep'] });
    expect((await server.query('{ tags }')).tags).toEqual(['keep', 'x', 'y']);
  });

  test('filters', async () => {
    expect(await modelIds('filter: { tags: ["x", "y"] }')).toHaveLength(15);
    expect(await modelIds('filter: { search: "B3" }')).toHaveLength(9);
    expect(await modelIds('filter: { tags: ["x"], search: "%" }')).toEqual([]);
    expect((await modelIds(`filter: { studyId: "${studyId}", kind: TROJANED }`)).sort()).toEqual([trojaned]);
    expect(await modelIds('filter: { status: [FAILED] }')).toEqual([]);
    expect(await modelIds('filter: { architecture: resnet34 }')).toEqual([]);
    const jobs = await server.query(
      `{ jobs(first: 100, filter: { kind: ["sweep"], modelId: "${trojaned}", studyId: "${studyId}" }) { nodes { kind } totalCount } sweeps(first: 1, filter: { studyId: "${studyId}" }) { totalCount } }`,
    );
    expect(jobs.jobs.totalCount).toBe(jobs.sweeps.totalCount);
  });

  test('a cursor of another order is refused', async () => {
    const { models } = await server.query('{ models(first: 1) { pageInfo { endCursor } } }');
    const bad = (cursor: string) =>
      server.post({
        query: `{ models(first: 1 after: ${JSON.stringify(cursor)} orderBy: { field: ASR }) { nodes { id } } }`,
      });
    for (const cursor of [models.pageInfo.endCursor, Buffer.from('["a","b"]').toString('base64url'), '%%'])
      expect((await bad(cursor)).body.errors[0].extensions.code).toBe('BAD_USER_INPUT');
  });
});
