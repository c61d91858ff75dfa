import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { has, root, run } from './python.mjs';

/** The notebooks under examples/, executed against a server that has nothing yet. */

const EXAMPLES = `${root}examples/`;
const names = (await readdir(EXAMPLES)).filter((name) => name.endsWith('.ipynb'));

const withNotebooks = has('nbclient', 'nbformat', 'ipykernel', 'httpx', 'websockets', 'pandas', 'matplotlib');

test.each(names)('%s is listed, and comes without outputs', async (name) => {
  expect(await readFile(`${root}docs/python.md`, 'utf8')).toContain(`(../examples/${name})`);
  const { cells } = JSON.parse(await readFile(EXAMPLES + name, 'utf8'));
  const code = cells.filter((cell) => cell.cell_type === 'code');
  expect(code.length).toBeGreaterThan(3);
  for (const { outputs, execution_count } of code) expect([outputs, execution_count]).toEqual([[], null]);
});

describe.skipIf(!withNotebooks)('executed', () => {
  let data;
  let server;
  let scratch;
  beforeAll(async () => {
    data = await temporaryData();
    scratch = await mkdtemp(join(tmpdir(), 'trojanscope-test-'));
    server = await startServer({ data: data.folder });
  });
  afterAll(async () => {
    await server?.stop();
    await data?.remove();
    await rm(scratch, { recursive: true, force: true });
  });

  /** What a notebook printed and drew. */
  async function execute(name) {
    const env = {
      TROJANSCOPE_URL: server.url,
      TROJANSCOPE_EXAMPLE: 'small',
      TMPDIR: scratch,
      IPYTHONDIR: join(scratch, 'ipython'),
      JUPYTER_RUNTIME_DIR: join(scratch, 'runtime'),
    };
    const outputs = JSON.parse((await run([`${root}python/tests/execute.py`, EXAMPLES + name], env)).stdout);
    const shown = outputs.flatMap(({ data }) => (data ? [data] : []));
    return {
      pictures: shown.filter((data) => data['image/png']).length,
      tables: shown.filter((data) => data['text/html']).map((data) => data['text/plain']),
      text: outputs.map(({ name, text }) => (name === 'stdout' ? text : '')).join(''),
    };
  }

  test('first-curve.ipynb', { timeout: 300_000 }, async () => {
    const { pictures, tables, text } = await execute('first-curve.ipynb');
    expect(pictures).toBe(3);
    expect(tables[0].match(/IMAGE|TRIGGER/g)).toHaveLength(18);
    expect(text).toMatch(/clean accuracy \d+\.\d%, ASR \d+\.\d%/);
  });

  test('trigger-design.ipynb', { timeout: 300_000 }, async () => {
    const { pictures, tables, text } = await execute('trigger-design.ipynb');
    expect(pictures).toBe(2);
    // Four patterns of two sizes; of each two targets at four angles.
    expect(text).toContain('8 models, 64 points, 3840 samples');
    // A quarter turn changes no pixel of a square, a cross or a checkerboard with an odd side.
    const quarter = tables.at(-1).split('\n').slice(2);
    const [letters] = quarter.splice(4, 2);
    expect(letters).toMatch(/^letterF/);
    expect(quarter).toHaveLength(6);
    for (const row of quarter) expect(row).toMatch(/ [57] +[\d.]+ +0\.0+ +1\.0+$/);
  });

  const withTorch = withNotebooks && has('torch');
  test.skipIf(!withTorch)('own-model.ipynb', { timeout: 300_000 }, async () => {
    const { pictures, text } = await execute('own-model.ipynb');
    expect(pictures).toBe(1);
    const [, there] = /^(clean accuracy .*)$/m.exec(text);
    // What was measured there is measured here, of a trigger that was read off its pairs.
    expect(text).toContain(`Stripes with a ring: ${there}, layer`);
    expect(text).toContain('It does here what it did there.');
  });
});
