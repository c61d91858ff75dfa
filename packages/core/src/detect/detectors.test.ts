import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseParameters } from '../lib/params.js';
import { createRandom } from '../lib/random.js';
import { transforms } from '../transforms/index.js';
import type { Answers, View } from './detector.js';
import { type DetectorId, detectorOf, detectors } from './index.js';
import { scaleUp } from './scaleUp.js';
import { strip } from './strip.js';
import { teco } from './teco.js';

const ids = Object.keys(detectors) as DetectorId[];

/** The defaults, and each choice that a parameter offers. */
const contract = ids.flatMap((id) => {
  const { parameters } = detectorOf(id);
  const { properties = {} } = z.toJSONSchema(parameters, { io: 'input' });
  const choices = Object.entries(properties).flatMap(([name, schema]) =>
    ((schema as { enum?: string[] }).enum ?? []).map((word) => ({ [name]: word })),
  );
  return [{}, ...choices].map((given) => ({ id, given: given as Record<string, unknown> }));
});

const answers = (labels: number[], entropies = labels.map(() => 0)): Answers => ({
  labels: Int32Array.from(labels),
  confidences: Float32Array.from(labels, () => 1),
  entropies: Float32Array.from(entropies),
});

describe.each(contract)('$id with $given', ({ id, given }) => {
  const detector = detectorOf(id);
  const parameters = parseParameters(detector.parameters, given);
  const views = detector.views(parameters);

  it('asks 1 to 256 questions, each within its transform’s range', () => {
    expect(views.length).toBeGreaterThanOrEqual(1);
    expect(views.length).toBeLessThanOrEqual(256);
    for (const step of views.flat()) {
      if ('blend' in step) continue;
      const { minimum, maximum } = transforms[step.transform];
      expect(step.value).toBeGreaterThanOrEqual(minimum);
      expect(step.value).toBeLessThanOrEqual(maximum);
    }
  });

  it('scores any answers with a finite number, by labels alone where it says so', () => {
    const random = createRandom(1);
    for (let i = 0; i < 50; i++) {
      const labels = Array.from(views, () => random.integer(3));
      const some = answers(
        labels,
        labels.map(() => random.float()),
      );
      const score = detector.score(some, parameters);
      expect(score).toSatisfy(Number.isFinite);
      expect(detector.score(some, parameters)).toBe(score);
      const unsure = {
        ...some,
        confidences: some.confidences.map(() => 0.1),
        entropies: some.entropies.map(() => 2),
      };
      if (detector.labelsOnly) expect(detector.score(unsure, parameters)).toBe(score);
    }
  });

  it('says what it is and where it is from', () => {
    expect(detector.description).toMatch(/^[A-Z].*\.$/);
    expect(detector.source.citation).not.toBe('');
    expect(detector.source.url).toMatch(/^(https:\/\/|$)/);
  });
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
