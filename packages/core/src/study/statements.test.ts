import { describe, expect, it, test } from 'vitest';
import { aCurve, aModel, aStudy, withoutBenign } from '../testing/results.js';
import { type StudyExplanation, type StudyModel, seriesOf } from './results.js';
import { judge, statements, type Verdict } from './statements.js';

const FULL = [100, 100, 100];
/** BadNets and Blend as the paper has them: every statement on these two holds. */
const badnets = () => [
  aCurve('translation', 'TRIGGER', [100, 80, 50, 20]),
  aCurve('scaling', 'TRIGGER', [40, 100, 99]),
  aCurve('rotation', 'TRIGGER', [100, 98, 70, 40, 70, 98, 100]),
  aCurve('translation', 'IMAGE', [100, 70, 40, 10], [99, 98, 97, 96], [0, 1, 1.5, 2]),
  aCurve('scaling', 'IMAGE', [10, 100, 20], [90, 99, 95], [26, 0, 12]),
  aCurve(
    'rotation',
    'IMAGE',
    [100, 40, 5, 3, 3, 4, 5],
    [99, 90, 60, 30, 15, 10, 8],
    [0, 10, 40, 80, 89, 90, 92],
  ),
];
const blend = () => [
  aCurve('translation', 'TRIGGER', [100, 95, 90, 80]),
  aCurve('scaling', 'TRIGGER', [20, 100, 98]),
  aCurve('rotation', 'TRIGGER', [100, 95, 90, 85, 80, 75, 70]),
  aCurve('translation', 'IMAGE', [100, 99, 97, 95]),
  aCurve('scaling', 'IMAGE', [50, 100, 80]),
  aCurve('rotation', 'IMAGE', [100, 90, 80, 70, 60, 50, 40]),
];
/** Replaces the curves of the same transform and target. */
const but = (curves: StudyModel['curves'], ...others: StudyModel['curves']) =>
  curves.map(
    (curve) =>
      others.find((one) => one.transform === curve.transform && one.target === curve.target) ?? curve,
  );
const verdictsOf = (...models: StudyModel[]): Record<string, Verdict> =>
  Object.fromEntries(judge(seriesOf(aStudy(models))).map(({ id, verdict }) => [id, verdict]));
const onMnist = (b: StudyModel['curves'] = badnets(), l: StudyModel['curves'] = blend()) =>
  verdictsOf(aModel('mnist', null), aModel('mnist', 'badnets', b), aModel('mnist', 'blend', l));

test('the paper’s own picture holds', () => {
  const verdicts = onMnist();
  const held = Object.keys(verdicts).filter((id) => verdicts[id] === 'HELD');
  expect(held).toEqual([
    'trigger-translation-falls',
    'trigger-translation-badnets-fastest',
    'trigger-shrunk',
    'trigger-enlarged',
    'trigger-rotation-falls',
    'trigger-rotation-badnets-symmetric',
    'trigger-rotation-badnets-lowest',
    'image-translation-falls',
    'image-translation-less',
    'image-translation-badnets',
    'image-scaling-hurts',
    'image-scaling-badnets-worst',
    'image-rotation-badnets',
    'image-rotation-clean',
    'errors-trigger',
    'errors-image',
    'errors-follow-accuracy',
  ]);
  // What is about models or explanations that are not there is undecided.
  expect(new Set(Object.values(verdicts))).toEqual(new Set(['HELD', 'UNDECIDED']));
});

