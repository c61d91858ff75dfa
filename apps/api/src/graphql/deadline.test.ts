import { expect, test } from 'vitest';
import { inTime } from './deadline.js';

const never = new Promise<never>(() => {});

test('what is computed elsewhere is waited for until the request’s time is over', async () => {
  const over = { at: performance.now(), timeoutMs: 10_000 };
  await expect(inTime(never, over)).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: expect.stringMatching(/10 s/),
  });
  const later = { at: performance.now() + 600_000, timeoutMs: 600_000 };
  expect(await inTime(Promise.resolve(1), later)).toBe(1);
  await expect(inTime(Promise.reject(new Error('broken')), later)).rejects.toThrow('broken');
  expect(await inTime(Promise.resolve(2), undefined)).toBe(2);
});
