import { expect, test } from 'vitest';
import { aCurve, aModel, aStudy } from '../../core/src/testing/results.js';
import type { Block } from './document.js';
import { reportOf } from './report.js';

const TITLE = 'What a seed changes';
const TRANSLATION = { 1: [100, 90, 60, 40], 2: [100, 90, 60, 30], 3: [100, 90, 60, 20] };
const models = ([1, 2, 3] as const).map((seed) =>
  aModel('mnist', 'badnets', [aCurve('translation', 'TRIGGER', TRANSLATION[seed])], { seed }),
);
const sectionOf = (used = models) =>
  reportOf(aStudy(used, { options: { seeds: [1, 2, 3] } })).sections.find(({ title }) => title === TITLE);
const the = <K extends Block['kind']>(kind: K) =>
  sectionOf()!.blocks.find((block): block is Extract<Block, { kind: K }> => block.kind === kind)!;

test('what seeds change stands beside what samples do, where models lie furthest apart', () => {
  // Deviation 10 points; Student 4.3027 · 10 / √3 = 24.8. Sampling √(0.3 · 0.7 / 1000) = 1.449 points, 6.9 times less.
  // Wilson of 900 in 3,000: 28.4 to 31.7.
  expect(the('TABLE').rows).toEqual([
    [
      'BadNets',
      'Translation of the trigger',
      '3 px',
      '40.0, 30.0, 20.0',
      '30.0 % (28.4–31.7)',
      '30.0 % (5.2–54.8)',
      '10.0 points',
      '6.9×',
    ],
  ]);
});

test('every model is drawn thin, the mean over them with its interval', () => {
  const { content, name } = the('PICTURE');
  expect(name).toBe('seeds-mnist');
  expect(content.match(/stroke-opacity="0.35"/g)).toHaveLength(3);
});

test('two models say nothing of their spread', () => {
  expect(sectionOf(models.slice(0, 2))).toBeUndefined();
});

test('beside a verdict stands what each seed alone would say', () => {
  const rise = aModel('mnist', 'badnets', [aCurve('translation', 'TRIGGER', [90, 90, 95, 99])], { seed: 4 });
  const report = reportOf(aStudy([...models, rise], { options: { seeds: [1, 2, 3, 4] } }));
  const [table] = report.sections
    .find(({ title }) => title.includes('statements'))!
    .blocks.filter((block) => block.kind === 'TABLE');
  expect(table!.columns[3]).toBe('By seed');
  // 90 → 60, 40, 30, 20 fall; 90 → 99 rises.
  expect(table!.rows[0]![3]).toBe('✓\u00a03, ✗\u00a01');
  expect(table!.rows[1]![3]).toBe('–');
  const alone = reportOf(aStudy(models.slice(0, 1)));
  expect(JSON.stringify(alone.sections)).not.toContain('By seed');
});
