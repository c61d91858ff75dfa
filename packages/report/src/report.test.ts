import { attacks } from '@trojanscope/core/definitions';
import type { Series } from '@trojanscope/core/evaluation';
import { describe, expect, it, test } from 'vitest';
import { aCurve, aModel, aStudy, withoutBenign } from '../../core/src/testing/results.js';
import { drawChart } from './chart.js';
import type { Block } from './document.js';
import { toHtml } from './html.js';
import { toMarkdown } from './markdown.js';
import { reportOf, type StudyReport } from './report.js';
import { colourOf } from './words.js';

const badnets = [
  aCurve('translation', 'TRIGGER', [100, 80, 50, 20]),
  aCurve('translation', 'IMAGE', [100, 90, 70, 50], [99, 98, 97, 96]),
  aCurve('scaling', 'IMAGE', [8, 100, 99], [96, 99, 94]),
  aCurve('rotation', 'IMAGE', [100, 45, 5, 8, 12, 10, 5], [99, 97, 80, 50, 25, 10, 8]),
];
const blocksOf = ({ sections }: StudyReport) => sections.flatMap(({ blocks }) => blocks);
const tablesOf = (report: StudyReport) =>
  blocksOf(report).filter((block): block is Extract<Block, { kind: 'TABLE' }> => block.kind === 'TABLE');
const textOf = (report: StudyReport) =>
  blocksOf(report)
    .flatMap((block) => (block.kind === 'TEXT' ? block.text : []))
    .join('\n');

test('fewer samples than were asked for are told, and stand in the table beside what was asked for', () => {
  const curves = badnets.map((curve) => ({ ...curve, samplesAsked: 10_000 }));
  const report = reportOf(aStudy([aModel('mnist', 'badnets', curves)]));
  expect(textOf(report)).toContain('samples at a value are 1,000 of 10,000 that were asked for');
  expect(report.tables[0]!.rows[0]).toMatchObject({ samples: 1_000, samplesAsked: 10_000 });
  const enough = reportOf(aStudy([aModel('mnist', 'badnets', badnets)]));
  expect(textOf(enough)).not.toContain('asked for');
});

test('a model that is near chance is told, and left out of all that follows', () => {
  const good = aModel('mnist', 'badnets', badnets);
  const bad = aModel('mnist', 'badnets', badnets, { seed: 2 });
  const broken = { ...bad, record: { ...bad.record!, clean: { hits: 980, total: 10_000 } } };
  const report = reportOf(aStudy([good, broken]));
  expect(textOf(report)).toContain(
    'Left out of all that follows. BadNets of mnist: Its clean accuracy, 9.80 %, is hardly more than chance, 10.00 %',
  );
  expect(tablesOf(report).find(({ caption }) => caption.startsWith('Over'))!.rows[0]![3]).toBe('99.00, 9.80');
  const alone = reportOf(aStudy([good]));
  const figuresOf = ({ sections }: StudyReport) => sections.filter(({ title }) => title.includes('Fig. 4'));
  expect(figuresOf(report)).toEqual(figuresOf(alone));
});

test('attacks are ranked by what their ASR retains, over seeds by the mean', () => {
  const model = (attack: 'badnets' | 'blend', seed: number, value: number | null) =>
    aModel('mnist', attack, badnets, {
      seed,
      robustness: {
        suite: 'paper-image-1',
        value,
        low: value && value - 0.03,
        high: value && value + 0.04,
        samples: value && 1_000,
        missing: [],
      },
    });
  const models = [model('badnets', 1, 0.2), model('badnets', 2, 0.4), model('blend', 1, 0.5)];
  const table = tablesOf(reportOf(aStudy(models))).find(({ caption }) => caption.startsWith('Robustness'))!;
  // √2 · 0.03 / 2 = 0.0212, √2 · 0.04 / 2 = 0.0283.
  expect(table.rows).toEqual([
    ['MNIST', 'Blend', '50.0 % (47.0–54.0)', '–', '1,000'],
    ['MNIST', 'BadNets', '30.0 % (27.9–32.8)', '20.0, 40.0', '1,000, 1,000'],
  ]);
  const none = reportOf(aStudy([model('badnets', 1, null)]));
  expect(none.sections.map(({ title }) => title)).not.toContain('Robustness profile');
});

