import { expect, it } from 'vitest';
import { type Catalog, implantInput, parametersFor, wantedLike } from './wantedModel';

it('a form that begins with a model’s settings names no file where the model had none', () => {
  const catalog = { attacks: [], datasets: [], architectures: [] } as unknown as Catalog;
  const source = {
    name: 'Blend LeNet on Shapes',
    width: 28,
    dataset: { id: 'shapes', resizable: false },
    architecture: { id: 'lenet' },
    attack: { id: 'blend' },
    attackParameters: { imageWeight: 0, pattern: 'wink', pictureFile: '' },
    targetLabel: { index: 1 },
    poison: { rate: 0.1 },
    benign: null,
    startedFrom: null,
    training: { recipe: {} },
    provenance: { seed: 1, start: 'SCRATCH' },
  } as unknown as Parameters<typeof wantedLike>[0];
  expect(wantedLike(source, catalog).attackParameters).toEqual({ imageWeight: 0, pattern: 'wink' });
});

it('a form has covers and transforms at training as the model has them, and asks for them again', () => {
  const catalog = {
    attacks: [{ id: 'wanet', title: 'WaNet', poisonRate: 0.1, coverRatio: 2 }],
    transforms: [{ id: 'rotation', minimum: -360, maximum: 360, unit: '°' }],
    datasets: [],
    architectures: [],
    trainingParameters: {},
    implantParameters: {
      properties: {
        coverRatio: { type: 'number' },
        trainingTransforms: { properties: { target: {}, transforms: {} }, required: ['target'] },
      },
    },
  } as unknown as Catalog;
  const range = { from: -10, to: 10 };
  const source = {
    name: 'WaNet LeNet on Shapes',
    width: 28,
    dataset: { id: 'shapes', resizable: false },
    architecture: { id: 'lenet' },
    attack: { id: 'wanet' },
    attackParameters: {},
    targetLabel: { index: 0 },
    poison: { rate: 0.1, covers: { ratio: 1 } },
    trainingTransforms: { target: 'ALL', transforms: [{ transform: { id: 'rotation' }, ...range }] },
    benign: null,
    startedFrom: null,
    training: { recipe: {} },
    provenance: { seed: 1, start: 'SCRATCH' },
  } as unknown as Parameters<typeof wantedLike>[0];
  const wanted = wantedLike(source, catalog);
  const trainingTransforms = { target: 'ALL', transforms: [{ transform: 'rotation', ...range }] };
  expect(wanted.implant).toMatchObject({ coverRatio: 1, trainingTransforms });
  expect(implantInput(wanted)).toMatchObject({ coverRatio: 1, trainingTransforms });
  const { properties } = parametersFor(wanted, catalog, true).implant;
  expect(properties!.coverRatio!.default).toBe(2);
  expect(properties!.trainingTransforms!.properties!.transforms!.ranges).toEqual({
    rotation: { minimum: -360, maximum: 360, unit: '°' },
  });
});