describe('a curve that breaks a statement turns its verdict', () => {
  const cases: [id: string, verdict: Verdict, curve: Parameters<typeof aCurve>][] = [
    ['trigger-translation-falls', 'NOT_HELD', ['translation', 'TRIGGER', [100, 50, 70, 40]]],
    ['trigger-translation-falls', 'NOT_HELD', ['translation', 'TRIGGER', [100, 100, 100, 100]]],
    // 1.2 points, give or take 0.7.
    ['trigger-translation-falls', 'UNDECIDED', ['translation', 'TRIGGER', [100, 99.6, 99.2, 98.8]]],
    ['trigger-translation-badnets-fastest', 'NOT_HELD', ['translation', 'TRIGGER', [100, 99, 50, 20]]],
    ['trigger-shrunk', 'NOT_HELD', ['scaling', 'TRIGGER', [95, 100, 100]]],
    ['trigger-enlarged', 'NOT_HELD', ['scaling', 'TRIGGER', [20, 100, 50]]],
    ['trigger-rotation-falls', 'NOT_HELD', ['rotation', 'TRIGGER', [...FULL, 100, ...FULL]]],
    [
      'trigger-rotation-badnets-symmetric',
      'NOT_HELD',
      ['rotation', 'TRIGGER', [100, 90, 80, 40, 30, 20, 10]],
    ],
    ['trigger-rotation-badnets-lowest', 'NOT_HELD', ['rotation', 'TRIGGER', [100, 98, 30, 40, 70, 98, 100]]],
    ['trigger-rotation-badnets-lowest', 'UNDECIDED', ['rotation', 'TRIGGER', [100, 98, 41, 40, 70, 98, 100]]],
    ['image-translation-badnets', 'NOT_HELD', ['translation', 'IMAGE', [100, 95, 90, 80]]],
    ['image-scaling-hurts', 'NOT_HELD', ['scaling', 'IMAGE', [10, 100, 100]]],
    ['image-scaling-badnets-worst', 'NOT_HELD', ['scaling', 'IMAGE', [60, 100, 20]]],
    ['image-rotation-badnets', 'NOT_HELD', ['rotation', 'IMAGE', [100, 90, 80, 80, 80, 80, 80]]],
    ['image-rotation-clean', 'NOT_HELD', ['rotation', 'IMAGE', [100, 40, 5, 3, 3, 4, 5]]],
    ['errors-trigger', 'NOT_HELD', ['scaling', 'TRIGGER', [40, 100, 99], [99, 99, 99], [5, 0, 0]]],
    ['errors-image', 'NOT_HELD', ['scaling', 'IMAGE', [10, 100, 20], [90, 99, 95], [2, 0, 12]]],
  ];
  it.each(cases)('%s: %s', (id, verdict, curve) => {
    expect(onMnist()[id]).toBe('HELD');
    expect(onMnist(but(badnets(), aCurve(...curve)))[id]).toBe(verdict);
  });

  it('also where another model’s curve does', () => {
    const still = aCurve('translation', 'IMAGE', [100, 70, 40, 10]);
    expect(onMnist(badnets(), but(blend(), still))['image-translation-less']).toBe('NOT_HELD');
  });
});

test('on GTSRB Reflection and DFST are held against the others and against clean accuracy', () => {
  const robust = () => [
    aCurve('translation', 'IMAGE', [100, 99, 98, 97]),
    aCurve('scaling', 'IMAGE', [90, 100, 90]),
    aCurve('rotation', 'IMAGE', [100, 95, 90, 85, 80, 75, 70], [99, 80, 60, 40, 30, 20, 15]),
  ];
  const of = (dfst: StudyModel['curves']) =>
    verdictsOf(
      aModel('gtsrb', 'badnets', badnets()),
      aModel('gtsrb', 'dfst', dfst),
      aModel('gtsrb', 'refool', robust()),
    );
  const ids = ['image-translation-robust', 'image-scaling-robust', 'image-rotation-less-than-clean'];
  for (const id of ids) expect(of(robust())[id]).toBe('HELD');
  const weak = but(robust(), aCurve('scaling', 'IMAGE', [1, 100, 5]), ...badnets());
  for (const id of ids) expect(of(weak)[id]).toBe('NOT_HELD');
  // DFST's trigger has no layer: nothing is missing where it has no such curve.
  expect(of(robust())['trigger-shrunk']).toBe('UNDECIDED');
  const findings = judge(seriesOf(aStudy([aModel('gtsrb', 'dfst', robust())]))).find(
    ({ id }) => id === 'trigger-shrunk',
  )!.findings;
  expect(findings).toEqual([]);
});

test('without a benign model what goes by its accuracy is undecided, and nothing else changes', () => {
  const alone = onMnist(withoutBenign(badnets()), withoutBenign(blend()));
  expect(alone).toEqual({
    ...onMnist(),
    'image-rotation-clean': 'UNDECIDED',
    'errors-follow-accuracy': 'UNDECIDED',
  });
  const judged = judge(seriesOf(aStudy([aModel('mnist', 'badnets', withoutBenign(badnets()))])));
  const rotation = judged.find(({ id }) => id === 'image-rotation-clean')!;
  expect(rotation.findings).toEqual([
    { of: 'BadNets on MNIST', verdict: 'UNDECIDED', evidence: 'no benign model' },
  ]);
});

