import { describe, expect, it, test } from 'vitest';
import { type PlannedGroup, planStudy } from './plan.js';
import { studyPresets } from './presets.js';

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
