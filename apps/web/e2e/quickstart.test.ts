import { rename } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectCount, expectDrawn, expectReadable } from './browser';
import { SERVER_GONE, type Server, useSession } from './session';

/**
 * The page of a real server in a real browser, from an empty data folder to saliency maps. The tests follow one another:
 * each goes on where the one before left the page.
 */

const STUDY_MS = 120_000;

const session = useSession();
let server: Server;
let page: Page;

beforeAll(async () => {
  ({ server } = session);
  page = await session.open();
});

const region = (name: string | RegExp) => page.getByRole('region', { name });
const heading = (name: string | RegExp, level = 1) => page.getByRole('heading', { name, level });
const chart = (name: RegExp, within: Page | Locator = page) => within.getByRole('img', { name });
const STUDY = `{ studies(first: 1) { nodes { id status
  jobs { id } models { id name kind asr { numerator denominator } cleanAccuracy { numerator denominator } }
  sweeps { id target transform { id title } values samples curve { points {
    id value targetCount truthCount otherCount
    asr { numerator denominator } cleanAccuracy { numerator denominator } benignAccuracy { numerator denominator }
  } } }
  explanations { id }
} } }`;
interface Count {
  numerator: number;
  denominator: number;
}
interface Study {
  id: string;
  status: string;
  jobs: { id: string }[];
  models: { id: string; name: string; kind: string; asr: Count | null; cleanAccuracy: Count }[];
  sweeps: {
    id: string;
    target: string;
    transform: { id: string; title: string };
    values: number[];
    samples: number;
    curve: {
      points: {
        id: string;
        value: number;
        targetCount: number;
        truthCount: number;
        otherCount: number;
        asr: Count;
        cleanAccuracy: Count;
        benignAccuracy: Count;
      }[];
    };
  }[];
  explanations: { id: string }[];
}
const study = async (): Promise<Study> => (await server.query(STUDY)).studies.nodes[0];
const rotation = ({ sweeps }: Study) =>
  sweeps.find(({ transform, target }) => transform.id === 'rotation' && target === 'IMAGE')!;

describe('from an empty folder', () => {
  test('the page says what this is, and one button starts a study', async () => {
    await page.goto(server.url);
    await heading('When does a backdoor fail to fire, and why?').waitFor();
    await page.evaluate(countWhatIsDrawn);
    await page.getByRole('button', { name: 'Run this study: Smoke test' }).click();
    await heading('Smoke test: BadNets on shapes').waitFor();
  });

  test('training is seen as it goes, then curves that grow, then saliency maps', async () => {
    await chart(/^Loss over epochs, now/).waitFor();
    await chart(/^Training accuracy over epochs, now/).waitFor();
    await page.getByRole('progressbar', { name: 'Progress of Train a benign LeNet on Shapes' }).waitFor();
    await region('What the model looks at').waitFor({ timeout: STUDY_MS });
    await page
      .locator('header')
      .filter({ has: heading('Smoke test: BadNets on shapes') })
      .getByText('done', { exact: true })
      .waitFor();
    const { losses, points, timesLeft } = await page.evaluate(
      () => (window as unknown as { drawn: Drawn }).drawn,
    );
    // Each is what one could see at some moment: a loss that changes, a number of points that only grows.
    expect(losses.length).toBeGreaterThan(5);
    expect(timesLeft).toBeGreaterThan(0);
    const { sweeps } = await study();
    const total = sweeps.flatMap(({ values }) => values).length;
    expect(points).toEqual([...points].sort((a, b) => a - b));
    expect(points.length).toBeGreaterThan(5);
    expect(points.at(-1)).toBe(total);
    // And as many dots as the labels say.
    await expectCount(chart(/ points, done$/).locator('circle'), total);
  });

  test('every saliency map is drawn, with its trigger boxed where it is in sight', async () => {
    const maps = region('What the model looks at');
    const { explanations } = await study();
    await expectCount(maps.getByRole('article'), explanations.length);
    await expectDrawn(maps.getByRole('img', { name: /^Saliency map of / }), explanations.length);
    await expectDrawn(maps.getByRole('img', { name: /^Saliency map over / }), explanations.length);
  });

  test('its page tells the figures that the API tells, and the overview lists its models', async () => {
    const { id, models } = await study();
    expect(new URL(page.url()).searchParams.get('id')).toBe(id);
    const trojaned = models.find(({ kind }) => kind === 'TROJANED')!;
    const card = region('The trojaned model');
    for (const { numerator, denominator } of [trojaned.asr!, trojaned.cleanAccuracy]) {
      await card.getByText(`${numerator} / ${denominator}`).first().waitFor();
    }
    await expectCount(page.getByRole('status').getByText('live'), 1);
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    await heading('Overview').waitFor();
    await expectCount(region('Models').getByRole('row'), 1 + models.length);
    const lately = page.getByRole('table', { name: 'Jobs that finished lately' });
    // Of more than six, and one line of titles.
    await expectCount(lately.getByRole('row'), 1 + 6);
    await region('Studies').getByRole('link', { name: 'Smoke test: BadNets on shapes' }).click();
    await region('When the backdoor fires').waitFor();
  });
});

