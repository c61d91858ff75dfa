import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { stringify } from 'yaml';
import { TrojanscopeError } from '../lib/errors.js';
import { createRandom } from '../lib/random.js';
import type { PlannedGroup } from './plan.js';
import { documentSha256, placedIn, readStudyDocument, writeStudyDocument } from './readDocument.js';

const GRID = `title: Patch size and poison rate
seeds: [1, 2]
models:
  - dataset: mnist
    architecture: lenet
    attacks:
      - attack: { badnets: { patchSizePx: [3, 5, 7], corner: topLeft } }
        poisonRate: [0.01, 0.05, 0.1]
sweeps:
  - { transform: rotation, range: { from: 0, to: 45, step: 15 } }
`;
const backdoors = (groups: readonly PlannedGroup[]) =>
  groups.flatMap(({ trojaned }) => trojaned.map(({ spec }) => spec.backdoor!));

test('a list is a model for each of its elements, several are every combination', () => {
  const { document, groups } = readStudyDocument(GRID);
  expect(document).toMatchObject({ samples: 1_000, targetLabel: 0, reproducesPaper: false });
  expect(groups.map(({ benign }) => benign.seed)).toEqual([1, 2]);
  expect(
    backdoors(groups.slice(0, 1)).map(({ parameters, poisonRate }) => [
      parameters.patchSizePx,
      parameters.corner,
      poisonRate,
    ]),
  ).toEqual([3, 5, 7].flatMap((size) => [0.01, 0.05, 0.1].map((rate) => [size, 'topLeft', rate])));
  expect(groups[0]!.trojaned[0]!.sweeps.map(({ target, values }) => [target, values])).toEqual([
    ['TRIGGER', [0, 15, 30, 45]],
    ['IMAGE', [0, 15, 30, 45]],
  ]);
});

test('the document in docs/studies.md is what is said of it there', () => {
  const text = readFileSync(new URL('../../../../docs/studies.md', import.meta.url), 'utf8');
  const [, yaml] = /```yaml\n([\s\S]*?)```/.exec(text)!;
  const { groups } = readStudyDocument(yaml!);
  expect(groups.map(({ trojaned }) => trojaned.length)).toEqual([10, 10]);
  expect(groups[0]!.trojaned[0]!.sweeps).toHaveLength(3);
  expect(groups[0]!.trojaned[0]!.detections).toHaveLength(2);
});

test('the example grid is 18 trojaned and 2 benign models, and all six sweeps of each', () => {
  const text = readFileSync(new URL('../../../../examples/trigger-grid.yaml', import.meta.url), 'utf8');
  const { document, groups, own } = readStudyDocument(text);
  expect(document).toMatchObject({ seeds: [1, 2], samples: 1_000 });
  const trojaned = groups.flatMap((group) => group.trojaned);
  expect([groups.length, trojaned.length, own.length]).toEqual([2, 18, 0]);
  expect(trojaned.flatMap(({ sweeps }) => sweeps)).toHaveLength(108);
  for (const { spec, sweeps } of trojaned) {
    expect([spec.dataset, spec.architecture, spec.backdoor!.attack]).toEqual(['mnist', 'lenet', 'badnets']);
    expect(new Set(sweeps.map(({ transform, target }) => `${transform} ${target}`)).size).toBe(6);
  }
});

