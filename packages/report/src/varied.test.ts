import type { StudyModel, StudyResults } from '@trojanscope/core/evaluation';
import { describe, expect, it, test } from 'vitest';
import { aCurve, aModel, aStudy } from '../../core/src/testing/results.js';
import type { Block } from './document.js';
import { toMarkdown } from './markdown.js';
import { reportOf } from './report.js';

/** BadNets of a patch size and a poison rate. @param asr in percent at the paper's scalings of the image: 0.8, 1, 1.2 */
function aTrojaned(
  {
    patchSizePx = 5,
    poisonRate = 0.1,
    seed = 1,
    pattern = 'square',
    attack = 'badnets' as 'badnets' | 'blend',
  },
  asr: readonly number[],
): StudyModel {
  const model = aModel('mnist', attack, [aCurve('scaling', 'IMAGE', asr)], { seed });
  const { backdoor } = model.spec;
  const parameters =
    attack === 'badnets' ? { ...backdoor!.parameters, patchSizePx, pattern } : backdoor!.parameters;
  const spec = { ...model.spec, backdoor: { ...backdoor!, parameters, poisonRate } };
  return { ...model, id: `mod_${patchSizePx}_${poisonRate}_${seed}_${pattern}`, spec };
}
const plain = (models: readonly StudyModel[]): StudyResults => aStudy(models, { reproduces: false });
const SECTION = 'What the grid varies';
const sectionOf = (results: StudyResults) =>
  reportOf(results).sections.find(({ title }) => title === SECTION)?.blocks ?? [];
const picturesIn = (blocks: readonly Block[]) =>
  blocks.filter((block): block is Extract<Block, { kind: 'PICTURE' }> => block.kind === 'PICTURE');
const tablesIn = (blocks: readonly Block[]) =>
  blocks.filter((block): block is Extract<Block, { kind: 'TABLE' }> => block.kind === 'TABLE');

const grid = plain(
  [3, 5, 9].flatMap((patchSizePx) =>
    [0.01, 0.1].flatMap((poisonRate) =>
      [1, 2].map((seed) =>
        // At 0.8 the seeds are 10 points apart about ten times the side.
        aTrojaned({ patchSizePx, poisonRate, seed }, [10 * patchSizePx + (seed === 1 ? -5 : 5), 100, 80]),
      ),
    ),
  ),
);