test('a configuration where nothing is well predicted has no error rate to rank', () => {
  const curves = (errorsOf: number) =>
    badnets().map((curve) => ({
      ...curve,
      points: curve.points.map((point) =>
        curve.target === 'IMAGE' && point.value === 90
          ? { ...point, counts: { ...point.counts, errors: 0, errorsOf } }
          : point,
      ),
    }));
  const finding = (errorsOf: number) =>
    judge(seriesOf(aStudy([aModel('mnist', 'badnets', curves(errorsOf))]))).find(
      ({ id }) => id === 'errors-follow-accuracy',
    )!.findings[0]!;
  expect(finding(1_000).evidence).toMatch(/over 11 configurations$/);
  expect(finding(0).evidence).toMatch(/over 10 configurations$/);
  const still = [aCurve('rotation', 'IMAGE', [100, 40, 5, 3, 3, 4, 5])];
  const flat = judge(seriesOf(aStudy([aModel('mnist', 'badnets', still)])));
  expect(flat.find(({ id }) => id === 'errors-follow-accuracy')!.findings[0]).toMatchObject({
    verdict: 'UNDECIDED',
    evidence: expect.stringMatching(/^no correlation/),
  });
});

describe('explanations', () => {
  const score = (triggerEnergy: number, centreEnergy: number, pointingHit = true) => ({
    box: { top: 0, left: 0, height: 5, width: 5 },
    pointingHit,
    triggerEnergy,
    chanceEnergy: 0.03,
    centreEnergy,
  });
  const at = { transform: 'translation', target: 'TRIGGER', cleanRight: true } as const;
  const pairs = (hits: number, after: ReturnType<typeof score>): StudyExplanation[] =>
    Array.from({ length: 50 }, (_, position): StudyExplanation[] => [
      { ...at, position, value: 0, kind: 'TARGET', score: score(0.7, 0.2, position < hits) },
      { ...at, position, value: 3, kind: 'TRUTH', score: after },
    ]).flat();
  const of = (explanations: StudyExplanation[]) => {
    const verdicts = verdictsOf(aModel('gtsrb', 'badnets', badnets(), { explanations }));
    return ['smoothgrad-shows-trigger', 'defeated-trigger-unimportant', 'defeated-centre-important'].map(
      (id) => verdicts[id],
    );
  };
  it('leave out maps with nothing to score, and say how many', () => {
    const nothing = { ...score(0, 0), pointingHit: null, triggerEnergy: null, centreEnergy: null };
    const zero: StudyExplanation[] = Array.from({ length: 60 }, (_, i): StudyExplanation[] => [
      { ...at, position: 100 + i, value: 0, kind: 'TARGET', score: nothing },
      { ...at, position: 100 + i, value: 3, kind: 'TRUTH', score: score(0.6, 0.1) },
    ]).flat();
    const all = [...pairs(49, score(0.05, 0.6)), ...zero];
    expect(of(all)).toEqual(['HELD', 'HELD', 'HELD']);
    const series = seriesOf(aStudy([aModel('gtsrb', 'badnets', badnets(), { explanations: all })]));
    const evidence = judge(series).flatMap(({ id, findings }) =>
      id === 'smoothgrad-shows-trigger' || id.startsWith('defeated') ? findings[0]!.evidence : [],
    );
    expect(evidence).toEqual(
      ['49 of 50', '50 of 50', '50 of 50'].map((rate) => `${rate} (60 left out: nothing to score)`),
    );
    // Of nothing but such maps nothing is decided.
    expect(of(zero)[0]).toBe('UNDECIDED');
  });
  it('decide by their scores', () => {
    expect(of(pairs(49, score(0.05, 0.6)))).toEqual(['HELD', 'HELD', 'HELD']);
    expect(of(pairs(20, score(0.6, 0.1)))).toEqual(['NOT_HELD', 'NOT_HELD', 'NOT_HELD']);
    expect(of(pairs(42, score(0.05, 0.6)))).toEqual(['UNDECIDED', 'HELD', 'HELD']);
    expect(of([])).toEqual(['UNDECIDED', 'UNDECIDED', 'UNDECIDED']);
  });
});

test('one seed alone may leave undecided what three decide', () => {
  const slight = aCurve('scaling', 'TRIGGER', [88, 100, 100]);
  const seeds = [1, 2, 3].map((seed) => aModel('mnist', 'badnets', but(badnets(), slight), { seed }));
  expect(verdictsOf(seeds[0]!)['trigger-shrunk']).toBe('UNDECIDED');
  expect(verdictsOf(...seeds)['trigger-shrunk']).toBe('HELD');
});

test('a model without its curves leaves a statement on all attacks undecided', () => {
  const verdicts = verdictsOf(aModel('mnist', 'badnets', badnets()), aModel('mnist', 'uat'));
  expect(verdicts['trigger-translation-falls']).toBe('UNDECIDED');
});

test('every statement says where it stands and by which rule', () => {
  for (const { where, text, rule } of statements)
    for (const words of [where, text, rule]) expect(words).not.toBe('');
  expect(new Set(statements.map(({ id }) => id)).size).toBe(statements.length);
});