test('without a benign model the dotted line is the model’s own clean accuracy, and the table has none', () => {
  const [, image] = badnets;
  const turned = {
    ...image!,
    points: image!.points.map(({ value, counts }) => ({ value, counts: { ...counts, benignRight: 10 } })),
  };
  const drawn = (curves: typeof badnets) => {
    const report = reportOf(aStudy([aModel('mnist', 'badnets', curves)]));
    const [picture] = blocksOf(report).filter((block) => block.kind === 'PICTURE');
    return { caption: picture!.caption, content: String(picture!.content), row: report.tables[0]!.rows[0] };
  };
  const [beside, alone, low] = [drawn([image!]), drawn(withoutBenign([turned])), drawn([turned])];
  expect(alone.caption).toContain(
    'dotted: clean accuracy of the model with BadNets, as there is no benign one',
  );
  expect(alone.content).toBe(beside.content);
  expect(low.content).not.toBe(beside.content);
  expect([beside.row, alone.row]).toMatchObject([{ benignAccuracy: 0.99 }, { benignAccuracy: null }]);
  expect(alone.row).toMatchObject({ cleanAccuracy: 0.99 });
});

describe('a report', () => {
  const report = reportOf(
    aStudy([
      aModel('mnist', null),
      aModel('mnist', 'badnets', badnets),
      aModel('mnist', 'uat', [], { seed: 1 }),
      aModel('gtsrb', 'badnets', badnets),
      aModel('gtsrb', 'dfst', []),
    ]),
  );

  it('sets each rate beside the paper’s number, and names what is more than 2 points off', () => {
    const table = tablesOf(report).find(({ caption }) => caption.startsWith('Over the whole test set'))!;
    expect(table.rows[1]).toEqual([
      ...['MNIST', 'BadNets', '99.00 % (98.79–99.18)', '–', '99.17 %', '−0.17'],
      ...['100.00 % (99.96–100.00)', '–', '99.95 %', '+0.05'],
    ]);
    expect(textOf(report)).toContain('UAT on MNIST, ASR (+9.94)');
    expect(textOf(report)).not.toContain('BadNets on MNIST, clean');
  });

  it('draws the paper’s figures by its letters, with the clean line for images', () => {
    const pictures = blocksOf(report).filter((block) => block.kind === 'PICTURE');
    const captions = pictures.map(({ caption }) => caption.split(':')[0]);
    expect(captions.filter((caption) => caption?.startsWith('Fig.'))).toEqual([
      ...['Fig. 3a', 'Fig. 3d', 'Fig. 4a', 'Fig. 4b', 'Fig. 4c', 'Fig. 4d', 'Fig. 4e', 'Fig. 4f'],
    ]);
    expect(pictures.find(({ name }) => name === 'image-rotation-mnist')?.content).toContain('Clean accuracy');
    expect(pictures.find(({ name }) => name === 'trigger-translation-mnist')?.content).not.toContain('Clean');
  });

  it('says whose style and picture were used, and what is missing', () => {
    expect(textOf(report)).toContain('DFST’s style is our own sunsets');
    expect(textOf(report)).toContain('from 2026-01-01 00:00 UTC to 2026-01-01 02:00 UTC');
    expect(textOf(report)).toContain('Its document: SHA-256 cdcdcdcdcdcd…');
    const cut = reportOf(
      aStudy([aModel('mnist', null)], { missing: ['Implant UAT (queued)'], finishedAt: null }),
    );
    expect(textOf(cut)).toContain('Missing: Implant UAT (queued)');
    expect(cut.missing).toEqual(['Implant UAT (queued)']);
    expect(cut.verdicts.every(({ verdict }) => verdict === 'UNDECIDED')).toBe(true);
  });

  it('gives every point as a row, its test corrected for all the others', () => {
    const { rows } = report.tables.find(({ name }) => name === 'curves')!;
    expect(rows).toHaveLength(2 * (4 + 4 + 3 + 7));
    const [identity, first] = rows;
    expect(identity).toMatchObject({ value: 0, asr: 1, pValue: null, pValueHolm: null });
    // 200 lost, none gained: 2 · 0.5^200. Of 28 tests the largest drops come first.
    expect(first!.pValue).toBeCloseTo(2 * 0.5 ** 200, 70);
    expect(first!.pValueHolm).toBeGreaterThan(first!.pValue as number);
  });

  it('takes seeds together and shows their spread', () => {
    const seeds = [60, 50, 40].map((asr, i) =>
      aModel('mnist', 'badnets', [aCurve('translation', 'TRIGGER', [100, asr, asr, asr])], { seed: i + 1 }),
    );
    const several = reportOf(aStudy(seeds, { options: { seeds: [1, 2, 3] } }));
    const table = tablesOf(several).find(({ caption }) => caption.startsWith('Fig. 3a'))!;
    expect(table.rows[0]![2]).toMatch(
      /^50\.0 % \[40\.0–60\.0 over seeds\]; drop 50\.0 \(48\.\d to 51\.\d\)$/,
    );
    expect(tablesOf(several)[1]!.rows[0]![3]).toBe('99.00, 99.00, 99.00');
  });

  it('is one HTML file that asks nobody for anything, and Markdown beside its figures', () => {
    const html = toHtml(report.title, report.sections);
    expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org\/2000\/svg)|src="(?!data:)/);
    expect(html).toContain('Fig. 4c: Rotation of the image, MNIST');
    const markdown = toMarkdown(report.title, report.sections, 'figures');
    expect(markdown).toContain('](figures/image-rotation-mnist.svg)');
    expect(markdown).toContain('| MNIST | BadNets | 99.00 % (98.79–99.18) |');
  });
});