describe('a grid of patch sizes and poison rates', () => {
  const blocks = sectionOf(grid);

  it('has a figure for each of both, of each transform, and one without transform', () => {
    expect(picturesIn(blocks).map(({ name }) => name)).toEqual(
      ['patchSizePx', 'poisonRate'].flatMap((name) =>
        ['untransformed', 'image-scaling'].map((of) => `varied-mnist-badnets-${name}-${of}`),
      ),
    );
  });

  it('draws numbers where they are: two panels’ lines on one axis, by value of the transform', () => {
    const [, scaling] = picturesIn(blocks);
    const { content } = scaling!;
    for (const words of ['poison rate 1 %', 'poison rate 10 %', 'Patch size (px)', '0.8 ×', '1 ×', '1.2 ×'])
      expect(content).toContain(`>${words}<`);
    // From 3 to 9 px is from 58 to 214 px of the panel: 5 px is a third of the way, 110.
    expect(content).toContain('>3</text>');
    // 0 to 100 % is from 162 up to 24. At 0.8: 30, 50, 90 %.
    expect(content).toContain('d="M58 120.6L110 93L214 37.8"');
    // Each seed beside them: 25 and 35 % at 3 px.
    for (const y of ['127.5', '113.7']) expect(content).toContain(`cx="58" cy="${y}" r="2.5"`);
    // Wilson over 2,000 samples of both seeds: 30 % is 28.0 to 32.1.
    expect(content).toMatch(/<path d="M58 117\.8L.*58 123\.3Z" fill="#440154"/);
  });

  it('tells the same in a table, seeds taken together', () => {
    const [bySize, byRate] = tablesIn(blocks);
    expect(bySize!.columns).toEqual([
      'With',
      'Rate',
      'Patch size 3 px',
      'Patch size 5 px',
      'Patch size 9 px',
    ]);
    expect(bySize!.rows.map(([given, rate]) => [given, rate])).toEqual(
      ['poison rate 1 %', 'poison rate 10 %'].flatMap((given) => [
        [given, 'Clean accuracy, whole test set'],
        [given, 'ASR, whole test set'],
        [given, 'ASR, scaling of the image'],
      ]),
    );
    // The mean of 30 and 80 %, of 25 and 80 for one seed, of 35 and 80 for the other.
    expect(bySize!.rows[2]![2]).toMatch(/^55\.0 % \(53\.\d–56\.\d\) \[52\.5–57\.5 over seeds\]$/);
    expect(bySize!.rows[0]![2]).toMatch(/^99\.00 % .* \[99\.00–99\.00 over seeds\]$/);
    expect(byRate!.columns).toEqual(['With', 'Rate', 'Poison rate 1 %', 'Poison rate 10 %']);
    expect(toMarkdown('', [{ title: SECTION, blocks }], 'figures')).toContain(
      '](figures/varied-mnist-badnets-poisonRate-image-scaling.svg)',
    );
  });

  it('counts each combination by itself everywhere else, and two seeds of it together', () => {
    const report = reportOf(grid);
    const [models] = tablesIn(report.sections.flatMap((section) => section.blocks));
    expect(models!.rows.map(([, name]) => name)).toEqual(
      [3, 5, 9].flatMap((size) =>
        [1, 10].map((rate) => `BadNets, patch size ${size} px, poison rate ${rate} %`),
      ),
    );
    const figure = picturesIn(report.sections.flatMap((section) => section.blocks)).find(
      ({ name }) => name === 'image-scaling-mnist',
    )!;
    const colours = [...figure.content.matchAll(/<path d="[^"]*h18" fill="none" stroke="(#\w+)"/g)];
    expect(new Set(colours.map(([, colour]) => colour)).size).toBe(7);
    expect(figure.caption).not.toContain('Fig.');
  });

  it('has its axes in curves.csv, by name', () => {
    const { columns, rows } = reportOf(grid).tables[0]!;
    expect(columns.slice(-2)).toEqual(['attackParameters', 'parameter.patchSizePx']);
    expect(rows[0]).toMatchObject({
      poisonRate: 0.01,
      targetLabel: 0,
      architecture: 'lenet',
      'parameter.patchSizePx': 3,
    });
    expect(JSON.parse(rows[0]!.attackParameters as string)).toMatchObject({
      patchSizePx: 3,
      pattern: 'square',
    });
  });
});

test('choices stand side by side, in the order they are asked for', () => {
  const blocks = sectionOf(
    plain(['square', 'cross', 'letter'].map((pattern, i) => aTrojaned({ pattern }, [20 * i, 100, 80]))),
  );
  const { content } = picturesIn(blocks)[1]!;
  // The middle of three is halfway.
  expect(content).toContain('d="M58 162L136 134.4L214 106.8"');
  expect(content).toContain('>cross</text>');
  expect(tablesIn(blocks)[0]!.columns).toEqual(['Rate', 'Pattern square', 'Pattern cross', 'Pattern letter']);
});

test('rates over two powers of ten are on a logarithmic axis', () => {
  const rates = [0.001, 0.01, 0.1].map((poisonRate, i) => aTrojaned({ poisonRate }, [20 * i, 100, 80]));
  const { content } = picturesIn(sectionOf(plain(rates)))[1]!;
  expect(content).toContain('d="M58 162L136 134.4L214 106.8"');
  expect(content).toContain('Poison rate (%), logarithmic');
});

test('of a long sweep a few values are drawn, and it is said of how many', () => {
  const many = Array.from({ length: 31 }, (_, i) => i);
  const points = many.map((value) => ({
    value,
    counts: aCurve('rotation', 'IMAGE', [100]).points[0]!.counts,
  }));
  const models = [3, 5].map((patchSizePx) => ({
    ...aTrojaned({ patchSizePx }, []),
    curves: [{ ...aCurve('rotation', 'IMAGE', [100]), points }],
  }));
  const [, rotation] = picturesIn(sectionOf(plain(models)));
  expect(rotation!.caption).toContain('8 of 31 values are drawn');
  expect(rotation!.content.match(/h18"/g)).toHaveLength(8);
});

test('nothing is said where nothing varies, nor of seeds, attacks or what is no classifier', () => {
  expect(sectionOf(plain([aTrojaned({}, [1, 100, 1]), aTrojaned({ seed: 2 }, [1, 100, 1])]))).toEqual([]);
  expect(sectionOf(plain([aTrojaned({}, [1, 100, 1]), aTrojaned({ attack: 'blend' }, [1, 100, 1])]))).toEqual(
    [],
  );
  const chance = { hits: 980, total: 10_000 };
  const collapsed = aTrojaned({ patchSizePx: 3 }, [1, 100, 1]);
  const broken = { ...collapsed, record: { ...collapsed.record!, clean: chance } };
  expect(sectionOf(plain([aTrojaned({}, [1, 100, 1]), broken]))).toEqual([]);
});

test('more combinations than anybody tells apart are in tables, and it is said', () => {
  const many = Array.from({ length: 14 }, (_, i) => i + 1).flatMap((patchSizePx) =>
    [0.05, 0.1].map((poisonRate) => aTrojaned({ patchSizePx, poisonRate }, [50, 100, 80])),
  );
  const report = reportOf(plain(many));
  const blocks = report.sections.flatMap((section) => section.blocks);
  const texts = blocks.flatMap((block) => (block.kind === 'TEXT' ? block.text : [])).join('\n');
  expect(texts).toContain('28 models are too many for one figure');
  expect(texts).toContain('poison rate: drawn are 12 of 14 combinations');
  expect(picturesIn(blocks).map(({ name }) => name)).not.toContainEqual(
    expect.stringMatching(/^front|^image/),
  );
});

test('models of which nothing is known but their files are told apart by name', () => {
  const [one, two] = ['mod_a', 'mod_b'].map((id) => {
    const model = aModel('mnist', 'badnets', [aCurve('scaling', 'IMAGE', [1, 100, 1])]);
    const backdoor = { ...model.spec.backdoor!, attack: 'pairs' as const, parameters: {} };
    return { ...model, id, name: `Theirs ${id}`, spec: { ...model.spec, backdoor } };
  });
  const report = reportOf(plain([one!, two!]));
  const [models] = tablesIn(report.sections.flatMap((section) => section.blocks));
  expect(models!.rows.map(([, name]) => name)).toEqual([
    expect.stringMatching(/, “Theirs mod_a”$/),
    expect.stringMatching(/, “Theirs mod_b”$/),
  ]);
  // The same by all that is known of it, made twice: not two seeds.
  const twice = [aTrojaned({}, [1, 100, 1]), { ...aTrojaned({}, [9, 100, 9]), name: 'Again' }];
  const [again] = tablesIn(reportOf(plain(twice)).sections.flatMap((section) => section.blocks));
  expect(again!.rows.map(([, name]) => name)).toEqual(['BadNets', 'BadNets, “Again”']);
});
