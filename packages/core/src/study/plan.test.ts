import { createHash } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import type { StudyDocument, StudyModelEntry } from './document.js';
import { type PlannedGroup, planStudy as plan, type StudyOptions, withOptions } from './plan.js';
import { studyPresets } from './presets.js';

const planStudy = (preset: StudyDocument, options: StudyOptions) => plan(withOptions(preset, options));

const models = (groups: PlannedGroup[]) => groups.flatMap(({ trojaned }) => trojaned);
/** Values that change something, of all sweeps. */
const configurations = (groups: PlannedGroup[]) =>
  models(groups)
    .flatMap(({ sweeps }) => sweeps)
    .reduce((sum, { values }) => sum + values.length - 1, 0);

describe('the paper’s presets', () => {
  it('have its models and configurations: 66 on MNIST, 165 in all, a thousand samples each', () => {
    const mnist = planStudy(studyPresets['paper-mnist'], { seeds: [1] });
    expect([mnist.length, models(mnist).length, configurations(mnist)]).toEqual([1, 3, 66]);
    const paper = planStudy(studyPresets.paper, { seeds: [1] });
    expect([paper.length, models(paper).length, configurations(paper)]).toEqual([2, 8, 165]);
    expect(new Set(models(paper).flatMap(({ sweeps }) => sweeps.map(({ samples }) => samples)))).toEqual(
      new Set([1_000]),
    );
  });

  it('poison 10 %, and 20 % for DFST and Reflection, and leave DFST’s trigger alone', () => {
    const gtsrb = models(planStudy(studyPresets.paper, { seeds: [1] })).slice(3);
    const rates = gtsrb.map(({ spec: { backdoor } }) => [backdoor?.attack, backdoor?.poisonRate]);
    expect(rates).toEqual([
      ['badnets', 0.1],
      ['blend', 0.1],
      ['uat', 0.1],
      ['dfst', 0.2],
      ['refool', 0.2],
    ]);
    expect(gtsrb[3]!.sweeps.map(({ target }) => target)).toEqual(['IMAGE', 'IMAGE', 'IMAGE']);
    expect(gtsrb.map(({ spec }) => spec.start)).toEqual(Array(5).fill('MODEL'));
  });
});

test('a seed goes into every model and every choice of samples', () => {
  const groups = planStudy(studyPresets['paper-mnist'], { seeds: [4, 5] });
  for (const [i, { benign, trojaned }] of groups.entries()) {
    expect([benign.seed, ...trojaned.map(({ spec }) => spec.seed)]).toEqual(Array(4).fill(4 + i));
    expect(new Set(trojaned.flatMap(({ sweeps }) => sweeps.map(({ seed }) => seed)))).toEqual(
      new Set([4 + i]),
    );
  }
});

test('models of one attack are told apart by what their document varies, in words', () => {
  const [{ trojaned }] = plan({
    ...studyPresets['paper-mnist'],
    models: [
      {
        ...(studyPresets['paper-mnist'].models[0] as StudyModelEntry),
        attacks: [
          { attack: { badnets: { patchSizePx: [3, 5] } }, poisonRate: [0.05, 0.1] },
          { attack: { blend: {} } },
        ],
      },
    ],
  }) as [PlannedGroup];
  expect(trojaned.map(({ variant, at }) => [variant, at])).toEqual([
    ...[
      '3 px, poison rate 5 %',
      '3 px, poison rate 10 %',
      '5 px, poison rate 5 %',
      '5 px, poison rate 10 %',
    ].map((words) => [`patch size ${words}`, ['models', 0, 'attacks', 0]]),
    ['', ['models', 0, 'attacks', 1]],
  ]);
});

