import { describe, expect, test } from 'vitest';
import { createMemoryLimits, type RateLimits } from './rateLimits.js';

/** The contract: what every driver does. Another one becomes a line of this list. */
const DRIVERS: Record<string, () => RateLimits> = { memory: createMemoryLimits };

describe.each(Object.entries(DRIVERS))('%s', (_, create) => {
  test('a key has so many points, more are counted and over', async () => {
    const limit = create()('guesses', 5, 60);
    expect(await limit.take('ann', 4)).toMatchObject({ isOver: false, left: 1 });
    expect(await limit.take('ann')).toMatchObject({ isOver: false, left: 0 });
    const { isOver, left, resetMs } = await limit.take('ann');
    expect([isOver, left]).toEqual([true, 0]);
    expect(resetMs).toBeGreaterThan(50_000);
    expect(resetMs).toBeLessThanOrEqual(60_000);
  });

  test('keys and limits of other names do not share their points', async () => {
    const limits = create();
    const [one, other] = [limits('one', 2, 60), limits('other', 2, 60)];
    expect(await one.take('ann', 3)).toMatchObject({ isOver: true });
    expect(await one.take('bob')).toMatchObject({ isOver: false, left: 1 });
    expect(await other.take('ann')).toMatchObject({ isOver: false, left: 1 });
  });

  test('what is given back can be taken again', async () => {
    const limit = create()('guesses', 1, 60);
    await limit.take('ann');
    await limit.giveBack('ann');
    expect(await limit.take('ann')).toMatchObject({ isOver: false, left: 0 });
    expect(await limit.take('ann')).toMatchObject({ isOver: true });
  });

  test('after the window all are there again', async () => {
    const limit = create()('guesses', 1, 1);
    const { resetMs } = await limit.take('ann');
    expect(await limit.take('ann')).toMatchObject({ isOver: true });
    await new Promise((resolve) => setTimeout(resolve, resetMs + 50));
    expect(await limit.take('ann')).toMatchObject({ isOver: false, left: 0 });
  });
});
