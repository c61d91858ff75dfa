import { describe, expect, it } from 'vitest';
import { overlayOf, seedGroupsOf } from './overlay';

type Model = Parameters<typeof seedGroupsOf>[0][number];
const aModel = (id: string, seed: number, over: Partial<Model> = {}): Model => ({
  id,
  name: seed === 1 ? 'BadNets LeNet on MNIST' : `BadNets LeNet on MNIST, seed ${seed}`,
  width: 28,
  dataset: { id: 'mnist' },
  architecture: { id: 'lenet' },
  attack: { id: 'badnets' },
  attackParameters: { patchSizePx: 5 },
  targetLabel: { index: 0 },
  poison: { rate: 0.1 },
  training: { recipe: { epochs: 5 } },
  provenance: { seed, start: 'SCRATCH' },
  ...over,
});

describe('seeds', () => {
  it('stand together where models differ in nothing else', () => {
    const models = [
      aModel('b', 2),
      aModel('a', 1),
      aModel('c', 3, { attackParameters: { patchSizePx: 3 } }),
      aModel('d', 3, { training: { recipe: { epochs: 6 } } }),
    ];
    expect(seedGroupsOf(models)).toEqual([
      { ids: ['a', 'b'], name: 'BadNets LeNet on MNIST: mean of 2 seeds' },
    ]);
    // The same seed twice is no spread.
    expect(seedGroupsOf([aModel('a', 1), aModel('b', 1)])).toEqual([]);
  });

  it('have one style and one line in the legend, others their own', () => {
    const models = [aModel('a', 1), aModel('b', 2), aModel('c', 3, { width: 32 })];
    const { styles, lines, names } = overlayOf(['a', 'b', 'c', 'unknown'], models, seedGroupsOf(models));
    expect(styles.get('a')).toBe(styles.get('b'));
    expect(new Set(styles.values()).size).toBe(3);
    expect([...lines]).toEqual([
      ['a', 'BadNets LeNet on MNIST: mean of 2 seeds'],
      ['c', 'BadNets LeNet on MNIST, seed 3'],
    ]);
    expect(names.get('b')).toBe('BadNets LeNet on MNIST, seed 2');
  });
});