describe('options', () => {
  it('resize what can be resized, and say where nothing can', () => {
    const groups = planStudy(studyPresets.paper, { seeds: [1], sizePx: 48 });
    expect(groups.map(({ benign, trojaned }) => [benign.sizePx, trojaned[0]!.spec.sizePx])).toEqual([
      [undefined, undefined],
      [48, 48],
    ]);
    expect(() => planStudy(studyPresets['paper-mnist'], { seeds: [1], sizePx: 48 })).toThrow(
      'MNIST cannot be resized',
    );
  });

  it('refuse a file that nothing takes', () => {
    for (const name of ['styleFolder', 'generatorFile', 'pictureFile'])
      expect(() => planStudy(studyPresets['paper-mnist'], { seeds: [1], [name]: '/a' })).toThrow(
        expect.objectContaining({ code: 'UNSUPPORTED', field: [name] }),
      );
  });

  it('give DFST and Reflection the pictures that are there', () => {
    const parametersOf = (attack: string, options: object) =>
      models(planStudy(studyPresets.paper, { seeds: [1], ...options })).find(
        ({ spec }) => spec.backdoor?.attack === attack,
      )?.spec.backdoor?.parameters;
    expect(parametersOf('dfst', {})).toMatchObject({ style: 'sunsets' });
    expect(parametersOf('dfst', { styleFolder: '/c' })).toMatchObject({
      style: 'cezanne',
      styleFolder: '/c',
    });
    expect(parametersOf('dfst', { styleFolder: '/c', generatorFile: '/g' })).toMatchObject({
      style: 'cezanne',
      styleFolder: '',
      generatorFile: '/g',
    });
    expect(parametersOf('refool', { pictureFile: '/a' })).toMatchObject({ pictureFile: '/a' });
    expect(parametersOf('refool', {})).toMatchObject({ pictureFile: '' });
  });
});

describe('the presets’ documents', () => {
  /** Keys in order, what is undefined left out. */
  const canonical = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(canonical);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(([, own]) => own !== undefined);
    return Object.fromEntries(
      entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, own]) => [key, canonical(own)]),
    );
  };
  it.each([
    ['quickstart', { seeds: [1] }, 'e5dabadeced3d4353487eb0a7fa19f5280e30838f2028e41d3e64be1b5ef0fad'],
    ['paper-mnist', { seeds: [1] }, '88aa6a6d503f7ed1dbd090186ace4ce06bba74fdf8e4831b59281b3b847a2f27'],
    ['paper', { seeds: [1] }, '116d9ca7edff2365e548b7eccf6561cf50835913aaa4628d86c133481dd42105'],
    ['smoke', { seeds: [1] }, '32cc7664eb1c72c98ead52ae760f38c7c084225ecac1a76b1aac6414c90b01aa'],
    // But for models that these two chose since.
    ['defences-mnist', { seeds: [1] }, '3fe5673a850e3f66862d89e711c15b79112ac35e5766d846327a5ba4b1240100'],
    ['defences-gtsrb', { seeds: [1] }, 'b1331dec2aeda38dc36486cb2ae4099e91bece9fa50e3cf1702d5728387c76c3'],
    [
      'paper',
      { seeds: [3, 4], sizePx: 48, styleFolder: '/paintings', pictureFile: '/apple.png' },
      'efc580af13d843e5d431b9cd93738f357d41b0b27d3068f66d5984ef81f219b4',
    ],
    [
      'paper',
      { seeds: [1], generatorFile: '/generator.safetensors' },
      '01adc6aa69f5a5aa7f52b8bd8dec4b4fe9c2a06c49c231cce9bbf78651ff44cf',
    ],
  ] as const)('%s of %j gives what it gave before it was a document, to the bit', (id, options, hash) => {
    // But for what came later: places in the document, and words for lists.
    const groups = planStudy(studyPresets[id], options).map(({ benign, trojaned }) => ({
      benign,
      trojaned: trojaned.map(({ at: _, variant: __, ...one }) => one),
    }));
    const text = JSON.stringify(canonical(groups));
    expect(createHash('sha256').update(text).digest('hex')).toBe(hash);
  });
});
