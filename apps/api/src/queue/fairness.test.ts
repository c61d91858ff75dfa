import { temporaryData } from '@trojanscope/testing/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { forecastQueue } from '../forecast/forecast.js';
import { type Db, openDatabase } from '../store/database.js';
import { cancelJob, claimNextJob, finishJob, insertJob, setPriority } from '../store/jobs.js';
import { concurrency } from './concurrency.js';

/** Whose turn it is, and when it will be. */

let data: Awaited<ReturnType<typeof temporaryData>>;
let db: Db;
beforeEach(async () => {
  data = await temporaryData();
  db = await openDatabase(data.folder);
});
afterEach(async () => {
  await db.destroy();
  await data.remove();
});

/** Jobs by title, so that an order reads as one word. */
const queue = async (createdBy: string, titles: string, needs: string[] = []) => {
  const ids: string[] = [];
  for (const title of titles)
    ids.push(await insertJob(db, { kind: 'sweep', title, payload: {}, createdBy, needs }));
  return ids;
};
async function taken(): Promise<string> {
  let order = '';
  for (let job = await claimNextJob(db); job; job = await claimNextJob(db)) {
    order += job.title;
    await finishJob(db, job, { status: 'SUCCEEDED' });
  }
  return order;
}
const queueOf = (workers: number, secondsRunning = (_id: string) => 0) => ({ workers, secondsRunning });
async function foretold(): Promise<string> {
  const forecast = await forecastQueue(db, queueOf(1));
  const rows = await db.selectFrom('job').select(['id', 'title']).where('status', '=', 'QUEUED').execute();
  const place = (id: string) => forecast.get(id)!.position;
  return rows
    .sort((a, b) => place(a.id) - place(b.id))
    .map(({ title }) => title)
    .join('');
}
/** The forecast is the order in which jobs are then taken. */
const expectOrder = async (order: string) => {
  expect(await foretold()).toBe(order);
  expect(await taken()).toBe(order);
};

describe('people take turns', () => {
  test('however many jobs one of them has', async () => {
    await queue('ann', 'abcd');
    await queue('bob', 'xy');
    await queue('eve', '1');
    await expectOrder('ax1bycd');
  });

  test('and who was served long ago comes before who was just served', async () => {
    await queue('ann', 'a');
    await queue('bob', 'x');
    expect(await taken()).toBe('ax');
    await queue('bob', 'y');
    await queue('ann', 'b');
    await queue('eve', '1');
    await expectOrder('1by');
  });

  test('what needs another waits for it, and lets others by', async () => {
    const [a] = await queue('ann', 'a');
    await queue('ann', 'b', [a!]);
    await queue('bob', 'xy');
    await expectOrder('axby');
  });

  test('priorities order one’s own jobs; only what is urgent comes before the others’', async () => {
    const [a, , c] = await queue('ann', 'abc');
    await queue('bob', 'xy');
    await setPriority(db, a!, 'LOW');
    await setPriority(db, c!, 'HIGH');
    expect(await foretold()).toBe('cxbya');
    await setPriority(db, a!, 'URGENT');
    await expectOrder('axcyb');
  });
});

describe('a forecast', () => {
  const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();
  /** Finished explanations, each of which took so long. */
  async function measured(...seconds: number[]): Promise<void> {
    for (const took of seconds) {
      const id = await insertJob(db, { kind: 'explain', title: '', payload: { pick: 1 } });
      await db
        .updateTable('job')
        .set({ status: 'SUCCEEDED', attempt: 1, started_at: at(0), finished_at: at(took) })
        .where('id', '=', id)
        .execute();
    }
  }
  const explain = (pick: number, needs: string[] = []) =>
    insertJob(db, { kind: 'explain', title: 'e', payload: { pick }, needs, createdBy: 'ann' });

  test('is the sum of what comes before, by the median of what was measured, scaled by the work', async () => {
    await measured(9, 10, 30);
    const [first, second, third] = [await explain(1), await explain(4), await explain(1)];
    const forecast = await forecastQueue(db, queueOf(1));
    expect(forecast.get(first)).toEqual({ position: 1, startsInSeconds: 0, takesSeconds: 10 });
    expect(forecast.get(second)).toEqual({ position: 2, startsInSeconds: 10, takesSeconds: 40 });
    expect(forecast.get(third)).toEqual({ position: 3, startsInSeconds: 50, takesSeconds: 10 });
    const two = await forecastQueue(db, queueOf(2));
    expect([first, second, third].map((id) => two.get(id)!.startsInSeconds)).toEqual([0, 0, 10]);
  });

  test('of an even number measured it takes the longer one in the middle, and of ten the newest', async () => {
    await measured(10, 20);
    const id = await explain(3);
    expect((await forecastQueue(db, queueOf(1))).get(id)).toMatchObject({ takesSeconds: 60 });
    // The oldest two are not counted any more.
    await measured(30, 31, 32, 33, 34, 35, 36, 37, 38, 39);
    expect((await forecastQueue(db, queueOf(1))).get(id)).toMatchObject({ takesSeconds: 3 * 35 });
  });

  test('is not known behind what was never measured, and for what waits in vain', async () => {
    await measured(10);
    const [unknown] = await queue('ann', 'a');
    const known = await explain(1);
    const forecast = await forecastQueue(db, queueOf(1));
    expect(forecast.get(unknown!)).toEqual({ position: 1, startsInSeconds: 0, takesSeconds: null });
    expect(forecast.get(known)).toEqual({ position: 2, startsInSeconds: null, takesSeconds: 10 });
    const vain = await explain(1, [unknown!]);
    await cancelJob(db, unknown!);
    const after = await forecastQueue(db, queueOf(1));
    expect(after.get(known)).toMatchObject({ position: 1, startsInSeconds: 0 });
    expect(after.get(vain)).toEqual({ position: 2, startsInSeconds: null, takesSeconds: 10 });
  });

  test('counts what is left of the running job, and no clock that was set back', async () => {
    await measured(100, -50);
    await explain(1);
    const next = await explain(1);
    const running = (await claimNextJob(db))!;
    const forecast = await forecastQueue(
      db,
      queueOf(1, (id) => (id === running.id ? 40 : 0)),
    );
    expect(forecast.get(next)!.startsInSeconds).toBe(60);
  });
});

test.each([
  [2, 8, 1, undefined],
  [8, 64, 1, undefined],
  [16, 64, 2, 8],
  [64, 16, 4, 16],
  [1, 0.5, 1, undefined],
])('%i cores and %i GB are good for %i jobs at a time', (cores, gigabytes, workers, threads) => {
  expect(concurrency(undefined, cores, gigabytes * 2 ** 30)).toEqual({ workers, threads });
});

test('as many as were asked for share the cores', () => {
  expect(concurrency(3, 2, 2 ** 33)).toEqual({ workers: 3, threads: 1 });
});
