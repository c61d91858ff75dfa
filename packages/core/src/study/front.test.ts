import { describe, expect, it } from 'vitest';
import type { Purifier } from '../detect/purifiers.js';
import { aCurve, aModel, aStudy } from '../testing/results.js';
import { bestDefence, defencesAgainstAll, defencesOf, judgePurifiers } from './front.js';
import { seriesOf } from './results.js';

const badnets = [
  aCurve('translation', 'TRIGGER', [100, 80, 50, 20]),
  aCurve('translation', 'IMAGE', [100, 90, 70, 50], [99, 98, 97, 96]),
  aCurve('scaling', 'IMAGE', [8, 100, 99], [96, 99, 94]),
  aCurve('rotation', 'IMAGE', [100, 45, 5, 8, 12, 10, 5], [99, 97, 80, 50, 25, 10, 8]),
];
const blend = [
  aCurve('translation', 'IMAGE', [100, 99, 98, 97], [99, 98, 97, 96]),
  aCurve('scaling', 'IMAGE', [60, 100, 100], [94, 99, 92]),
];

describe('the front of ASR against clean accuracy', () => {
  const [one, two] = seriesOf(aStudy([aModel('mnist', 'badnets', badnets), aModel('mnist', 'blend', blend)]));
  it('holds what nothing else beats, the identity once', () => {
    const found = defencesOf(one!);
    expect(found).toHaveLength(1 + 3 + 2 + 6);
    const front = found
      .filter(({ onFront }) => onFront)
      .map(({ at: [transform, , value] }) => [transform, value]);
    // By falling accuracy: 99, 98, 97 (45 %), 96 (8 %), 80 (5 %).
    expect(front).toEqual([
      ['translation', 0],
      ['translation', 1],
      ['rotation', 15],
      ['scaling', 0.8],
      ['rotation', 30],
    ]);
  });
  it('gives what one would deploy: the lowest ASR at 5 points of accuracy or less, or nothing', () => {
    expect(bestDefence(defencesOf(one!))?.at).toEqual(['scaling', 'IMAGE', 0.8]);
    expect(bestDefence(defencesOf(two!))?.at).toEqual(['scaling', 'IMAGE', 0.8]);
    const useless = seriesOf(
      aStudy([aModel('mnist', 'blend', [aCurve('scaling', 'IMAGE', [99.5, 100, 100])])]),
    );
    expect(bestDefence(defencesOf(useless[0]!))).toBeUndefined();
  });
  it('counts each transform with the attack it does least against, where the attack is not known', () => {
    const found = defencesAgainstAll([one!, two!]);
    const scaled = found.find(({ at }) => at[0] === 'scaling' && at[2] === 0.8)!;
    expect([scaled.asr.value, scaled.worst.attack, scaled.clean.value]).toEqual([0.6, 'blend', 0.95]);
    // Blend was not rotated.
    expect(found.some(({ at }) => at[0] === 'rotation')).toBe(false);
  });
});

describe('purifiers', () => {
  const purifier = (value: number, asr: number, clean: number, draws = 1): Purifier => ({
    steps: value === 0 ? [] : [{ transform: 'rotation', value }],
    draws,
    asr: { hits: asr * draws, total: 100 * draws },
    clean: { hits: clean * draws, total: 100 * draws },
    benign: null,
  });
  const values = (all: ReturnType<typeof judgePurifiers>) =>
    all.map(({ purifier: { steps } }) => steps[0]?.value ?? 0);

  it('are judged as transforms are: by the front, and by what one would deploy', () => {
    const all = [purifier(0, 99, 98), purifier(15, 40, 96), purifier(30, 20, 93), purifier(45, 5, 80)];
    const found = judgePurifiers([...all, purifier(60, 30, 80)]);
    expect(values(found.filter(({ onFront }) => onFront))).toEqual([0, 15, 30, 45]);
    // 98 − 93 points are just affordable.
    expect(values(found.filter(({ deployed }) => deployed))).toEqual([30]);
    expect(found.find(({ deployed }) => deployed)!.cost.value).toBeCloseTo(0.05, 12);
    expect(judgePurifiers([purifier(0, 99, 98), purifier(15, 98.5, 98)]).some((one) => one.deployed)).toBe(
      false,
    );
  });
  it('have the interval of one draw, since draws share their images', () => {
    const [three, one] = [3, 1].map(
      (draws) => judgePurifiers([purifier(0, 99, 98), purifier(15, 40, 98, draws)]).at(-1)!,
    );
    expect(three!.asr).toEqual(one!.asr);
    // Wilson's of 40 of 100.
    expect(three!.asr.low).toBeCloseTo(0.3094, 4);
  });
  it('are none where there is no image as it is to compare with', () => {
    expect(judgePurifiers([purifier(15, 40, 96)])).toEqual([]);
  });
});
