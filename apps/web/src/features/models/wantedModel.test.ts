import { expect, it } from 'vitest';
import { type Catalog, wantedLike } from './wantedModel';

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
