import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findLargestRange, type LargestRange, type RangeSearch, type RangeTrial } from './largestRange.js';

const search = (more: Partial<RangeSearch> = {}): RangeSearch => ({
  identity: 0,
  limit: 180,
  step: 10,
  precision: 1,
  tolerance: 0.05,
  ...more,
});

async function find(accuracyAt: (value: number) => number, given: RangeSearch) {
  const tried: RangeTrial[] = [];
  const searching = findLargestRange(accuracyAt, given);
  for (;;) {
    const { done, value } = await searching.next();
    if (done) return { ...(value as LargestRange), tried };
    tried.push(value as RangeTrial);
  }
}

/** Right up to an angle, then falling. */
const fallsFrom = (angle: number) => (value: number) =>
  value <= angle ? 0.98 : Math.max(0, 0.98 - (value - angle) * 0.1);

describe('findLargestRange', () => {
  it('goes outward in steps, then refines between the last that held and the first that failed', async () => {
    // 0.98 − 0.05 = 0.93 is passed half a degree after 37.
    const { lastHeld, firstFailed, tried } = await find(fallsFrom(37), search());
    expect([lastHeld.value, firstFailed?.value]).toEqual([37, 38]);
    expect(tried.map(({ value }) => value)).toEqual([0, 10, 20, 30, 40, 32, 34, 36, 38, 37]);
    expect(tried.find(({ value }) => value === 36)).toEqual({ value: 36, accuracy: 0.98, holds: true });
  });

  it('is not misled where images are right again further out', async () => {
    // A 0 turned by 180° is a 0; halving 0..180 would start at 90 and say that all holds.
    const symmetric = (angle: number) => 0.5 + 0.48 * Math.cos((angle * Math.PI) / 45) ** 2;
    const { lastHeld, firstFailed } = await find(symmetric, search({ tolerance: 0.1 }));
    // 0.48 · sin² < 0.1 up to 45/π · asin(√(0.1/0.48)) = 6.78°.
    expect([lastHeld.value, firstFailed?.value]).toEqual([6, 7]);
  });

  it('finds the first failure inside a step, too, not any', async () => {
    // Fails at 33..34 and from 37 on: the finer walk meets 34 first, then comes back to 33.
    const twice = (value: number) => ((value >= 33 && value < 35) || value >= 37 ? 0 : 1);
    const { lastHeld, firstFailed } = await find(twice, search());
    expect([lastHeld.value, firstFailed?.value]).toEqual([32, 33]);
  });

  it('goes down as well as up, from any identity', async () => {
    const given = search({ identity: 1, limit: 0.1, step: 0.1, precision: 0.01 });
    const { lastHeld, firstFailed, tried } = await find((factor) => (factor > 0.634 ? 0.9 : 0.1), given);
    expect([lastHeld.value, firstFailed?.value]).toEqual([0.64, 0.63]);
    expect(tried.slice(0, 5).map(({ value }) => value)).toEqual([1, 0.9, 0.8, 0.7, 0.6]);
  });

  it('ends at the limit, where all holds', async () => {
    const { lastHeld, firstFailed, tried } = await find(() => 0.9, search({ limit: 25 }));
    expect([lastHeld.value, firstFailed]).toEqual([25, null]);
    expect(tried.map(({ value }) => value)).toEqual([0, 10, 20, 25]);
  });

  it('tries the limit itself where it is the first to fail', async () => {
    const { lastHeld, firstFailed } = await find((value) => (value < 25 ? 1 : 0), search({ limit: 25 }));
    expect([lastHeld.value, firstFailed?.value]).toEqual([24, 25]);
  });

  it('stays at the identity where the smallest step fails', async () => {
    const { lastHeld, firstFailed } = await find((value) => (value === 0 ? 1 : 0), search());
    expect([lastHeld.value, firstFailed?.value]).toEqual([0, 1]);
  });

  it('measures against the accuracy at the identity; what equals it less the tolerance holds', async () => {
    const given = search({ tolerance: 0.25, limit: 30 });
    expect((await find((value) => (value === 0 ? 0.75 : 0.5), given)).firstFailed).toBeNull();
    expect((await find((value) => (value === 0 ? 0.75 : 0.49), given)).lastHeld.value).toBe(0);
  });

  it('asks for every value once, and stops when nobody asks on', async () => {
    const asked: number[] = [];
    const searching = findLargestRange((value) => {
      asked.push(value);
      return 1;
    }, search());
    for await (const { value } of searching) if (value === 20) break;
    expect(asked).toEqual([0, 10, 20]);
    const { tried } = await find(fallsFrom(37), search());
    expect(new Set(tried.map(({ value }) => value)).size).toBe(tried.length);
  });

  it('whatever the curve: all tried up to the last that held do hold, and the next fails, a precision on', async () => {
    const curve = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 37, maxLength: 37 });
    const steps = fc.constantFrom([10, 1], [15, 5], [7, 2], [5, 5], [90, 0.5]);
    await fc.assert(
      fc.asyncProperty(curve, steps, async (levels, [step, precision]) => {
        const at = (value: number) => levels[Math.floor(value / 5)]!;
        const { lastHeld, firstFailed, tried } = await find(
          at,
          search({ step: step!, precision: precision!, tolerance: 0.4 }),
        );
        for (const { value, holds } of tried) {
          expect(holds).toBe(at(value) >= levels[0]! - 0.4);
          if (value <= lastHeld.value) expect(holds).toBe(true);
        }
        if (!firstFailed) {
          expect(lastHeld.value).toBe(180);
          return;
        }
        expect(firstFailed.holds).toBe(false);
        expect(firstFailed.value - lastHeld.value).toBeGreaterThan(0);
        expect(firstFailed.value - lastHeld.value).toBeLessThanOrEqual(precision! + 1e-9);
      }),
      { numRuns: 100 },
    );
  });

  it('refuses steps and tolerances that make no sense', async () => {
    for (const wrong of [
      { step: 0 },
      { precision: 0 },
      { precision: 20 },
      { tolerance: -1 },
      { step: Number.NaN },
    ])
      await expect(find(() => 1, search(wrong))).rejects.toThrow(RangeError);
  });
});
