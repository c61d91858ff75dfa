import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { download, expectCount, expectDrawn, signIn } from './browser';
import { type Server, useSession } from './session';

/**
 * What a researcher does from the first click to the reason, with models of MNIST that are trained on the way: a runner
 * works, a viewer gets a link, an admin steps in; three browsers that share nothing. The tests follow one another.
 */

const PASSWORD = 'correct horse battery';
/** Two trainings of an epoch each over all of MNIST. */
const TRAINING_MS = 240_000;
const NAME = 'BadNets LeNet on MNIST';

const session = useSession({ args: ['--no-quickstart', '--auth'] });
let server: Server;
const pages: Record<string, Page> = {};
/** Where the runner's curve is, and what is shared. */
let sweepAddress: string;

beforeAll(async () => {
  ({ server } = session);
  for (const name of ['ann', 'rob', 'vic']) pages[name] = await session.open(name);
  const { ann, rob, vic } = pages as Record<'ann' | 'rob' | 'vic', Page>;
  await ann.goto(server.url);
  const [oneTimeToken] = /ts_setup_[\w-]{43}/.exec(server.log())!;
  await change(ann, 'createFirstAdmin', { name: 'ann', password: PASSWORD, oneTimeToken });
  await change(ann, 'createUser', { name: 'rob', password: PASSWORD, role: 'RUNNER' });
  await change(ann, 'createUser', { name: 'vic', password: PASSWORD, role: 'VIEWER' });
  for (const page of [rob, vic]) await page.goto(server.url);
});