test('the speed of the evaluation stands in it where somebody measured it', () => {
  const study = aStudy([aModel('mnist', 'badnets', badnets)]);
  const speed = (report: StudyReport) =>
    report.sections.find(({ title }) => title === 'Speed of the evaluation');
  expect(speed(reportOf(study))).toBeUndefined();
  const task = { task: 'LeNet sweep', unit: 'samples/s', ours: 8753, peer: 5057 };
  const measured = reportOf(study, {
    cpus: 2,
    processor: 'a processor',
    peer: { torch: '2.15.0' },
    results: [{ ...task, ratio: 1.7, ratios: [1.53, 1.7, 1.84] }],
  });
  expect(tablesOf({ ...measured, sections: [speed(measured)!] })[0]!.rows).toEqual([
    ['LeNet sweep', '8,753 samples/s', '5,057 samples/s', '1.70×', '1.53, 1.70, 1.84'],
  ]);
});

test('what decided a statement stands line by line, each with its mark, in Markdown and HTML', () => {
  const report = reportOf(aStudy([aModel('mnist', 'badnets', badnets), aModel('mnist', 'blend', badnets)]));
  const [table] = tablesOf({ ...report, sections: report.sections.slice(1, 2) });
  const [, , verdict, , data] = table!.rows[0]!;
  expect(verdict).toMatch(/^[✓✗?]\s(held|not\sheld|undecided)$/);
  expect(data).toMatch(/^[✓✗?] BadNets on MNIST: ASR .+\n[✓✗?] Blend on MNIST: ASR .+$/);
  expect(toHtml('', report.sections)).toContain(`<td><div>${data!.replace('\n', '</div><div>')}</div></td>`);
  expect(toMarkdown('', report.sections, 'figures')).toContain(data!.replace('\n', '<br>'));
});

test('names are text, whatever they say', () => {
  const hostile = '<img src=x onerror=alert(1)>&"\'';
  const block: Block = { kind: 'TABLE', caption: hostile, columns: [hostile], rows: [[hostile]] };
  const html = toHtml(hostile, [{ title: hostile, blocks: [block, { kind: 'TEXT', text: hostile }] }]);
  expect(html).not.toContain('<img');
  const axis = { label: hostile, ticks: [0, 1], format: String };
  const svg = drawChart({
    title: hostile,
    x: axis,
    y: axis,
    lines: [{ name: hostile, colour: '#000', style: 'SOLID', points: [{ x: 0, y: 1, note: hostile }] }],
  });
  expect(svg).not.toContain('<img');
});

test('a chart puts values where its axes say', () => {
  const axis = { label: '', ticks: [0, 1], format: String };
  const points = [
    { x: 0, y: 0 },
    { x: 1, y: 1 },
  ];
  const svg = drawChart({
    title: '',
    x: axis,
    y: axis,
    lines: [{ name: '', colour: '#123456', style: 'SOLID', points }],
  });
  // The frame is 56..444 by 34..256, 10 px of air at the sides.
  expect(svg).toContain('d="M66 256L434 34"');
});

test('names that are long stand below each other in the legend', () => {
  const axis = { label: '', ticks: [0, 1], format: String };
  const legendOf = (names: string[]) => {
    const lines = names.map((name) => ({ name, colour: '#123', style: 'LINE' as const, points: [] }));
    const svg = drawChart({ title: '', x: axis, y: axis, lines });
    return names.map((name) => new RegExp(`x="([0-9.]+)" y="([0-9.]+)"[^>]*>${name}<`).exec(svg)!.slice(1));
  };
  // 388 px for three columns, or for one: 24 px and 5.5 for each of 34 letters are more than half of it.
  expect(legendOf(['BadNets', 'Blend', 'UAT']).map(([, y]) => y)).toEqual(['312', '312', '312']);
  const long = 'Geometric consistency, many queries';
  expect(legendOf([long, 'STRIP']).map(([x, y]) => [x, y])).toEqual([
    ['80', '312'],
    ['80', '330'],
  ]);
});

test('a sixth attack has a colour of its own', () => {
  const ids = [...Object.keys(attacks), 'sixth', 'seventh'];
  const colours = ids.map((attack) => colourOf({ attack } as unknown as Series, ids));
  expect(new Set(colours).size).toBe(ids.length);
});
