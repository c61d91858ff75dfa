import { readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { readSafetensors } from '@trojanscope/core';
import { lenetAsOnnx } from '@trojanscope/core/testing/imports';
import { png } from '@trojanscope/testing/images';
import { hasEnded, untilJob } from '@trojanscope/testing/live';
import { startShared } from '@trojanscope/testing/sharedServer';
import { zipOf } from '@trojanscope/testing/zip';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { download, expectCount, expectDrawn, expectLight, expectReadable } from './browser';
import { type Server, useSession } from './session';

/** Pages of a team's day: what runs and why not, data sets, models that come and go, views under names. */

const session = useSession({ copyOf: inject('smoke').data });
let server: Server;
let page: Page;
let trojaned: { id: string; name: string };
let failed: { id: string };

beforeAll(async () => {
  ({ server } = session);
  page = await session.open();
  const { models } = await server.query(
    '{ models(first: 1, filter: { kind: TROJANED }) { nodes { id name } } }',
  );
  trojaned = models.nodes[0];
});

const region = (name: string | RegExp) => page.getByRole('region', { name });
const heading = (name: string | RegExp) => page.getByRole('heading', { name, level: 1 });
const tableOf = (name: string) => page.getByRole('table', { name });
const sweep = (transform: string) =>
  server.mutate(
    'runSweep',
    'RunSweepInput',
    { modelId: trojaned.id, transform, target: 'IMAGE', values: [1], samples: 20 },
    'sweep { id job { id } }',
  );
/** What a panel’s dialog gives as a file. */
async function downloaded(panel: string, format: string): Promise<string> {
  await page.getByRole('button', { name: `Query and downloads: ${panel}`, exact: true }).click();
  const file = await download(page, format);
  await page.keyboard.press('Escape');
  return file.toString();
}

describe('the overview', () => {
  test('says what runs and waits, then what finished, then what failed and why', async () => {
    const folder = path.join(session.folder, 'models', trojaned.id);
    await rename(folder, `${folder}.away`);
    ({ job: failed } = (await sweep('brightness')).sweep);
    await page.goto(server.url);
    const why = tableOf('Jobs that failed').getByRole('row', { name: /Brightness of the image/ });
    await why.getByText('There is no model in').waitFor();
    await rename(`${folder}.away`, folder);

    // One at a time: the second waits, and both are seen at once.
    const train = { dataset: 'shapes', architecture: 'lenet', seed: 5 };
    for (const seed of [5, 6])
      await server.mutate('trainModel', 'TrainModelInput', { ...train, seed }, 'model { id }');
    const work = tableOf('Jobs that run or wait');
    await work
      .getByRole('row', { name: /running/ })
      .first()
      .waitFor();
    await work.getByText('place 1 in the queue').waitFor();
    await page.getByRole('img', { name: /^Loss over epochs/ }).waitFor();
    const { queue } = await server.query('{ queue { id } }');
    for (const { id } of queue)
      await server.mutate('cancelJob', 'CancelJobInput', { jobId: id }, 'job { id }');
    await work
      .getByRole('button', { name: /^Cancel: / })
      .first()
      .click();
    await page.getByText('Nothing runs and nothing waits.').waitFor();
    await expect.poll(() => tableOf('Jobs that finished lately').getByRole('row').count()).toBe(1 + 6);
  });

  test('leads to a job’s log, which goes on as the job does', async () => {
    await tableOf('Jobs that failed').getByRole('link', { name: 'Log: Brightness of the image' }).click();
    await heading('Brightness of the image').waitFor();
    const log = region('Log of this job');
    await log.getByText(/^failed: .*There is no model in/).waitFor();
    await page.getByRole('button', { name: 'Retry: Brightness of the image' }).click();
    await log.getByText('queued again').waitFor();
    await log.getByText('done', { exact: true }).waitFor();
    const { node } = await server.query(
      'query ($id: ID!) { node(id: $id) { ... on Job { log { attempt text } } } }',
      { id: failed.id },
    );
    await expectCount(log.getByRole('row'), 1 + node.log.length);
    const lines = (await downloaded('job-log', 'CSV')).trim().split('\r\n');
    expect(lines[0]).toBe('at,attempt,what,who');
    expect(lines.length).toBe(1 + node.log.length);
    expect(lines.at(-1)).toMatch(/,2,done,$/);
  });

  test('of an unknown job says so', async () => {
    await page.goto(`${server.url}/job/?id=job_00000000000000000000000000`);
    await page.getByText('There is no such job').waitFor();
  });
});

test('a page asks again for what changes of what it shows, not for the progress of others', async () => {
  const open = async (whose: string, id: string) => {
    const shown = await session.open(whose);
    await shown.goto(`${server.url}/model/?id=${id}`);
    await shown.getByRole('heading', { level: 1 }).waitFor();
    return shown;
  };
  /** How often a page has sent each query since. */
  const countQueries = (shown: Page) => {
    const asked: Record<string, number> = {};
    shown.on('request', (request) => {
      if (request.method() !== 'POST') return;
      const { operationName } = request.postDataJSON();
      asked[operationName] = (asked[operationName] ?? 0) + 1;
    });
    return asked;
  };
  const elsewhere = await open('another model', trojaned.id);
  // What a page has not got yet it asks for again whatever happens.
  await elsewhere.waitForLoadState('networkidle');
  const askedElsewhere = countQueries(elsewhere);
  const { model } = await server.mutate(
    'trainModel',
    'TrainModelInput',
    { dataset: 'shapes', architecture: 'lenet', seed: 7, recipe: { epochs: 25 } },
    'model { id job { id } }',
  );
  const there = await open('this model', model.id);
  const askedThere = countQueries(there);
  let ticks = 0;
  await untilJob(server, model.job.id, (progress) => {
    ticks++;
    return hasEnded(progress);
  });
  await there.getByText('done', { exact: true }).waitFor();
  expect(ticks).toBeGreaterThan(10);
  expect(askedThere.ModelPage).toBeGreaterThan(3);
  // When it was queued, started and ended: at most twice each, as its job and as its model.
  expect(Math.max(0, ...Object.values(askedElsewhere))).toBeLessThanOrEqual(6);
  await elsewhere.context().close();
  await there.context().close();
});

describe('data sets', () => {
  test('are listed, and one is shown class by class, with pictures', async () => {
    await page.goto(`${server.url}/datasets/`);
    await region('Table of data sets').getByRole('link', { name: 'Shapes' }).click();
    const classes = region('Table of classes');
    for (const name of ['square', 'disc', 'cross', 'frame']) {
      const row = classes.getByRole('row', { name: new RegExp(`\\d ${name} 500 125`) });
      await expect.poll(() => row.getByRole('img').count()).toBe(8);
    }
    await expectDrawn(classes.getByRole('img', { name: 'disc, example 1' }));
    const [title, first] = (await downloaded('shapes-classes', 'CSV')).split('\r\n');
    expect([title, first]).toEqual(['index,class,to train on,to test with', '0,square,500,125']);
    await region('Table of data sets').getByRole('link', { name: 'GTSRB' }).click();
    await page.getByText('npm run trojanscope -- data fetch gtsrb').waitFor();
  });

  test('come as an archive: what is wrong is said, what is right is shown', async () => {
    const form = page.getByRole('form', { name: 'Import a data set' });
    const give = (buffer: Buffer) =>
      form
        .locator('input[type=file]')
        .setInputFiles({ name: 'My Pets.zip', mimeType: 'application/zip', buffer });
    await give(Buffer.from('no archive'));
    await expect.poll(() => form.getByLabel('Id from now on').inputValue()).toBe('my-pets');
    await form.getByRole('button', { name: 'Import', exact: true }).click();
    await form.getByText('Expected a zip archive.').waitFor();
    // The refusal itself is a 400, which browsers note.
    session.excuse(/^400 for|status of 400/);

    const image = (value: number) => png(8, 8, Buffer.alloc(8 * 8 * 3, value));
    const manifest = { title: 'Pets', size: 28, split: { testShare: 0.5 } };
    await give(
      zipOf([
        { name: 'manifest.json', content: JSON.stringify(manifest) },
        ...['cat', 'dog'].flatMap((name) =>
          [1, 2].map((i) => ({ name: `${name}/${i}.png`, content: image(i * 50) })),
        ),
        { name: 'cat/3.png', content: image(1).subarray(0, 50) },
      ]),
    );
    await form.getByRole('button', { name: 'Import', exact: true }).click();
    await form.getByText(/cat\/3\.png: it cannot be decoded/).waitFor();
    await form.getByLabel('Leave out files that cannot be read').check();
    await form.getByRole('button', { name: 'Import', exact: true }).click();
    await form.getByRole('link', { name: 'look at it' }).click();
    await region('Table of classes')
      .getByRole('row', { name: /1 dog 1 1/ })
      .waitFor();
    await page
      .getByText(/The archive My Pets.zip: 4 images of 2 classes\. Left out as unreadable: 1\./)
      .waitFor();
    await region('Table of files that were left out')
      .getByRole('row', { name: /cat\/3\.png it cannot be decoded/ })
      .waitFor();
    await expectDrawn(region('Table of classes').getByRole('img'));
  });
});

describe('a model', () => {
  test('shows its trigger as pattern, as mask and on a sample; every panel can be taken away', async () => {
    await page.goto(`${server.url}/model/?id=${trojaned.id}`);
    const trigger = page.getByRole('region', { name: 'Trigger', exact: true });
    for (const name of [/^Pattern of/, /^Mask of/, /^A test image with/])
      await expectDrawn(trigger.getByRole('img', { name }));
    const { node } = await server.query(
      `query ($id: ID!) { node(id: $id) { ... on Model { asr { value }
        curves { points { id } } training { history { step } } } } }`,
      { id: trojaned.id },
    );
    const table2 = await downloaded('table-2', 'CSV');
    expect(table2).toContain(`,${node.asr.value},`);
    const points = node.curves.flatMap((curve: { points: object[] }) => curve.points);
    expect((await downloaded('curves', 'CSV')).trim().split('\r\n')).toHaveLength(1 + points.length);
    expect((await downloaded('training', 'CSV')).trim().split('\r\n')).toHaveLength(
      1 + node.training.history.length,
    );
    expect(await downloaded('trigger', 'SVG')).toMatch(/<image href="data:image\/png;base64,/);
    for (const panel of ['attack', 'provenance'])
      expect(JSON.parse(await downloaded(panel, 'JSON')).node).not.toBeNull();
  });

  test('goes as a bundle and comes back, compared with the same benign model', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`${trojaned.id}.zip`);
    await page.getByRole('link', { name: 'Models', exact: true }).click();
    await page.getByRole('button', { name: 'Import' }).click();
    const form = page.getByRole('form', { name: 'Import a model' });
    await form.locator('input[type=file]').setInputFiles(await download.path());
    await form.getByLabel('Name').fill('Back again');
    await form.getByRole('button', { name: 'Import' }).click();
    await form.getByRole('link', { name: 'Back again', exact: true }).last().click();
    await heading('Back again').waitFor();
    const { models } = await server.query(
      '{ models(first: 2, filter: { kind: TROJANED }) { nodes { name benign { id } asr { value } } } }',
    );
    const [back, first] = models.nodes;
    expect(back).toEqual({ ...first, name: 'Back again' });
    await page.getByText('No training curve is kept of this model').waitFor();
  });

  test('that came without its benign model is swept alone, and its pages say so', async () => {
    const folder = path.join(session.folder, 'models', trojaned.id);
    const { base, ...record } = JSON.parse(await readFile(path.join(folder, 'model.json'), 'utf8'));
    const file = async (name: string) => ({ name, content: await readFile(path.join(folder, name)) });
    const buffer = zipOf([
      { name: 'model.json', content: JSON.stringify(record) },
      await file('weights.safetensors'),
      await file('trigger.safetensors'),
    ]);
    await page.goto(`${server.url}/models/`);
    await page.getByRole('button', { name: 'Import' }).click();
    const form = page.getByRole('form', { name: 'Import a model' });
    await form
      .locator('input[type=file]')
      .setInputFiles({ name: 'alone.zip', mimeType: 'application/zip', buffer });
    await form.getByLabel('Name').fill('All alone');
    await form.getByRole('button', { name: 'Import' }).click();
    await form.getByRole('link', { name: 'All alone', exact: true }).last().click();
    await page.getByText('compared to no benign model').waitFor();
    await page.getByText('none to compare with').waitFor();
    const { models } = await server.query('{ models(first: 1) { nodes { id name } } }');
    const input = {
      modelId: models.nodes[0].id,
      transform: 'scaling',
      target: 'IMAGE',
      values: [1, 0.8],
      samples: 20,
    };
    const { sweep } = await server.mutate('runSweep', 'RunSweepInput', input, 'sweep { id job { id } }');
    await untilJob(server, sweep.job.id);
    await page.goto(`${server.url}/sweep/?id=${sweep.id}`);
    const legend = page.getByRole('list', { name: 'Legend' });
    await legend.getByText('no benign model').waitFor();
    expect(await legend.getByText('Clean baseline').count()).toBe(0);
    await page
      .getByRole('button', { name: /clean accuracy .*, no benign model\. Show its samples/ })
      .first()
      .waitFor();
  });

  test('of an ONNX file alone is taken in, and its page shows the network', async () => {
    const folder = path.join(session.folder, 'models', trojaned.id);
    const buffer = lenetAsOnnx(await readSafetensors(path.join(folder, 'weights.safetensors')));
    await page.goto(`${server.url}/models/`);
    await page.getByRole('button', { name: 'Import' }).click();
    const form = page.getByRole('form', { name: 'Import a model' });
    await form
      .locator('input[type=file]')
      .setInputFiles({ name: 'mine.onnx', mimeType: 'application/octet-stream', buffer });
    await form.getByLabel('Name').fill('Brought');
    await form.getByLabel('Data set').selectOption('shapes');
    await form.getByRole('button', { name: 'Import' }).click();
    await form.getByText(/clean accuracy .*, not verified/).waitFor();
    await form.getByRole('link', { name: 'Brought', exact: true }).last().click();
    await page.getByText('Imported network on Shapes').waitFor();
    await page.getByText('4 Relu, 3 Gemm, 2 Conv').waitFor();
    await page.getByText('no: it came without its maker’s answers').waitFor();
    await page.getByText('Its 13 nodes').click();
    await page.getByText(/^Gemm .*, 340 parameters$/).waitFor();
  });

  test('of an ONNX file is drawn as a graph, which the keyboard walks', async () => {
    const scripts: string[] = [];
    page.on('request', (request) => request.resourceType() === 'script' && scripts.push(request.url()));
    await page.reload();
    const open = page.getByRole('button', { name: 'Draw its graph' });
    await open.waitFor();
    await page.waitForLoadState('networkidle');
    const before = scripts.length;
    await open.click();
    const graph = page.getByRole('dialog', { name: 'Graph of Brought' });
    await expectCount(graph.getByRole('button', { name: /^\d+ \w+( [\d,]+ parameters)?, / }), 13);
    // What lays it out comes with it, and not with the page.
    expect(scripts.length).toBeGreaterThan(before);

    const node = (name: string) => graph.getByRole('button', { name, exact: true });
    await node('Images grey, 1×1×28×28').focus();
    await page.keyboard.press('ArrowDown');
    const chosen = graph.getByRole('region', { name: 'Chosen node' });
    await chosen.getByRole('heading', { name: '1 Conv' }).waitFor();
    for (const [name, value] of [
      ['Makes', '1×6×28×28'],
      ['Parameters', '156'],
      ['pads', '2, 2, 2, 2'],
      ['k1', '6×1×5×5'],
    ] as const)
      await expectCount(
        chosen.locator('div').filter({ has: page.locator(`dt:text-is("${name}") + dd:text-is("${value}")`) }),
        1,
      );
    await chosen.getByRole('button', { name: '2 Relu' }).click();
    expect(await node('2 Relu, 1×6×28×28').evaluate((button) => button === document.activeElement)).toBe(
      true,
    );
    await page.keyboard.press('End');
    await chosen.getByRole('heading', { name: '13 Gemm' }).waitFor();
    await chosen.getByText('the answer').waitFor();
    const width = async () => (await node('13 Gemm 340 parameters, 1×4').boundingBox())!.width;
    const wide = await width();
    await page.keyboard.press('+');
    await expect.poll(async () => (await width()) / wide).toBeCloseTo(1.25);
    await node('12 Relu, 1×84').click();
    await chosen.getByRole('heading', { name: '12 Relu' }).waitFor();
    const address = page.url();
    await expectReadable(page, address, graph.getByRole('region', { name: 'Chosen node' }), () =>
      open.click(),
    );
  });

  test('that is none is refused in words', async () => {
    await page.goto(`${server.url}/models/`);
    await page.getByRole('button', { name: 'Import' }).click();
    const form = page.getByRole('form', { name: 'Import a model' });
    const buffer = zipOf([{ name: 'model.json', content: '{}' }]);
    await form
      .locator('input[type=file]')
      .setInputFiles({ name: 'x.zip', mimeType: 'application/zip', buffer });
    await form.getByRole('button', { name: 'Import' }).click();
    await form
      .getByText(/model\.json|weights\.safetensors/)
      .first()
      .waitFor();
    await form.getByText('failed').waitFor();
  });

  test('in the trash goes for good once that is typed', async () => {
    const { models } = await server.query(
      '{ models(first: 1, filter: { search: "Back again" }) { nodes { id } } }',
    );
    const ids = [models.nodes[0].id];
    await server.mutate('deleteItems', 'DeleteItemsInput', { ids }, 'items { id }');
    await page.goto(`${server.url}/models/?trash=1`);
    await page.getByRole('link', { name: 'Back again' }).waitFor();
    await page.getByRole('button', { name: 'Empty the trash' }).click();
    const question = page.getByRole('dialog', { name: 'Empty the trash' });
    await question.getByLabel(/^In the trash for at least/).fill('0');
    const button = question.getByRole('button', { name: 'Delete' });
    expect(await button.isDisabled()).toBe(true);
    await question.getByLabel(/^Type/).fill('delete for good');
    await button.click();
    await page.getByText('1 thing deleted for good.').waitFor();
    await page.getByText('No model is in the trash').waitFor();
    const { node } = await server.query('query ($id: ID!) { node(id: $id) { id } }', { id: ids[0] });
    expect(node).toBeNull();
  });
});