describe('models that are there already', () => {
  const OWN = `title: Mine
seeds: [5, 6]
samples: 30
models:
  - model: [mod_a, mod_b]
  - { dataset: mnist, architecture: lenet }
  - model: mod_c
sweeps:
  - { transform: rotation, values: [0, 90] }
detectors:
  - detector: { strip: {} }
explanations: 2
`;
  test('are named with their place, once each, with what is asked of all and the first seed', () => {
    const { groups, own } = readStudyDocument(OWN);
    expect(groups).toHaveLength(2);
    expect(own.map(({ id, at }) => [id, at])).toEqual([
      ['mod_a', ['models', 0, 'model', 0]],
      ['mod_b', ['models', 0, 'model', 1]],
      ['mod_c', ['models', 2, 'model']],
    ]);
    const asked = { samples: 30, seed: 5 };
    expect(own[2]).toMatchObject({
      sweeps: ['TRIGGER', 'IMAGE'].map((target) => ({ transform: 'rotation', target, ...asked })),
      detections: [{ detector: 'strip', ...asked }],
      explanations: 2,
    });
  });

  test('are written down as they were, and may be all there is', () => {
    const { document, own } = readStudyDocument(OWN.replace(/^ {2}- \{ dataset.*\n/m, ''));
    const again = readStudyDocument(writeStudyDocument(document));
    expect([again.document, again.own, again.groups]).toEqual([document, own, []]);
  });

  test('what is refused of one has its place in the text', () => {
    const refused = new TrojanscopeError('NOT_FOUND', 'There is none.', ['models', 0, 'model', 1]);
    expect(placedIn(OWN, refused)).toMatchObject({
      code: 'NOT_FOUND',
      message: 'line 5, column 20: There is none.',
    });
    const other = new Error('Something else.');
    expect(placedIn(OWN, other)).toBe(other);
  });
});

test('a document is named by what it consists of, whatever its words, the order of its keys, and defaults written out', () => {
  const name = (text: string) => documentSha256(readStudyDocument(text).document);
  const [title, seeds, ...rest] = GRID.trimEnd().split('\n');
  const other = ['targetLabel: 0', ...rest, `${title}, again`, 'description: mine', seeds].join('\n');
  expect(name(GRID)).toMatch(/^[0-9a-f]{64}$/);
  expect(name(other)).toBe(name(GRID));
  expect(name(GRID.replace('step: 15', 'step: 5'))).not.toBe(name(GRID));
});

test('a list that a parameter takes as it is, is one value; lists of lists are several', () => {
  const detectorsOf = (rotations: string) =>
    readStudyDocument(`${GRID}detectors:
  - detector: { geometricConsistency: { rotationsDeg: ${rotations} } }
`).groups[0]!.trojaned[0]!.detections.map(({ parameters }) => parameters.rotationsDeg);
  expect(detectorsOf('[-15, 15]')).toEqual([[-15, 15]]);
  expect(detectorsOf('[[-15, 15], [30]]')).toEqual([[-15, 15], [30]]);
});

test('JSON is read as well, and what is left empty is as it is by default', () => {
  const { groups } = readStudyDocument(
    '{ "title": "One", "models": [{ "dataset": "shapes", "architecture": "lenet", "attacks": [{ "attack": { "badnets": null } }] }] }',
  );
  expect(backdoors(groups)[0]).toMatchObject({ attack: 'badnets', poisonRate: 0.1, targetLabel: 0 });
  expect(groups[0]!.trojaned[0]).toMatchObject({ sweeps: [], detections: [], explanations: 0 });
});

test('the recipe of a model is that of its trojaned ones from scratch; from the benign one they have their own', () => {
  const recipes = (start: string) =>
    readStudyDocument(`title: Recipes
models:
  - dataset: mnist
    architecture: lenet
    startFromBenign: ${start}
    recipe: { epochs: 9 }
    attacks:
      - attack: { badnets: {} }
      - { attack: { blend: {} }, recipe: { epochs: 2 } }
`).groups[0]!;
  const epochs = ({ benign, trojaned }: PlannedGroup) =>
    [benign, ...trojaned.map(({ spec }) => spec)].map(({ recipe, start }) => [start, recipe.epochs]);
  expect(epochs(recipes('false'))).toEqual([
    ['SCRATCH', 9],
    ['SCRATCH', 9],
    ['SCRATCH', 2],
  ]);
  const [, own] = epochs(recipes('true'));
  expect(own![0]).toBe('MODEL');
  expect(own![1]).not.toBe(9);
});

describe('what is wrong is refused with its place', () => {
  const changed = (from: string, to: string) => {
    expect(GRID).toContain(from);
    return GRID.replace(from, to);
  };
  it.each<[what: string, text: string, place: RegExp, field: (string | number)[]]>([
    ['no YAML', 'title: [', /^line 1, column \d+: /, ['document']],
    ['a key twice', `${GRID}title: Again\n`, /^line 11, column 1: .*unique/, ['document']],
    ['nothing at all', '', /^line 1, column 1: |^input: /, []],
    ['no title', GRID.slice(GRID.indexOf('\n') + 1), /^line 1, column 1: title: /, ['title']],
    [
      'a name that is none, with those that are',
      changed('corner: topLeft', 'corner: middle'),
      /^line 7, column 62: .*topLeft.*got "middle"$/,
      ['models', 0, 'attacks', 0, 'attack', 'badnets', 'corner'],
    ],
    [
      'an element of a list',
      changed('[3, 5, 7]', '[3, 500]'),
      /^line 7, column 47: .*got 500$/,
      ['models', 0, 'attacks', 0, 'attack', 'badnets', 'patchSizePx', 1],
    ],
    [
      'an attack that is none',
      changed('badnets:', 'badnet:'),
      /^line 7, column 17: attack: expected exactly one of badnets, blend.*got badnet\.$/,
      ['models', 0, 'attacks', 0, 'attack'],
    ],
    [
      'a parameter that is none',
      changed('corner:', 'korner:'),
      /^line 7, column 28: .*"korner".*patchSizePx, .*corner/,
      ['models', 0, 'attacks', 0, 'attack', 'badnets'],
    ],
    [
      'a field that is none',
      changed('seeds:', 'seed:'),
      /^line 1, column 1: input: Unrecognized key: "seed"; expected title, .*seeds/,
      [],
    ],
    [
      'a data set that is none',
      changed('mnist', 'mnst'),
      /^line 4, column 5: .*no data set mnst/,
      ['models', 0],
    ],
    [
      'a size that the data set does not have',
      changed('architecture: lenet', 'architecture: lenet\n    sizePx: 30'),
      /^line 6, column 13: MNIST is 28 px and cannot be resized/,
      ['models', 0, 'sizePx'],
    ],
    [
      'an angle that is none',
      changed('to: 45', 'to: 450'),
      /^line 10, column 35: Rotation takes values from/,
      ['sweeps', 0, 'range'],
    ],
    [
      'values and a range',
      changed('range:', 'values: [1], range:'),
      /^line 10, column 5: .*Expected values or a range, not both/,
      ['sweeps', 0],
    ],
    [
      'the same model twice',
      changed('[3, 5, 7]', '[3, 5, 3]'),
      /^line 7, column 7: models: BadNets with the same parameters is there twice/,
      ['models', 0, 'attacks'],
    ],
    [
      'a rate that is none',
      changed('[0.01, 0.05, 0.1]', '[0.01, 2]'),
      /^line 8, column 28: .*expected number to be <=0.9; got 2/,
      ['models', 0, 'attacks', 0, 'poisonRate', 1],
    ],
    [
      'a rate in words',
      changed('[0.01, 0.05, 0.1]', 'some'),
      /^line 8, column 21: .*Expected a share above 0 and up to 0.9, or a list of such; got "some"/,
      ['models', 0, 'attacks', 0, 'poisonRate'],
    ],
  ])('%s', (_, text, place, field) => {
    let thrown: { message: string; field: unknown } | undefined;
    try {
      readStudyDocument(text);
    } catch (error) {
      thrown = error as typeof thrown;
    }
    expect(thrown?.message).toMatch(place);
    expect(thrown?.field).toEqual(field);
  });

  it('more models than anybody would wait for, in no time', () => {
    const list = (count: number) =>
      `[${Array.from({ length: count }, (_, i) => (i + 1) / 1_000).join(', ')}]`;
    const many = GRID.replace('[0.01, 0.05, 0.1]', list(100)).replace(
      '[3, 5, 7]',
      '[1, 2, 3, 4, 5, 6, 7, 8, 9]',
    );
    const started = performance.now();
    // Two seeds of a benign model and nine hundred trojaned ones.
    expect(() => readStudyDocument(many)).not.toThrow();
    expect(() => readStudyDocument(many.replace('[1, 2]', '[1, 2, 3]'))).toThrow(
      /at most 2,000 models in all.*up to 2,703/,
    );
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('documents at random', () => {
  const random = createRandom(7);
  const some = <T>(list: readonly T[]): T[] => {
    const kept = list.filter(() => random.integer(2) === 1);
    return kept.length > 0 ? kept : [list[0]!];
  };
  const oneOrList = <T>(list: readonly T[]) => {
    const kept = some(list);
    return kept.length === 1 && random.integer(2) === 1 ? kept[0]! : kept;
  };
  const aDocument = () => ({
    title: 'Any',
    seeds: some([1, 2, 3]),
    samples: 100,
    models: some(['mnist', 'shapes']).map((dataset) => ({
      dataset,
      architecture: 'lenet',
      recipe: { epochs: 1 + random.integer(5) },
      attacks: some(['badnets', 'blend', 'wanet']).map((attack) => ({
        attack: { [attack]: attack === 'badnets' ? { patchSizePx: oneOrList([2, 3, 4]) } : {} },
        poisonRate: oneOrList([0.05, 0.1]),
        targetLabel: oneOrList([0, 1]),
      })),
    })),
    sweeps: [{ transform: 'rotation', values: some([0, 15, 30]), target: oneOrList(['IMAGE', 'TRIGGER']) }],
    detectors: some([{ detector: { strip: { blend: oneOrList(['SUM', 'AVERAGE']), overlays: 5 } } }]),
  });
  const aMixedDocument = () => {
    const { models, ...rest } = aDocument();
    return { ...rest, models: [...models, { model: oneOrList(['mod_a', 'mod_b', 'mod_c']) }] };
  };
  /** The same with all keys in another order. */
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    return Object.fromEntries(
      Array.from(random.permutation(entries.length), (i) => [entries[i]![0], shuffled(entries[i]![1])]),
    );
  };

  it('are the same models whatever the order of keys, and whether as YAML or as JSON', () => {
    for (let i = 0; i < 40; i++) {
      const document = aMixedDocument();
      const runs = runsOf(stringify(document));
      expect(runsOf(stringify(shuffled(document)))).toEqual(runs);
      expect(runsOf(JSON.stringify(shuffled(document)))).toEqual(runs);
      // And as the program itself writes it down.
      expect(runsOf(writeStudyDocument(readStudyDocument(stringify(document)).document))).toEqual(runs);
    }
  });
  const runsOf = (text: string) => {
    const { groups, own } = readStudyDocument(text);
    return { groups, own };
  };

  /** What fits nowhere in these documents, of any kind. */
  const NOTHING = [null, true, -1, 0.123, 1e9, '', 'zzz', [], [[]], ['zzz', 'zzz'], { zzz: 1 }];
  it('with any value in it that is none there are refused with a place, or are valid and the same twice', () => {
    let refused = 0;
    for (let i = 0; i < 300; i++) {
      const document = aMixedDocument();
      const places: [of: Record<string, unknown>, key: string][] = [];
      const walk = (value: unknown): void => {
        if (typeof value !== 'object' || value === null) return;
        for (const key of Object.keys(value)) {
          places.push([value as Record<string, unknown>, key]);
          walk((value as Record<string, unknown>)[key]);
        }
      };
      walk(document);
      const [of, key] = places[random.integer(places.length)]!;
      of[key] = NOTHING[random.integer(NOTHING.length)];
      const text = stringify(document);
      let runs: unknown;
      try {
        runs = runsOf(text);
      } catch (error) {
        refused++;
        expect(error).toBeInstanceOf(TrojanscopeError);
        expect((error as Error).message).toMatch(/^line \d+, column \d+: ./);
        continue;
      }
      expect(runsOf(stringify(shuffled(document)))).toEqual(runs);
    }
    expect(refused).toBeGreaterThan(200);
  });

  it('with something in it that is not to be there are refused with a place', () => {
    for (let i = 0; i < 100; i++) {
      const document = aMixedDocument();
      // Anywhere, a key that nothing knows.
      const places: Record<string, unknown>[] = [];
      const walk = (value: unknown): void => {
        if (Array.isArray(value)) value.forEach(walk);
        else if (typeof value === 'object' && value !== null) {
          places.push(value as Record<string, unknown>);
          Object.values(value).forEach(walk);
        }
      };
      walk(document);
      places[random.integer(places.length)]!.zzz = 1;
      expect(() => readStudyDocument(stringify(document))).toThrow(/^line \d+, column \d+: /);
    }
  });
});
