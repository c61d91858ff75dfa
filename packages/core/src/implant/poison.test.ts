import { beforeAll, describe, expect, it } from 'vitest';
import { attackOf } from '../attacks/index.js';
import type { Trigger } from '../attacks/trigger.js';
import { layerTrigger, stampLayer } from '../attacks/trigger.js';
import { uat } from '../attacks/uat.js';
import { splitOf } from '../datasets/dataset.js';
import { loadEngine, tf } from '../lib/backend.js';
import { tensorToPixels } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { checkPoisonRate, type PoisonTask, plannedPoison, poison, smallestRate } from './poison.js';

beforeAll(() => loadEngine());

/** Ten images of one pixel, of levels 0 to 9; the even ones are of class 0. */
const shape = { height: 1, width: 1, channels: 1 };
const data = splitOf(
  Uint8Array.from({ length: 10 }, (_, i) => i),
  Array.from({ length: 10 }, (_, i) => i % 2),
  shape,
);
const white: Trigger = layerTrigger(shape, Float32Array.of(1), Float32Array.of(1));

async function poisoned(more: Partial<PoisonTask> = {}) {
  const task = {
    data,
    attack: attackOf('badnets'),
    parameters: {},
    trigger: white,
    targetLabel: 0,
    rate: 0.3,
    random: createRandom(1),
    ...more,
  };
  const poisoning = poison(task);
  for (;;) {
    const { done, value } = await poisoning.next();
    if (done) return value;
  }
}
async function levels(split: typeof data, indices: number[]): Promise<number[]> {
  const images = split.images(indices);
  const pixels = await tensorToPixels(images);
  images.dispose();
  return [...pixels];
}
const all = [...data.labels.keys()];

describe('poisoning', () => {
  it('stamps and relabels a share of all, of the other classes; the rest stays', async () => {
    const { data: bad, count } = await poisoned();
    expect(count).toEqual({ planned: 3, effective: 3 });
    const after = await levels(bad, all);
    const changed = all.filter((i) => after[i] !== i);
    expect(changed).toHaveLength(3);
    for (const i of changed) expect([after[i], data.labels[i], bad.labels[i]]).toEqual([255, 1, 0]);
    for (const i of all.filter((i) => !changed.includes(i))) expect(bad.labels[i]).toBe(data.labels[i]);
    expect([...data.labels]).toEqual(all.map((i) => i % 2));
  });

  it('gives poisoned and clean images in any order, and leaves no tensor behind', async () => {
    const { data: bad } = await poisoned();
    const after = await levels(bad, all);
    const before = tf.memory().numTensors;
    const order = [9, 3, 3, 0, 7, 1];
    expect(await levels(bad, order)).toEqual(order.map((i) => after[i]));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('poisons no more than there is, and counts it', async () => {
    expect((await poisoned({ rate: 0.9 })).count).toEqual({ planned: 9, effective: 5 });
  });

  it('with clean labels takes images of the target class and keeps their labels', async () => {
    const attack = { ...uat, stamp: stampLayer } as unknown as PoisonTask['attack'];
    const { data: bad, count } = await poisoned({ attack, parameters: { labels: 'clean' }, rate: 0.9 });
    expect(count).toEqual({ planned: 9, effective: 5 });
    expect([...bad.labels]).toEqual([...data.labels]);
    expect(await levels(bad, all)).toEqual(all.map((i) => (i % 2 === 0 ? 255 : i)));
  });

  it('of nothing is refused: with the smallest rate that poisons one, or no image to poison', async () => {
    await expect(poisoned({ rate: 0.04 })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      field: ['poisonRate'],
      message: expect.stringContaining('the smallest rate that poisons one is 0.05.'),
    });
    const attack = { ...uat, stamp: stampLayer } as unknown as PoisonTask['attack'];
    const without = { attack, parameters: { labels: 'clean' }, targetLabel: 2 };
    await expect(poisoned(without)).rejects.toMatchObject({ field: ['targetLabel'] });
    const ofOne = { ...data, labels: new Int32Array(10) };
    await expect(poisoned({ data: ofOne })).rejects.toMatchObject({ field: ['targetLabel'] });
  });

  it('names a smallest rate that poisons one, whatever the size, and hardly any lower one does', () => {
    for (const images of [1, 2, 3, 7, 59, 625, 2_000, 26_640, 39_209, 60_000, 1_000_003]) {
      const rate = smallestRate(images);
      expect(plannedPoison(rate, images)).toBe(1);
      expect(() => checkPoisonRate(rate, images)).not.toThrow();
      expect(() => checkPoisonRate(rate * 0.998, images)).toThrow(/none would be poisoned/);
    }
  });

  it('draws the same from the same seed', async () => {
    const drawn = async (seed: number) => [...(await poisoned({ random: createRandom(seed) })).data.labels];
    expect(await drawn(1)).toEqual(await drawn(1));
    const many = await Promise.all([2, 3, 4, 5].map(drawn));
    expect(new Set(many.map(String)).size).toBeGreaterThan(1);
  });
});