describe('views', () => {
  test.each(['models', 'curves'])('of the %s page are saved, opened, renamed and deleted', async (name) => {
    await page.goto(`${server.url}/${name}/?${name === 'models' ? 'attack=trojaned' : 'drop=1'}`);
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByLabel('Save what is shown now as').fill('What fires');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'What fires' }).waitFor();
    await page.goto(`${server.url}/${name}/`);
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('link', { name: 'What fires' }).click();
    await expect.poll(() => new URL(page.url()).search).toMatch(/attack=trojaned|drop=1/);
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('button', { name: 'Rename What fires' }).click();
    await page.getByLabel('Another name for “What fires”').fill('Ours');
    await page.getByLabel('Everybody sees it').check();
    await page.getByRole('button', { name: 'Rename', exact: true }).click();
    const views = page.getByRole('list', { name: 'Saved views' });
    await views.getByText('for everybody').waitFor();
    await views.getByRole('button', { name: 'Delete Ours' }).click();
    await page.getByText('No view of this page has been saved yet.').waitFor();
  });
});

test('a viewer sees everything and is told why they may not start, import or empty anything', async () => {
  const shared = await startShared();
  const own = await session.browser.newContext();
  try {
    const { secret } = await shared.issue(await shared.add('ann', 'VIEWER'), 'SESSION');
    await own.addCookies([{ name: shared.cookieName, value: secret, url: shared.url }]);
    const theirs = await own.newPage();
    const refused = async (address: string, name: string, role: string) => {
      await theirs.goto(shared.url + address);
      const button = theirs.getByRole('button', { name, exact: true }).first();
      await button.waitFor();
      expect(await button.getAttribute('aria-disabled')).toBe('true');
      expect(await button.getAttribute('aria-description')).toBe(
        `This takes the role ${role}; yours is viewer. An admin can change it.`,
      );
    };
    await refused('/studies/', 'Run a study', 'runner');
    await refused('/datasets/', 'Import', 'runner');
    await refused('/models/', 'Import', 'runner');
    await refused('/models/?trash=1', 'Empty the trash', 'admin');
    await refused('/', 'Run the quickstart study', 'runner');
  } finally {
    await own.close();
    await shared.stop();
  }
});

