import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { readZip } from '../archives/readZip.js';
import { FORMATS, type TableRow } from '../tables/format.js';

let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
let sqlite: Database.Database;
beforeAll(async () => {
  data = await temporaryData(inject('smoke').data);
  server = await startServer({ data: data.folder });
  sqlite = new Database(path.join(data.folder, 'trojanscope.sqlite'), { readonly: true });
});
afterAll(async () => {
  sqlite?.close();
  await server?.stop();
  await data?.remove();
});

async function download(address: string) {
  const response = await fetch(server.url + address);
  return { status: response.status, headers: response.headers, text: await response.text() };
}
const ndjson = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
/** Enough of CSV for what is downloaded here: cells without line breaks. */
const csv = (text: string) =>
  text
    .trimEnd()
    .split('\r\n')
    .map((line) =>
      Array.from(line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g), ([, cell]) => cell!).slice(0, -1),
    );

async function* each(rows: TableRow[]): AsyncGenerator<TableRow> {
  yield* rows;
}
const written = async (format: keyof typeof FORMATS, columns: string[], rows: TableRow[]) => {
  let text = '';
  for await (const piece of FORMATS[format].write(columns, each(rows))) text += piece;
  return text;
};

test('CSV as RFC 4180 has it, and never a formula', async () => {
  const rows = [
    { a: 'x,y', b: 'he said "no"', c: -1.5 },
    { a: '=HYPERLINK("http://x")', b: '+1', c: null },
    { a: 'two\nlines', b: '@SUM(A1)', c: true },
  ];
  expect(await written('csv', ['a', 'b', 'c'], rows)).toBe(
    'a,b,c\r\n"x,y","he said ""no""",-1.5\r\n"\'=HYPERLINK(""http://x"")",\'+1,\r\n"two\nlines",\'@SUM(A1),true\r\n',
  );
  expect(await written('ndjson', ['a'], [{ a: '=1' }, { a: 'two\nlines' }])).toBe(
    '{"a":"=1"}\n{"a":"two\\nlines"}\n',
  );
});

describe('outcomes of a sweep', () => {
  const aSweep = () =>
    sqlite.prepare(`select id, samples, "values" from sweep where target = 'IMAGE'`).get() as {
      id: string;
      samples: number;
      values: string;
    };

  test('every row that is stored, in both formats', async () => {
    const { id, samples, values } = aSweep();
    const { headers, text } = await download(`/downloads/sweeps/${id}/outcomes.ndjson`);
    expect(headers.get('content-type')).toBe('application/x-ndjson');
    expect(headers.get('content-disposition')).toBe(`attachment; filename="outcomes-${id}.ndjson"`);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const rows = ndjson(text);
    expect(rows).toHaveLength(samples * JSON.parse(values).length);
    const counted = sqlite
      .prepare(
        `select value, sum(kind = 'TARGET') as target, sum(confidence) as confidence from outcome
         join point on point.id = point_id where sweep_id = ? group by value order by point.position`,
      )
      .all(id) as { value: number; target: number; confidence: number }[];
    for (const { value, target, confidence } of counted) {
      const own = rows.filter((row) => row.value === value);
      expect(own.filter(({ kind }) => kind === 'TARGET')).toHaveLength(target);
      expect(own.reduce((sum, row) => sum + row.confidence, 0)).toBeCloseTo(confidence, 9);
      expect(own.map(({ position }) => position)).toEqual([...own.keys()]);
    }
    const point = sqlite
      .prepare('select id, value from point where sweep_id = ? and position = 1')
      .get(id) as {
      id: string;
      value: number;
    };
    expect(ndjson((await download(`/downloads/points/${point.id}/outcomes.ndjson`)).text)).toEqual(
      rows.filter(({ value }) => value === point.value),
    );
    const [header, ...lines] = csv((await download(`/downloads/sweeps/${id}/outcomes.csv`)).text);
    expect(header).toEqual(Object.keys(rows[0]));
    expect(lines).toHaveLength(rows.length);
    const kind = header!.indexOf('kind');
    expect(lines.map((line) => line[kind])).toEqual(rows.map((row) => row.kind));
  });

  test.each([
    ['/downloads/sweeps/swp_00000000000000000000000000/outcomes.csv', 404],
    ['/downloads/points/pnt_00000000000000000000000000/outcomes.csv', 404],
    ['/downloads/sweeps/..%2f..%2fetc/outcomes.csv', 404],
    ['/downloads/curves.xlsx', 404],
    ['/downloads/curves.toString', 404],
    ['/downloads/curves.csv?transform=none', 400],
    ['/downloads/curves.csv?modelIds[a]=b', 400],
    ['/downloads/curves.csv?sql=1', 400],
  ])('%s is refused as JSON', async (address, status) => {
    const answer = await download(address);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text).errors[0].extensions.code).toMatch(/NOT_FOUND|BAD_USER_INPUT/);
  });
});

describe('curves', () => {
  test('the points that the API gives', async () => {
    const RATE = '{ value numerator denominator low high }';
    const { robustnessCurves } = await server.query(
      `{ robustnessCurves(filter: {}) { sweep { id } model { name } target points { value asr ${RATE} errorRate ${RATE} pValue } } }`,
    );
    const rows = ndjson((await download('/downloads/curves.ndjson')).text);
    const expected = robustnessCurves.flatMap(
      // biome-ignore lint/suspicious/noExplicitAny: an answer as it comes
      ({ sweep, model, target, points }: any) =>
        // biome-ignore lint/suspicious/noExplicitAny: an answer as it comes
        points.map(({ value, asr, errorRate, pValue }: any) => ({
          sweepId: sweep.id,
          modelName: model.name,
          target,
          value,
          asr: asr.value,
          asrNumerator: asr.numerator,
          asrLow: asr.low,
          errorRate: errorRate?.value ?? null,
          errorRateDenominator: errorRate?.denominator ?? null,
          pValue,
        })),
    );
    expect(rows).toMatchObject(expected);
    const one = rows[0].sweepId;
    const named = ndjson((await download(`/downloads/curves.ndjson?sweepIds=${one}`)).text);
    expect(named).toEqual(rows.filter(({ sweepId }) => sweepId === one));
    expect((await download('/downloads/curves.csv?modelIds=mod_none')).text).toMatch(/^modelId,.*\r\n$/);
  });
});

describe('a model’s bundle', () => {
  test('is an archive of its files, to the byte', async () => {
    const { models } = await server.query(
      '{ models(first: 1, filter: { kind: TROJANED }) { nodes { id provenance { weightsSha256 } } } }',
    );
    const [{ id, provenance }] = models.nodes;
    const response = await fetch(`${server.url}/downloads/models/${id}.zip`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/zip');
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${id}.zip"`);
    const file = path.join(data.folder, 'downloaded.zip');
    await writeFile(file, Buffer.from(await response.arrayBuffer()));
    const archive = await readZip(file, {
      maxEntries: 10,
      maxFileBytes: 1e8,
      maxTotalBytes: 1e8,
    });
    try {
      expect(archive.files.map(({ name }) => name).sort()).toEqual([
        'model.json',
        'trigger.safetensors',
        'weights.safetensors',
      ]);
      const weights = archive.files.find(({ name }) => name === 'weights.safetensors')!;
      expect(
        createHash('sha256')
          .update(await weights.read())
          .digest('hex'),
      ).toBe(provenance.weightsSha256);
    } finally {
      await archive.close();
    }
  });

  test('of a model that is not here is refused', async () => {
    expect((await download('/downloads/models/mod_00000000000000000000000000.zip')).status).toBe(404);
  });
});
