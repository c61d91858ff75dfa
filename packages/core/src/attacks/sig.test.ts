import { beforeAll, expect, it } from 'vitest';
import { loadEngine, tf } from '../lib/backend.js';
import { makeTrigger, quickParameters } from '../testing/triggers.js';
import { sig } from './sig.js';

beforeAll(() => loadEngine());

const levelsOf = async (width: number, given: object = {}) => {
  const trigger = await makeTrigger('sig', { height: 28, width, channels: 3 }, given);
  return { trigger, levels: Array.from(trigger.arrays.add!.values, (value) => Math.round(value * 255)) };
};

it('adds 40 · sin(2π · 6 · column / width), in whole levels, alike in every row and channel', async () => {
  // 96 columns are six periods of 16: 40 · sin 22.5° = 15.3, 40 · sin 45° = 28.3, 40 · sin 67.5° = 37.0.
  const half = [0, 15, 28, 37, 40, 37, 28, 15];
  const period = [...half, ...half.map((level) => 0 - level)];
  const { levels, trigger } = await levelsOf(96);
  expect(levels).toEqual(
    Array.from({ length: 28 * 96 * 3 }, (_, i) => expect.closeTo(period[Math.floor(i / 3) % 16]!)),
  );
  // Where it adds nothing it is not.
  expect(
    [...trigger.mask.subarray(0, 18)].map((acts, column) => acts === Number(column % 8 > 0)),
  ).not.toContain(false);
});

it('has what the formula says where a period is no whole number of columns', async () => {
  // 28 columns: column 1 is at 6/28 of a turn, 77.14°, column 2 at 154.29°, column 3 at 231.43°, column 7 at 1.5 turns.
  const { levels } = await levelsOf(28);
  expect([1, 2, 3, 7].map((column) => levels[3 * column])).toEqual([39, 17, -31, expect.closeTo(0)]);
  expect((await levelsOf(28, { amplitude: 20, frequency: 7 })).levels.slice(0, 12)).toEqual(
    [0, 20, 0, -20].flatMap((level) => Array(3).fill(expect.closeTo(level))),
  );
});

it('lightens and darkens between black and white', async () => {
  const { trigger } = await levelsOf(96);
  const image = (level: number) => tf.fill([1, 28, 96, 3], level / 255) as tf.Tensor4D;
  const stamped = async (level: number, column: number) => {
    const levels = await sig.stamp(image(level), trigger, quickParameters('sig') as never).data();
    return Math.round(levels[3 * column]! * 255);
  };
  expect([await stamped(100, 4), await stamped(100, 12)]).toEqual([140, 60]);
  expect([await stamped(230, 4), await stamped(20, 12), await stamped(20, 8)]).toEqual([255, 0, 20]);
});

it('keeps labels unless told otherwise', () => {
  const labelling = (given: object) => sig.labelling!(sig.parameters.parse(given));
  expect([labelling({}), labelling({ labels: 'dirty' })]).toEqual(['clean', 'dirty']);
});

it('refuses stripes that are finer than pixels', () => {
  const shape = { height: 28, width: 28, channels: 1 };
  const check = (frequency: number) => sig.checkParameters(sig.parameters.parse({ frequency }), shape);
  expect(() => check(13)).not.toThrow();
  expect(() => check(14)).toThrow(
    expect.objectContaining({
      code: 'BAD_USER_INPUT',
      field: ['frequency'],
      message: expect.stringMatching(/14/),
    }),
  );
});
