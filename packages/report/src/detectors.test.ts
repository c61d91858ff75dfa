import { type DetectorId, detectorOf } from '@trojanscope/core/definitions';
import type { StudyDetection } from '@trojanscope/core/evaluation';
import { expect, it } from 'vitest';
import { summarize } from '../../core/src/detect/summary.js';
import { aModel, aStudy } from '../../core/src/testing/results.js';
import { nameOf } from './detectors.js';
import type { Block } from './document.js';
import { reportOf } from './report.js';

const SAMPLES = 40;

/** @param changes of a trojaned and of a clean image: the places of the views that change its label */
function aDetection(
  detector: DetectorId,
  given: object,
  changes: { trojaned: number[]; clean: number[]; fires?: boolean },
): StudyDetection {
  const definition = detectorOf(detector);
  const parameters = definition.parameters.parse(given);
  const queries = definition.views(parameters).length;
  const image = (kind: 'TROJANED' | 'CLEAN' | 'OTHER_CLEAN', sample: number) => {
    const predicted = kind === 'TROJANED' && changes.fires !== false ? 0 : 1;
    const changed = kind === 'TROJANED' ? changes.trojaned : changes.clean;
    const labels = Int32Array.from({ length: queries }, (_, i) => (changed.includes(i) ? 2 : predicted));
    return {
      kind,
      sampleIndex: kind === 'OTHER_CLEAN' ? 1_000 + sample : sample,
      trueLabel: 1,
      predicted,
      score: changed.length / (queries - 1),
      benignScore: kind === 'OTHER_CLEAN' ? null : 0,
      labels,
      benignLabels: kind === 'OTHER_CLEAN' ? null : new Int32Array(queries).fill(1),
    };
  };
  const images = (['CLEAN', 'OTHER_CLEAN', 'TROJANED'] as const).flatMap((kind) =>
    Array.from({ length: SAMPLES }, (_, sample) => image(kind, sample)),
  );
  return {
    ...{ detector, parameters, samples: SAMPLES, seed: 1, queries },
    summary: summarize(images, 0, 1),
    images,
  };
}

const tablesOf = (blocks: readonly Block[]) =>
  blocks.filter((block): block is Extract<Block, { kind: 'TABLE' }> => block.kind === 'TABLE');
const sectionOf = (models: Parameters<typeof aStudy>[0]) =>
  reportOf(aStudy(models, { reproduces: false, title: 'Who notices' })).sections.find(
    ({ title }) => title === 'Who would notice',
  );
const wide = { rotationsDeg: [-15, 15], factors: [0.9], shiftsPx: [1, 2, 2, 2] };

it('names a detector by what was chosen, and by its queries where it asks about other things than usual', () => {
  const named = (detector: DetectorId, given: object) =>
    nameOf(aDetection(detector, given, { trojaned: [1], clean: [] }));
  expect(named('geometricConsistency', {})).toBe('Geometric consistency');
  expect(named('geometricConsistency', wide)).toBe('Geometric consistency (8 queries)');
  expect(named('strip', { blend: 'AVERAGE' })).toBe('STRIP AVERAGE');
  expect(named('strip', { blend: 'SUM', overlays: 20 })).toBe('STRIP SUM (20 queries)');
  expect(named('scaleUp', { factors: 'AUTHORS_CODE' })).toBe('SCALE-UP AUTHORS_CODE');
});

it('sets detectors against attacks, and says what the controls came to', () => {
  const { blocks } = sectionOf([
    aModel('mnist', null),
    aModel('mnist', 'badnets', [], {
      detections: [
        aDetection('geometricConsistency', {}, { trojaned: [1, 2], clean: [1] }),
        aDetection('teco', {}, { trojaned: [], clean: [] }),
      ],
    }),
    aModel('mnist', 'blend', [], {
      detections: [aDetection('geometricConsistency', {}, { trojaned: [], clean: [1] })],
    }),
  ])!;
  const [overview, details] = tablesOf(blocks);
  // All told apart, all told apart the wrong way round, all alike: 1 − 0.025^(1/40) = 0.088 of 40 pairs.
  expect(overview!.columns).toEqual(['Detector', 'BadNets', 'Blend']);
  expect(overview!.rows).toEqual([
    ['Geometric consistency', '1.000 (0.912–1.000)', '0.000 (0.000–0.088)'],
    ['TeCo INDEPENDENT', '0.500 (0.456–0.544)', '–'],
  ]);
  // Of 40 clean images 1 % is none: a rate that cannot be told. At 5 % the threshold takes all trojaned and no clean ones.
  expect(details!.rows[0]!.slice(0, 10)).toEqual([
    ...['BadNets', 'Geometric consistency', '7', '40', '1.000 (0.912–1.000)', '–'],
    ...['–', '100.0 % (91.2–100.0)', '100.0 % (91.2–100.0)', '100.0 % (83.9–100.0)'],
  ]);
  const said = blocks.map((block) => (block.kind === 'TEXT' ? block.text : '')).join('\n');
  expect(said).toMatch(/labels that are drawn, \d of 3 do; .* another draw, 0 of 3\./);
  const pictures = blocks.filter((block) => block.kind === 'PICTURE');
  expect(pictures.map(({ name }) => name)).toEqual(['roc-mnist-badnets', 'roc-mnist-blend']);
});