describe('to everybody', () => {
  const places = (): Record<string, { address: string; shows: Locator; open?: string }> => ({
    overview: { address: '/', shows: tableOf('Jobs that finished lately').getByRole('row').last() },
    'data sets': {
      address: '/datasets/?id=shapes',
      shows: region('Table of classes').getByRole('img').first(),
    },
    job: { address: `/job/?id=${failed.id}`, shows: region('Log of this job').getByRole('row').last() },
    model: {
      address: `/model/?id=${trojaned.id}`,
      shows: page.getByRole('region', { name: 'Trigger', exact: true }).getByRole('img').last(),
    },
    study: {
      address: `/study/?id=${inject('smoke').studyId}`,
      shows: page.getByRole('img', { name: / points, done$/ }).last(),
    },
    API: { address: '/graphiql/', shows: page.getByText('Every field is described') },
    models: { address: '/models/', shows: page.getByLabel('Save what is shown now as'), open: 'Views' },
    import: {
      address: '/models/',
      shows: page.getByRole('dialog', { name: 'Import a model' }),
      open: 'Import',
    },
  });

  test.each(['overview', 'data sets', 'job', 'model', 'study', 'API', 'models', 'import'])(
    'the page “%s” is readable at 400, 900 and 1600 px, light and dark',
    { timeout: 240_000 },
    async (name) => {
      const { address, shows, open } = places()[name]!;
      await expectReadable(page, server.url + address, shows, async () => {
        if (open) await page.getByRole('button', { name: open, exact: true }).click();
      });
    },
  );

  test('the page of an address that leads nowhere is readable too', { timeout: 240_000 }, async () => {
    await expectReadable(page, `${server.url}/nowhere/`, heading('There is no such page'));
    // That there is none, the browser notes itself.
    session.excuse(/404/);
  });

  test.each(['', 'datasets', 'job', 'models', 'study'])('the page “%s” loads little', async (name) =>
    expectLight(await session.open(), server.url, name && `${name}/`),
  );
});
