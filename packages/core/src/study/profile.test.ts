import { describe, expect, it } from 'vitest';
import { transforms } from '../transforms/index.js';
import { asrRetained, ROBUSTNESS_SUITE, type SettingHits, settingWords } from './profile.js';

const setting = (hits: number[], values: number, atIdentity = [1, 1, 1, 0]): SettingHits => ({
  samples: [7, 3, 9, 4].slice(0, hits.length),
  atIdentity,
  hits,
  values,
});

describe('mean ASR retained', () => {
  it('is a ratio of means with the ratio estimator’s interval', () => {
    // Of 3 that fire, one value of two keeps the first two: ½ and ½ of 3, a third. Residuals ⅙, ⅙, −⅓, 0: squares 1/6,
    // over n(n − 1) = 12 is 1/72; 1.959964·√(1/72) over the mean of ¾ is 0.307979.
    const { value, low, high } = asrRetained([setting([1, 1, 0, 0], 2)])!;
    expect(value).toBeCloseTo(1 / 3, 12);
    expect(low).toBeCloseTo(1 / 3 - 0.307979, 5);
    expect(high).toBeCloseTo(1 / 3 + 0.307979, 5);
  });

  it('weighs transforms alike, however many values they have', () => {
    // ASR 3/4 at the identity. One transform keeps all at its one value: retained 1. The other at four values keeps
    // 3, 0, 0 and 0 of 3: retained ¼. Their mean is ⅝; over all five points it would be 2/5.
    const retained = asrRetained([setting([1, 1, 1, 0], 1), setting([1, 1, 1, 0], 4)])!;
    expect(retained.value).toBeCloseTo(5 / 8, 12);
  });

  it('is exact where nothing changes, may exceed 1, and has no low end below 0', () => {
    const all = asrRetained([setting([1, 1, 1, 0], 1)])!;
    expect([all.value, all.low, all.high]).toEqual([1, 1, 1]);
    expect(asrRetained([setting([1, 1, 1, 1], 1)])!.value).toBeCloseTo(4 / 3, 12);
    expect(asrRetained([setting([0, 0, 1, 0], 1)])!.low).toBe(0);
    expect(asrRetained([setting([1], 1, [1])])!.high).toBe(Number.POSITIVE_INFINITY);
  });

  it('is none where nothing fires, and only of the same samples', () => {
    expect(asrRetained([setting([0, 0, 0, 0], 1, [0, 0, 0, 0])])).toBeUndefined();
    expect(asrRetained([])).toBeUndefined();
    const others = { ...setting([1, 1, 1, 0], 1), samples: [7, 3, 9, 5] };
    expect(() => asrRetained([setting([1, 1, 1, 0], 1), others])).toThrow(RangeError);
  });
});

describe('the suite', () => {
  it('has values in range, none the identity, each transform once', () => {
    for (const { transform, values } of ROBUSTNESS_SUITE.settings) {
      const { minimum, maximum, identity } = transforms[transform];
      for (const value of values)
        expect(value >= minimum && value <= maximum && value !== identity).toBe(true);
    }
    const names = ROBUSTNESS_SUITE.settings.map(({ transform, target }) => `${transform}/${target}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('stays what its name says', () => {
    expect(ROBUSTNESS_SUITE.name).toBe('paper-image-1');
    expect(ROBUSTNESS_SUITE.settings.map(settingWords)).toEqual([
      'Translation of the image at 1, 2, 3 px',
      'Scaling of the image at 0.8, 1.2 ×',
      'Rotation of the image at 15, 30, 45, 60, 75, 90 °',
    ]);
  });
});