it('tells which transforms are best to ask about, of models whose backdoor fires', () => {
  const asked = (trojaned: number[], fires?: boolean) => [
    aDetection('geometricConsistency', {}, { trojaned: [1], clean: [], fires }),
    aDetection('geometricConsistency', wide, { trojaned, clean: [2], fires }),
  ];
  const { blocks } = sectionOf([
    aModel('mnist', 'badnets', [], { detections: asked([3]) }),
    aModel('mnist', 'blend', [], { detections: asked([3, 4]) }),
    aModel('mnist', 'uat', [], { detections: asked([], false) }),
  ])!;
  const [, , sets, alone] = tablesOf(blocks);
  // Of 7 transforms 21 sets of two. The scaling gives both away; the first set with it and nothing of clean images wins.
  // Of 20 pairs 1 − 0.025^(1/20) = 0.1684; of two such models √2 · 0.1684 / 2 = 0.1191.
  expect(sets!.rows[0]!.slice(0, 4)).toEqual([
    ...['3', '21', 'rotation -15 °, scaling 0.9 ×', '1.000 (0.881–1.000)'],
  ]);
  expect(sets!.rows.at(-1)![0]).toBe('7, by default');
  expect(alone!.columns).toEqual(['Transform', 'BadNets', 'Blend']);
  expect(alone!.rows.map((row) => row[1])).toEqual([
    ...['0.500', '0.000', '1.000', '0.500', '0.500', '0.500', '0.500'],
  ]);
  const said = blocks.map((block) => (block.kind === 'TEXT' ? block.text : '')).join('\n');
  expect(said).toContain('fires on fewer than half of the images: UAT.');
});

it('tells which transform, or which two, one would deploy, and against whichever attack it is', () => {
  // Queries: the image, ±15°, 0.9, three shifts by 2 px of which one gives the trigger away: a third of the draws.
  const model = (attack: 'badnets' | 'blend', trojaned: number[]) =>
    aModel('mnist', attack, [], {
      detections: [aDetection('geometricConsistency', {}, { trojaned, clean: [2] })],
    });
  const section = reportOf(
    aStudy([model('badnets', [1, 3]), model('blend', [1, 4])], { reproduces: false }),
  ).sections.find(({ title }) => title === 'Purifiers')!;
  const [table] = tablesOf(section.blocks);
  expect(table!.rows.map((row) => [row[0], row[2], row[3], row[4]!.split(' (')[0]])).toEqual([
    ['BadNets', 'single transforms', 'rotation -15 °', '0.0 %'],
    ['BadNets', 'all', 'rotation -15 °', '0.0 %'],
    ['Blend', 'single transforms', 'rotation -15 °', '0.0 %'],
    ['Blend', 'all', 'rotation -15 °', '0.0 %'],
    ['whichever it is, the worst', 'single transforms', 'rotation -15 °', '0.0 %'],
    ['whichever it is, the worst', 'all', 'rotation -15 °', '0.0 %'],
  ]);
  // Nothing is lost of clean accuracy; of 40 and 40 images none, as Newcombe's interval has it.
  expect(table!.rows[0]![5]).toMatch(/^0\.0 \(−?-?8\.8–8\.8\) points$/);
  expect(section.blocks.filter((block) => block.kind === 'PICTURE')).toHaveLength(2);
});

it('every detection stands in a table of its own', () => {
  const detections = [aDetection('teco', {}, { trojaned: [1], clean: [] })];
  const { tables } = reportOf(aStudy([aModel('mnist', 'badnets', [], { detections })]));
  expect(tables.map(({ name }) => name)).toEqual(['detections']);
  expect(tables[0]!.rows[0]).toMatchObject({
    detector: 'teco',
    parameters: '{"corruptions":"INDEPENDENT"}',
    population: 'ALL',
    auroc: 1,
    caughtAt1: null,
    caughtAt5: 1,
  });
});

it('says nothing where nothing was tried', () => {
  expect(sectionOf([aModel('mnist', 'badnets')])).toBeUndefined();
});
