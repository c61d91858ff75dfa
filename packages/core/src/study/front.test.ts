import { describe, expect, it } from 'vitest';
import { aCurve, aModel, aStudy } from '../testing/results.js';
import { bestDefence, defencesAgainstAll, defencesOf } from './front.js';
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
    expect([scaled.asr.value, scaled.worst, scaled.clean.value]).toEqual([0.6, 'blend', 0.95]);
    // Blend was not rotated.
    expect(found.some(({ at }) => at[0] === 'rotation')).toBe(false);
  });
});