/** A mutation in somebody's name. */
async function change(page: Page, name: string, input: object) {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { errors { message } } }`;
  const answer = await page.evaluate(
    async (body) => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch('/graphql', { method: 'POST', headers, body })).json();
    },
    JSON.stringify({ query, variables: { input } }),
  );
  expect(answer.data?.[name].errors ?? answer).toEqual([]);
}
const rob = () => pages.rob!;
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name, level: 1 });
const region = (page: Page, name: string | RegExp) => page.getByRole('region', { name });
const curve = (page: Page, points: string) =>
  page.getByRole('img', { name: new RegExp(`^ASR over .*: ${points}`) });

describe('a runner', () => {
  test('signs in and starts a study, which can be cancelled and retried', async () => {
    const page = rob();
    await signIn(page, 'rob', PASSWORD);
    await heading(page, 'When does a backdoor fail to fire, and why?').waitFor();
    await page.goto(`${server.url}/new/?kind=study`);
    const study = page.getByRole('form', { name: 'Run a study' });
    await study.getByLabel(/^Quickstart/).check();
    // Only presets with GTSRB have pictures to name, and images to resize.
    expect(await study.getByLabel('Style folder').count()).toBe(0);
    await study.getByRole('button', { name: 'Run the study' }).click();
    await heading(page, 'Quickstart: BadNets on MNIST').waitFor();
    await page.getByRole('img', { name: /^Loss over epochs, now/ }).waitFor();
    const cancel = page.getByRole('button', { name: 'Cancel: Train a benign LeNet on MNIST' });
    const retry = page.getByRole('button', { name: 'Retry: Train a benign LeNet on MNIST' });
    await cancel.click();
    await retry.click();
    await page.getByText(/attempt 2/).waitFor();
    // The rest of the story has models of its own, which take less long.
    await cancel.click();
    await retry.waitFor();
  });

  test('implants a backdoor by its form, and sees how the training goes', {
    timeout: TRAINING_MS,
  }, async () => {
    const page = rob();
    await page.goto(`${server.url}/new/`);
    const form = page.getByRole('form', { name: 'Implant a backdoor' });
    await form.getByText('How it is trained').click();
    await form.getByLabel('Epochs').fill('1');
    await form.getByLabel('Seed').fill('2');
    await form.getByLabel('Name').fill(NAME);
    await form
      .getByRole('status')
      .filter({ hasText: /LeNet on MNIST/ })
      .waitFor();
    await form.getByRole('button', { name: 'Implant the backdoor' }).click();
    await heading(page, NAME).waitFor();
    await page.getByText(/waits for Train a benign LeNet on MNIST/).waitFor();
    await page.getByRole('img', { name: /^Loss over epochs, now/ }).waitFor({ timeout: TRAINING_MS });
    // Once it is trained it can be taken away.
    await page.getByRole('link', { name: 'Export' }).waitFor({ timeout: TRAINING_MS });
    await expectCount(region(page, 'How well it works').getByText(/95\s%: \d/), 3);
  });

  test('sweeps it, watches the curve grow, cancels and goes on', async () => {
    const page = rob();
    const form = page.getByRole('form', { name: 'Run a sweep' });
    await form.getByLabel('Transform', { exact: true }).first().click();
    await page.getByRole('option', { name: 'Rotation' }).click();
    await form.getByText('Image', { exact: true }).click();
    await form.getByLabel(/^Values/).fill('0, 15, 30, 45, 60, 75, 90, -15, -30, -45, -60');
    await form.getByLabel('Samples').fill('9000');
    await form.getByRole('button', { name: 'Run the sweep' }).click();
    await heading(page, 'Rotation of the image').waitFor();
    await curve(page, '[1-9] of 11 points, running').waitFor();
    await page.getByRole('button', { name: 'Cancel: Rotation of the image' }).click();
    await curve(page, '\\d+ of 11 points, cancelled').waitFor();
    const done = async () =>
      Number(/(\d+) of 11/.exec((await curve(page, '').getAttribute('aria-label'))!)![1]);
    const before = await done();
    expect(before).toBeLessThan(11);
    // The link goes to somebody else while it stands.
    sweepAddress = page.url();
    await page.getByRole('button', { name: 'Retry: Rotation of the image' }).click();
    await curve(page, '11 of 11 points, done').waitFor({ timeout: 60_000 });
    expect(before).toBeGreaterThan(0);
  });

  test('takes the curve away in every format', async () => {
    const page = rob();
    await page.getByRole('button', { name: 'Query and downloads: sweeps' }).click();
    const csv = (await download(page, 'CSV')).toString().trim().split('\r\n');
    expect(csv).toHaveLength(1 + 11);
    expect(csv[0]).toMatch(/^model,transform,target,value,samples,ASR,/);
    const { nodes } = JSON.parse((await download(page, 'JSON')).toString());
    expect(nodes[0].curve.points.map(({ value }: { value: number }) => value)).toEqual([
      0, 15, 30, 45, 60, 75, 90, -15, -30, -45, -60,
    ]);
    const svg = await download(page, 'SVG');
    for (const words of [`Rotation of the image: ${NAME}`, 'n = 9,000', 'clean baseline'])
      expect(svg.toString()).toContain(words);
    const drawn = await sharp(svg).metadata();
    const png = await sharp(await download(page, 'PNG')).metadata();
    expect([png.format, png.width, png.height]).toEqual(['png', 2 * drawn.width!, 2 * drawn.height!]);
    expect((await download(page, 'LaTeX')).toString().match(/\\\\$/gm)).toHaveLength(1 + 11);
    await page.keyboard.press('Escape');
  });

  test('clicks a point, opens a sample, and has it explained', async () => {
    const page = rob();
    await page.getByRole('button', { name: /^45°: .*Show its samples$/ }).click();
    const samples = region(page, 'The samples at 45°');
    await samples.getByRole('listitem').getByRole('button').nth(3).click();
    const sample = page.getByRole('dialog', { name: 'Sample' });
    await expectDrawn(sample.getByRole('img', { name: /^Clean sample: / }));
    await expectDrawn(sample.getByRole('img', { name: /^Saliency map of / }));
    sweepAddress = page.url();
  });

  test('moves the probe', async () => {
    const page = rob();
    await page.goto(`${server.url}/probe/?transform=rotation`);
    const image = page.getByRole('img', { name: /^What the model sees/ });
    await expectDrawn(image);
    const before = await image.getAttribute('src');
    await page.getByRole('slider', { name: /^Angle/ }).focus();
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
    await expect.poll(() => image.getAttribute('src')).not.toBe(before);
    await expectDrawn(page.getByRole('img', { name: /^Saliency map of/ }));
  });

  test('compares two models', async () => {
    const page = rob();
    await page.goto(`${server.url}/models/?status=SUCCEEDED`);
    await page.getByRole('checkbox', { name: 'Choose all on this page' }).check();
    await page.getByRole('link', { name: 'Compare' }).click();
    await heading(page, '2 models compared').waitFor();
    await page.getByRole('button', { name: /^Baseline: Benign/ }).click();
    await page
      .getByRole('row')
      .filter({ hasText: 'Clean accuracy' })
      .getByText(/^[+−±]/)
      .waitFor();
  });
});

describe('a viewer with the link', () => {
  test('signs in, sees the same sample, and may change nothing', async () => {
    const page = pages.vic!;
    await page.goto(sweepAddress);
    await signIn(page, 'vic', PASSWORD);
    const sample = page.getByRole('dialog', { name: 'Sample' });
    await expectDrawn(sample.getByRole('img', { name: /^Saliency map of / }));
    expect(page.url()).toBe(sweepAddress);
    await page.goto(`${server.url}/jobs/`);
    const retry = page.getByRole('button', { name: 'Retry: Train a benign LeNet on MNIST' });
    expect(await retry.getAttribute('aria-disabled')).toBe('true');
    expect(await retry.getAttribute('aria-description')).toContain('yours is viewer');
  });
});

describe('an admin', () => {
  test('may cancel what others started, and everybody sees it at once', async () => {
    const [ann, vic] = [pages.ann!, pages.vic!];
    await change(rob(), 'implantBackdoor', {
      dataset: 'mnist',
      architecture: 'lenet',
      attack: { badnets: {} },
      seed: 3,
    });
    await ann.goto(`${server.url}/jobs/`);
    for (const page of [ann, vic]) await page.getByText('by rob').first().waitFor();
    await ann.getByRole('button', { name: 'Cancel: Train a benign LeNet on MNIST, seed 3' }).click();
    await vic.getByRole('button', { name: 'Retry: Train a benign LeNet on MNIST, seed 3' }).waitFor();
  });
});

describe('a server that does not answer, its sockets open', () => {
  test('shows as such, and all heals by itself', async () => {
    const page = rob();
    const state = page.getByRole('status').first();
    await page.goto(`${server.url}/jobs/`);
    await state.getByText('live').waitFor();
    process.kill(server.pid, 'SIGSTOP');
    try {
      await state.getByText('connection lost').waitFor();
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
    await state.getByText('live').waitFor();
    // What was given up meanwhile is no fault of the page's.
    session.excuse(/WebSocket/);
  });
});
