import { describe, expect, it } from 'vitest';
import {
  bestColumns,
  type ComparedModel,
  comparisonOf,
  deltaOf,
  differs,
  tableOfComparison,
} from './comparison';

const rate = (numerator: number, denominator: number) => ({
  value: numerator / denominator,
  numerator,
  denominator,
  low: 0,
  high: 1,
  definition: '',
});
const curve = (points: [value: number, asr: number][]): ComparedModel['curves'][number] => ({
  target: 'IMAGE',
  transform: { id: 'rotation', title: 'Rotation', unit: '°', identity: 0 },
  points: points.map(([value, asr]) => ({ value, asr: { value: asr } })),
});
const aModel = (over: Partial<ComparedModel> = {}): ComparedModel => ({
  id: 'mod_1',
  name: 'One',
  kind: 'TROJANED',
  status: 'SUCCEEDED',
  width: 28,
  height: 28,
  dataset: { title: 'MNIST' },
  architecture: { title: 'LeNet' },
  benign: null,
  attack: { title: 'BadNets' },
  attackParameters: { patchSizePx: 5 },
  targetLabel: { name: '0' },
  poison: { rate: 0.1, effective: 6_000 },
  cleanAccuracy: rate(99, 100),
  asr: rate(90, 100),
  training: { recipe: { epochs: 5, learningRate: 0.1 }, durationSeconds: 60 },
  provenance: { seed: 1, start: 'SCRATCH', version: '0.1.0', engine: 'x' },
  curves: [],
  ...over,
});
const rowOf = (title: string, ...models: ComparedModel[]) =>
  comparisonOf(models).find((row) => row.title === title)!;

describe('comparison', () => {
  it('tells which properties differ, parameters and recipe included', () => {
    const other = aModel({
      attackParameters: { patchSizePx: 3 },
      training: { recipe: { epochs: 5, learningRate: 0.05 }, durationSeconds: 60 },
    });
    const different = comparisonOf([aModel(), other]).filter(differs);
    expect(different.map(({ title }) => title)).toEqual(['Patch size (px)', 'Learning rate']);
  });

  it('marks the best of each measure, all of equal ones, none where all are alike', () => {
    const [low, high] = [aModel(), aModel({ asr: rate(95, 100), cleanAccuracy: rate(98, 100) })];
    expect(bestColumns(rowOf('ASR', low, high, low))).toEqual([1]);
    expect(bestColumns(rowOf('Clean accuracy', low, high, low))).toEqual([0, 2]);
    expect(bestColumns(rowOf('ASR', low, low))).toEqual([]);
    expect(bestColumns(rowOf('Seed', low, high))).toEqual([]);
    const slow = aModel({ training: { recipe: {}, durationSeconds: 90 } });
    expect(bestColumns(rowOf('Training took', low, slow))).toEqual([0]);
  });

  it('tells each difference from the baseline in the unit of the row', () => {
    const [one, two] = [
      aModel(),
      aModel({
        asr: rate(85, 100),
        attack: { title: 'Blend' },
        attackParameters: { patchSizePx: 8 },
        training: { recipe: {}, durationSeconds: 90 },
      }),
    ];
    const benign = aModel({ asr: null });
    expect(deltaOf(rowOf('ASR', one, two), 1, 0)).toBe('−5.0\u202fpp');
    expect(deltaOf(rowOf('ASR', one, two), 0, 1)).toBe('+5.0\u202fpp');
    expect(deltaOf(rowOf('ASR', one, two), 0, 0)).toBeNull();
    expect(deltaOf(rowOf('ASR', one, benign), 1, 0)).toBeNull();
    expect(deltaOf(rowOf('Patch size (px)', one, two), 1, 0)).toBe('+3');
    expect(deltaOf(rowOf('Training took', one, two), 1, 0)).toBe('+30 s');
    expect(deltaOf(rowOf('Attack', one, two), 1, 0)).toBe('differs');
    expect(deltaOf(rowOf('Data set', one, two), 1, 0)).toBe('=');
  });

  it('is taken away as it stands: numbers, words, and differences from the baseline', () => {
    const models = [aModel(), aModel({ name: 'Two', asr: rate(85, 100), attackParameters: {} })];
    const shown = comparisonOf(models).filter(differs);
    expect(tableOfComparison(models, shown, 0)).toEqual({
      columns: ['property', 'One', 'Two', 'Two against One'],
      rows: [
        ['ASR', 0.9, 0.85, '−5.0\u202fpp'],
        ['Patch size (px)', 5, null, null],
      ],
      texts: [
        ['ASR', '90.0\u202f%', '85.0\u202f%', '−5.0\u202fpp'],
        ['Patch size (px)', '5', '–', '–'],
      ],
    });
    expect(tableOfComparison(models, shown, -1).columns).toEqual(['property', 'One', 'Two']);
  });

  it('takes means over the values that all curves share, the identity aside', () => {
    const one = aModel({
      curves: [
        curve([
          [0, 1],
          [15, 0.8],
          [30, 0.4],
        ]),
      ],
    });
    const two = aModel({
      curves: [
        curve([
          [0, 1],
          [15, 0.6],
          [45, 0],
        ]),
      ],
    });
    const unswept = aModel();
    const row = rowOf('Rotation of the image', one, two, unswept);
    expect(row.cells.map(({ text }) => text)).toEqual(['80.0\u202f%', '60.0\u202f%', '–']);
    expect(row.definition).toContain('at 15°:');
  });
});
