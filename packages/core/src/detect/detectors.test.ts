import { describe, expect, it } from 'vitest';
import { sureAnswers as answers, detectorChecks, detectorSettings } from '../contract/detectors.js';
import type { View } from './detector.js';
import { type DetectorId, detectorOf, detectors } from './index.js';
import { scaleUp } from './scaleUp.js';
import { strip } from './strip.js';
import { teco } from './teco.js';

const ids = Object.keys(detectors) as DetectorId[];

const contract = ids.flatMap((id) => detectorSettings(detectorOf(id)).map((given) => ({ id, given })));

describe.each(contract)('$id with $given', ({ id, given }) => {
  for (const { name, run } of detectorChecks(detectorOf(id), given)) it(name, run);
});

it('geometric consistency is the share of labels that change', () => {
  const { views, score, parameters } = detectorOf('geometricConsistency');
  const own = parameters.parse({});
  expect(views(own)).toHaveLength(7);
  expect(score(answers([4, 4, 4, 4, 4, 4, 4]), own)).toBe(0);
  expect(score(answers([0, 4, 4, 0, 0, 7, 0]), own)).toBeCloseTo(3 / 6, 12);
  expect(() => views(parameters.parse({ rotationsDeg: [], factors: [], shiftsPx: [] }))).toThrow(
    'expected a turn, a factor or a shift',
  );
});

it('composed consistency asks about each transform and every two, in one order', () => {
  const { views, score, parameters } = detectorOf('composedConsistency');
  const own = views(parameters.parse({}));
  // Six, and six over two.
  expect(own).toHaveLength(1 + 6 + 15);
  expect(new Set(own.map((view) => JSON.stringify(view))).size).toBe(own.length);
  const [turn, blur, file] = [
    { transform: 'rotation', value: -10 },
    { transform: 'blur', value: 0.5 },
    { transform: 'jpeg', value: 50 },
  ];
  const three = {
    rotationDeg: -10,
    factor: 1,
    shiftPx: 0,
    shrinkPadPx: 0,
    blurSigmaPx: 0.5,
    jpegQuality: 50,
  };
  expect(views(parameters.parse(three))).toEqual([
    [],
    [turn],
    [blur],
    [file],
    [turn, blur],
    [turn, file],
    [blur, file],
  ]);
  expect(score(answers([4, 4, 4, 0, 4, 0, 0]), parameters.parse(three))).toBeCloseTo(3 / 6, 12);
  const nothing = parameters.parse({ ...three, rotationDeg: 0, blurSigmaPx: 0, jpegQuality: 100 });
  expect(() => views(nothing)).toThrow('expected a transform');
});

it('STRIP is the mean entropy in bits, low where a trigger holds', () => {
  const own = strip.parameters.parse({ overlays: 4 });
  expect(strip.views(own)).toEqual(Array(4).fill([{ blend: 'SUM' }]));
  // Of two equally likely classes, ln 2 nats: one bit.
  expect(strip.score(answers([0, 0, 0, 0], [Math.LN2, Math.LN2, 0, 0]), own)).toBeCloseTo(-0.5, 6);
});

it('SCALE-UP is the share of factors that leave the label', () => {
  const own = scaleUp.parameters.parse({});
  expect(scaleUp.views(own).map((view) => view.map((step) => 'value' in step && step.value))).toEqual([
    [],
    [3],
    [5],
    [7],
    [9],
    [11],
  ]);
  expect(scaleUp.score(answers([1, 1, 1, 1, 2, 2]), own)).toBeCloseTo(0.6, 12);
  // The authors' published decisions are at factors 1 to 11, and the first counts as agreeing with itself.
  expect(scaleUp.views(scaleUp.parameters.parse({ factors: 'AUTHORS_CODE' }))).toHaveLength(11);
});

describe('TeCo', () => {
  it('is the deviation of the severities at which labels first change', () => {
    const own = teco.parameters.parse({});
    const unchanged = [1, 1, 1, 1, 1];
    // First changes at 1, never (6), never, 3 and 5: mean 4.2, squares (10.24 + 3.24 + 3.24 + 1.44 + 0.64) / 5.
    const labels = [
      1,
      ...[2, 1, 1, 1, 1],
      ...unchanged,
      ...unchanged,
      ...[1, 1, 2, 2, 1],
      ...[1, 1, 1, 1, 3],
    ];
    expect(teco.score(answers(labels), own)).toBeCloseTo(Math.sqrt(18.8 / 5), 12);
    expect(teco.score(answers([1, ...Array(25).fill(1)]), own)).toBe(0);
  });

  it('corrupts the sample, or what the corruption before it left', () => {
    const lengths = (views: readonly View[]) => views.map(({ length }) => length);
    expect(lengths(teco.views(teco.parameters.parse({})))).toEqual([0, ...Array(25).fill(1)]);
    const cumulative = teco.views(teco.parameters.parse({ corruptions: 'CUMULATIVE' }));
    expect(lengths(cumulative)).toEqual([...Array(26).keys()]);
    for (const [i, view] of cumulative.slice(1).entries()) expect(view.slice(0, -1)).toEqual(cumulative[i]);
  });
});
