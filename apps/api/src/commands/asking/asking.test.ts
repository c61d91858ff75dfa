import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import type { Api } from './api.js';
import { ownCatalog } from './catalog.js';
import { type Curve, plot } from './curves.js';
import { bar, jobWords } from './jobs.js';
import { percent, points, pValue, table } from './print.js';
import { addOptions, type FieldSchema, inputOf, kebab, optionsOf, spoken } from './schemaOptions.js';

const leaves = (field: FieldSchema): number =>
  Object.values(field.properties ?? {}).reduce((sum, one) => sum + (one.properties ? leaves(one) : 1), 0);

test('every parameter of every attack, detector and method is an option', async () => {
  const { attacks, detectors, explainers } = await ownCatalog();
  for (const { id, parameters } of [...attacks, ...detectors, ...explainers])
    expect([id, optionsOf(parameters).length]).toEqual([id, leaves(parameters)]);
});

describe('options of a schema', () => {
  const schema: FieldSchema = {
    properties: {
      patchSizePx: { type: 'integer', minimum: 1, maximum: 64, default: 5, unit: 'px', description: 'Side.' },
      corner: { type: 'string', enum: ['topLeft', 'topRight'], default: 'topLeft' },
      eligibility: { type: 'string', enum: ['TRUE_LABEL', 'BENIGN_PREDICTION'] },
      startFromBenign: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: true },
      mean: { type: 'array', items: { type: 'number' } },
      pictureFile: { type: 'string', format: 'file', default: '' },
      augmentation: { type: 'object', properties: { shiftPx: { type: 'number' } } },
      batchSize: { type: 'integer' },
      transforms: { type: 'array', items: { type: 'object' } },
    },
  };
  const options = optionsOf(schema, { taken: new Set(['batch-size']), owner: 'uatLike' });
  const given = async (...words: string[]) => {
    const command = addOptions(new Command().exitOverride().configureOutput({ writeErr() {} }), options);
    return inputOf(
      { server: new URL('http://lab') } as Api,
      options,
      command.parse(words, { from: 'user' }).opts(),
    );
  };

  test('have its names, units, ranges, defaults and words', () => {
    expect(options.map(({ option }) => option.flags)).toEqual([
      '--patch-size-px <px>',
      '--corner <word>',
      '--eligibility <word>',
      '--start-from-benign',
      '--no-keep',
      '--mean <numbers>',
      '--picture-file <file>',
      '--augmentation-shift-px <number>',
      '--uat-like-batch-size <number>',
    ]);
    expect(options[0]!.option.description).toBe('Side (1 to 64 px; default: 5)');
    expect(options[2]!.option.argChoices).toEqual(['true-label', 'benign-prediction']);
  });

  test('send what was said, and no defaults', async () => {
    expect(await given()).toEqual({});
    expect(
      await given(
        ...['--patch-size-px', '3', '--corner', 'TOPLEFT', '--eligibility', 'benign-prediction'],
        ...['--no-keep', '--mean', '-0.5,0,0.5', '--picture-file', 'there/apple.png'],
        ...['--augmentation-shift-px', '2', '--uat-like-batch-size', '8', '--start-from-benign'],
      ),
    ).toEqual({
      patchSizePx: 3,
      corner: 'topLeft',
      eligibility: 'BENIGN_PREDICTION',
      keep: false,
      mean: [-0.5, 0, 0.5],
      // Of the server's disk.
      pictureFile: 'there/apple.png',
      augmentation: { shiftPx: 2 },
      batchSize: 8,
      startFromBenign: true,
    });
    await expect(given('--patch-size-px', 'x')).rejects.toThrow('Expected a number, got x');
    await expect(given('--corner', 'middle')).rejects.toThrow('Allowed choices are topLeft, topRight');
  });

  test('names as they are typed', () => {
    expect(['patchSizePx', 'rotationDeg', 'std'].map(kebab)).toEqual([
      'patch-size-px',
      'rotation-deg',
      'std',
    ]);
    expect(['TRUE_LABEL', 'topLeft'].map(spoken)).toEqual(['true-label', 'topLeft']);
  });
});

const rate = (numerator: number, denominator = 100) => ({
  value: numerator / denominator,
  numerator,
  denominator,
  low: 0.25,
  high: 0.75,
});

test('numbers as terminals show them', () => {
  expect(percent(rate(50))).toBe('50.0 % (25.0 to 75.0)');
  expect(percent(rate(1, 2))).toBe('50 % (25 to 75)');
  expect([percent(null), percent({ ...rate(0), denominator: 0 })]).toEqual(['–', 'of none']);
  expect([0.05, -0.05, 0.0001].map(points)).toEqual(['+5.0 pp', '−5.0 pp', '±0.0 pp']);
  expect([null, 1e-5, 0.0123, 0.5].map(pValue)).toEqual(['–', '< 0.0001', '0.012', '0.500']);
  expect(
    table(
      ['value', 'what'],
      [
        ['5', 'x'],
        ['10', 'yy'],
      ],
    ),
  ).toBe('value  what\n    5  x\n   10  yy');
});

test('a bar is as long as its part, to an eighth of a sign', () => {
  expect([bar(0, 4), bar(0.5, 4), bar(1, 4), bar(0.53125, 4)]).toEqual(['    ', '██  ', '████', '██▏ ']);
});

test('a job in one line', () => {
  const job = { id: 'job_1', title: 'Sweep', queuePosition: null, startsInSeconds: null, error: null };
  const progress = { stage: 'measuring', done: 1, total: 4, unit: 'points', etaSeconds: 100 };
  expect(jobWords({ ...job, status: 'RUNNING', progress }, true)).toBe(
    'Sweep: █████                25 % measuring, 1 of 4 points, about 2 min to go',
  );
  expect(
    jobWords({ ...job, status: 'QUEUED', progress: null, queuePosition: 2, startsInSeconds: 30 }, false),
  ).toBe('Sweep: queued, place 2, starts in about 30 s');
});

test('a curve is drawn where it lies', () => {
  const point = (value: number, asr: number) => ({ id: '', value, asr: rate(asr), cleanAccuracy: rate(100) });
  const curve = {
    unit: '°',
    transform: { id: 'rotation', title: 'Rotation', valueName: 'Angle', identity: 0 },
    points: [point(30, 0), point(0, 100)],
  } as never as Curve;
  const [top, , bottom, axis, ends] = plot(curve, 4, 3).split('\n');
  // 8 dots across and 12 down: from the left above to the right below; clean accuracy in the top row, every fourth dot.
  expect([top, bottom]).toEqual(['100 % ┤⠱⡀⠁⠀', '  0 % ┤⠀⠀⠈⢆']);
  expect([axis, ends]).toEqual(['      └────', '       0°30°']);
});