interface Drawn {
  losses: string[];
  points: number[];
  /** Looks at which a time to go was shown. */
  timesLeft: number;
}
/** In the page: notes every new loss and every new number of points that the charts show. */
function countWhatIsDrawn() {
  const drawn: Drawn = { losses: [], points: [], timesLeft: 0 };
  Object.assign(window, { drawn });
  setInterval(() => {
    const labels = [...document.querySelectorAll('[role="img"]')].map(
      (chart) => chart.getAttribute('aria-label') ?? '',
    );
    if (/≈ .+ left/.test(document.body.textContent ?? '')) drawn.timesLeft++;
    const loss = labels.find((label) => label.startsWith('Loss over epochs'));
    if (loss && loss !== drawn.losses.at(-1)) drawn.losses.push(loss);
    const counts = labels.flatMap((label) => / (\d+) of \d+ points, /.exec(label)?.[1] ?? []);
    const sum = counts.reduce((total, count) => total + Number(count), 0);
    if (counts.length > 0 && sum !== drawn.points.at(-1)) drawn.points.push(sum);
  }, 20);
}

describe('a sweep', () => {
  test('opens from its curve, and a click on a point shows the samples behind it', async () => {
    const sweep = rotation(await study());
    await region('When the backdoor fires').getByRole('link', { name: 'Rotation of the image' }).click();
    await heading('Rotation of the image').waitFor();
    const handles = page.getByRole('button', { name: /Show its samples$/ });
    await expectCount(handles, sweep.values.length);
    const point = sweep.curve.points.find(({ value }) => value === 45)!;
    await page.getByRole('button', { name: /^45°: .*Show its samples$/ }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('point')).toBe(point.id);
    const samples = region('The samples at 45°');
    await samples.getByRole('button', { name: `All ${sweep.samples}` }).waitFor();
    for (const { numerator, denominator } of [point.asr, point.cleanAccuracy, point.benignAccuracy]) {
      await region('Rotation by 45°').getByText(`${numerator} / ${denominator}`).first().waitFor();
    }

    const titles = { Target: point.targetCount, Truth: point.truthCount, Other: point.otherCount };
    for (const [title, count] of Object.entries(titles)) {
      await samples.getByRole('button', { name: `${title} ${count}` }).click();
      if (count === 0) continue;
      const tiles = samples.getByRole('listitem').getByRole('img');
      // The tiles of the filter before stay until the new ones have come.
      const names = () =>
        tiles.evaluateAll((images) => images.map((image) => image.getAttribute('alt') ?? ''));
      const others = async () => (await names()).filter((name) => !name.startsWith(`${title}: `));
      await expect.poll(async () => [(await names()).length > 0, await others()]).toEqual([true, []]);
      await expectDrawn(tiles.first());
    }
    await samples.getByRole('button', { name: /^All / }).click();
  });

  test('is read with the keyboard: arrows walk its points, Enter opens one', async () => {
    await page.getByRole('button', { name: /^30°: .*Show its samples$/ }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await region('The samples at 60°').waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Space');
    await region('The samples at 45°').waitFor();
  });

  test('shows a sample: clean, as the model saw it, and what it looked at', async () => {
    const tiles = region('The samples at 45°').getByRole('listitem').getByRole('button');
    await tiles.nth(7).click();
    const sample = page.getByRole('dialog', { name: 'Sample' });
    await expectDrawn(sample.getByRole('img', { name: /^Clean sample: / }));
    await expectDrawn(sample.getByRole('img', { name: /^What the model saw: / }));
    // There was no map of it: it is made now.
    await expectDrawn(sample.getByRole('img', { name: /^Saliency map of / }));
    await expectDrawn(sample.getByRole('img', { name: /^Saliency map over / }));
  });

  test('and sample are still there after a reload, and closing leads back', async () => {
    const address = page.url();
    expect(new URL(address).searchParams.get('outcome')).toMatch(/^out_/);
    await page.reload();
    const sample = page.getByRole('dialog', { name: 'Sample' });
    await expectDrawn(sample.getByRole('img', { name: /^Saliency map of / }));
    expect(page.url()).toBe(address);
    await page.keyboard.press('Escape');
    await sample.waitFor({ state: 'detached' });
    await region('The samples at 45°').waitFor();
    expect(new URL(page.url()).searchParams.get('outcome')).toBeNull();
  });

  test('of an unknown id is told so', async () => {
    await page.goto(`${server.url}/sweep/?id=swp_00000000000000000000000000`);
    await page.getByText('There is no such sweep').waitFor();
  });
});

describe('a model', () => {
  test('shows its accuracy, ASR, trigger, training and curves', async () => {
    const { models, sweeps } = await study();
    const trojaned = models.find(({ kind }) => kind === 'TROJANED')!;
    await page.goto(server.url);
    await region('Models').getByRole('link', { name: trojaned.name }).click();
    await heading(trojaned.name).waitFor();
    const works = region('How well it works');
    for (const { numerator, denominator } of [trojaned.asr!, trojaned.cleanAccuracy]) {
      await works.getByText(`${numerator} / ${denominator}`).first().waitFor();
    }
    await expectDrawn(page.getByRole('region', { name: 'Trigger', exact: true }).getByRole('img'), 3);
    await chart(/^Loss over epochs, now/, region('Training')).waitFor();
    await expectCount(chart(/ points, done$/), sweeps.length);
  });

  test('is swept once more from its form, live', async () => {
    const form = region('Run another sweep');
    await form.getByLabel(/^Values/).fill('0, 1, 1');
    await form.getByLabel('Samples').fill('100');
    await form.getByText('1 is there twice.').waitFor();
    const start = form.getByRole('button', { name: 'Run the sweep' });
    expect(await start.getAttribute('aria-disabled')).toBe('true');
    await form.getByLabel(/^Values/).fill('0, 1, 2.5');
    await start.click();
    await heading('Translation of the trigger').waitFor();
    await chart(/: 3 of 3 points, done$/).waitFor();
    await region(/^The samples at /).waitFor();
  });
});

describe('a job that fails', () => {
  test('says why on the page, and succeeds when it is tried again after the repair', async () => {
    const trojaned = (await study()).models.find(({ kind }) => kind === 'TROJANED')!;
    const folder = path.join(session.folder, 'models', trojaned.id);
    // The page before may still be asking for pictures, which the model makes.
    await page.goto('about:blank');
    await rename(folder, `${folder}.away`);
    const input = { modelId: trojaned.id, transform: 'scaling', target: 'IMAGE', values: [0.9], samples: 50 };
    const { sweep } = await server.mutate('runSweep', 'RunSweepInput', input, 'sweep { id }');
    await page.goto(`${server.url}/sweep/?id=${sweep.id}`);
    await page.getByText('There is no model in').waitFor();
    await rename(`${folder}.away`, folder);
    await page.getByRole('button', { name: 'Retry: Scaling of the image' }).click();
    await chart(/: 1 of 1 points, done$/).waitFor();
  });
});

describe('jobs', () => {
  test('are all listed, by state too', async () => {
    await page.goto(`${server.url}/jobs/`);
    const { jobs } = await server.query('{ jobs(first: 100) { totalCount } }');
    const rows = page
      .getByRole('main')
      .getByRole('row')
      .filter({ has: page.getByRole('link') });
    await expectCount(rows, jobs.totalCount);
    await page.getByRole('button', { name: 'failed' }).click();
    await page.getByText('No job is failed').waitFor();
  });
});

describe('to everybody', () => {
  test.each(['overview', 'model', 'sweep', 'sample', 'jobs'])(
    'the %s page is readable, light and dark, at 400, 900 and 1600 px',
    { timeout: 120_000 },
    async (name) => {
      const { models, sweeps } = await study();
      const sweep = sweeps[0]!;
      const point = sweep.curve.points.at(-1)!;
      const { node } = await server.query(
        'query ($id: ID!) { node(id: $id) { ... on Point { outcomes(first: 1) { nodes { id } } } } }',
        {
          id: point.id,
        },
      );
      const at: Record<string, { address: string; shows: Locator }> = {
        overview: { address: '/', shows: region('Models').getByRole('row').last() },
        model: {
          address: `/model/?id=${models.find(({ kind }) => kind === 'TROJANED')!.id}`,
          shows: page.getByRole('region', { name: 'Sweeps', exact: true }),
        },
        sweep: {
          address: `/sweep/?id=${sweep.id}&point=${point.id}`,
          shows: region(/^The samples at /)
            .getByRole('listitem')
            .first(),
        },
        sample: {
          address: `/sweep/?id=${sweep.id}&point=${point.id}&outcome=${node.outcomes.nodes[0].id}`,
          shows: page.getByRole('dialog').getByRole('img', { name: /^Saliency map of / }),
        },
        jobs: { address: '/jobs/', shows: page.getByRole('main').getByRole('row').last() },
      };
      const { address, shows } = at[name]!;
      await expectReadable(page, server.url + address, shows);
    },
  );
});

describe('a server that goes away', () => {
  test('is noticed, and the page goes on by itself when it is back', async () => {
    await page.setViewportSize({ width: 1400, height: 1000 });
    await page.goto(server.url);
    const state = page.getByRole('status');
    await state.getByText('live').waitFor();
    await server.kill();
    await state.getByText('connection lost').waitFor();
    server = await session.restartServer();
    await state.getByText('live').waitFor();
    const { trojaned } = await server.query(
      '{ trojaned: models(first: 1, filter: { kind: TROJANED }) { nodes { id } } }',
    );
    const input = {
      modelId: trojaned.nodes[0].id,
      transform: 'brightness',
      target: 'IMAGE',
      values: [1],
      samples: 10,
    };
    await server.mutate('runSweep', 'RunSweepInput', input, 'sweep { id }');
    // Nobody reloaded: the new job shows up by itself.
    await page.getByRole('link', { name: 'Brightness of the image' }).first().waitFor();
    // What failed while the server was away is no fault of the page's.
    session.excuse(SERVER_GONE);
  });
});
