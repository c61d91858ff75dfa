import { beforeAll, describe, expect, it } from 'vitest';
import type { AtTraining } from '../attacks/attack.js';
import { attackOf } from '../attacks/index.js';
import type { Trigger } from '../attacks/trigger.js';
import { layerTrigger, stampLayer } from '../attacks/trigger.js';
import { uat } from '../attacks/uat.js';
import { splitOf } from '../datasets/dataset.js';
import { loadEngine, tf } from '../lib/backend.js';
import { tensorToPixels } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import type { TrainingTransforms } from '../transforms/randomly.js';
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

  it('takes the images that it always did: to the bit the same set where nothing is asked for', async () => {
    // Before there were covers: those that are not of the target class, drawn by the same stream.
    const chosen = createRandom(1).sample([1, 3, 5, 7, 9], 3);
    const { data: bad } = await poisoned({ coverRatio: 0 });
    expect(await levels(bad, all)).toEqual(all.map((i) => (chosen.includes(i) ? 255 : i)));
    // Covers come from a stream of their own.
    const { data: covered } = await poisoned({ coverRatio: 1 });
    expect([...covered.labels]).toEqual([...bad.labels]);
  });

  describe('covers', () => {
    it('get the stamp and keep their label; none is of the target class, none poisoned', async () => {
      const { data: bad, count } = await poisoned({ rate: 0.2, coverRatio: 1 });
      expect(count).toEqual({ planned: 2, effective: 2, covers: { planned: 2, effective: 2 } });
      const after = await levels(bad, all);
      const stamped = all.filter((i) => after[i] !== i);
      expect(stamped).toHaveLength(4);
      for (const i of stamped) expect([after[i], data.labels[i]]).toEqual([255, 1]);
      expect(stamped.filter((i) => bad.labels[i] === 1)).toHaveLength(2);
    });

    it('are no more than there is, and counted', async () => {
      const { count } = await poisoned({ rate: 0.3, coverRatio: 2 });
      expect(count).toEqual({ planned: 3, effective: 3, covers: { planned: 6, effective: 2 } });
      const none = await poisoned({ rate: 0.9, coverRatio: 1 });
      expect(none.count.covers).toEqual({ planned: 9, effective: 0 });
    });

    it('are told apart from poisoned images by the attack’s own stamp at training', async () => {
      const stamp: NonNullable<AtTraining['stamp']> = (images, _trigger, _parameters, own) =>
        tf.tensor4d(
          own.map(({ cover, random }) => (cover ? 100 + random.integer(50) : 200 + random.integer(50)) / 255),
          images.shape,
        );
      const attack = { ...attackOf('badnets'), training: { coverRatio: 9, stamp } };
      const { data: bad } = await poisoned({ attack, rate: 0.2, coverRatio: 1 });
      const after = await levels(bad, all);
      for (const i of all) {
        const [low, high] =
          bad.labels[i] !== data.labels[i] ? [200, 249] : after[i] === i ? [i, i] : [100, 149];
        expect(after[i]! >= low && after[i]! <= high, `${i}: ${after[i]}`).toBe(true);
      }
      expect(after.filter((level) => level >= 100)).toHaveLength(4);
    });
  });

  describe('transforms at training', () => {
    /** Twelve images 1×5 of mid-grey; the trigger is white in the middle. */
    const wide = { height: 1, width: 5, channels: 1 };
    const grey = splitOf(
      new Uint8Array(60).fill(100),
      Array.from({ length: 12 }, (_, i) => i % 2),
      wide,
    );
    const middle = Float32Array.of(0, 0, 1, 0, 0);
    const task = {
      data: grey,
      trigger: layerTrigger(wide, middle, middle),
      rate: 0.25,
      transforms: (target: TrainingTransforms['target']): TrainingTransforms => ({
        target,
        transforms: [{ transform: 'brightness', from: 0.5, to: 0.6 }],
      }),
    };
    const rowsOf = async (split: typeof data) => {
      const flat = await levels(split, [...grey.labels.keys()]);
      return [...grey.labels.keys()].map((i) => flat.slice(5 * i, 5 * i + 5));
    };
    const dim = (level: number, of: number) => level >= Math.floor(of * 0.5) && level <= Math.ceil(of * 0.6);

    it('of the trigger change the layer alone', async () => {
      const { data: bad } = await poisoned({ ...task, transforms: task.transforms('TRIGGER') });
      for (const [i, row] of (await rowsOf(bad)).entries()) {
        const isPoisoned = bad.labels[i] !== grey.labels[i];
        expect(row.filter((_, x) => x !== 2)).toEqual([100, 100, 100, 100]);
        expect(isPoisoned ? dim(row[2]!, 255) : row[2] === 100, String(row)).toBe(true);
      }
    });

    it('of poisoned images change them as a whole, covers too, and no clean one', async () => {
      const { data: bad } = await poisoned({
        ...task,
        coverRatio: 1,
        transforms: task.transforms('POISONED'),
      });
      const rows = await rowsOf(bad);
      const changed = rows.filter((row) => row.some((level) => level !== 100));
      expect(changed).toHaveLength(6);
      for (const row of changed) expect(dim(row[2]!, 255) && dim(row[0]!, 100), String(row)).toBe(true);
      expect(new Set(changed.map((row) => row[2])).size).toBeGreaterThan(1);
    });

    it('of all change clean ones too, the same whether they are held or made anew, in any batch', async () => {
      const transforms = task.transforms('ALL');
      const tensors = tf.memory().numTensors;
      const { data: held } = await poisoned({ ...task, transforms });
      const { data: fresh } = await poisoned({ ...task, transforms, holdBytes: 0 });
      const rows = await rowsOf(held);
      for (const row of rows) expect(dim(row[0]!, 100), String(row)).toBe(true);
      expect(await rowsOf(fresh)).toEqual(rows);
      expect(await levels(fresh, [7, 0, 7])).toEqual([7, 0, 7].flatMap((i) => rows[i]!));
      expect(tf.memory().numTensors).toBe(tensors);
    });

    it('beside what the attack itself does to clean images', async () => {
      const clean: AtTraining['clean'] = () => [{ transform: 'brightness', from: 2, to: 2 }];
      const attack = { ...attackOf('badnets'), training: { clean } };
      const { data: bad } = await poisoned({ ...task, attack, transforms: undefined });
      for (const [i, row] of (await rowsOf(bad)).entries())
        expect(row[0]).toBe(bad.labels[i] === grey.labels[i] ? 200 : 100);
    });
  });

  it('draws the same from the same seed', async () => {
    const drawn = async (seed: number) => [...(await poisoned({ random: createRandom(seed) })).data.labels];
    expect(await drawn(1)).toEqual(await drawn(1));
    const many = await Promise.all([2, 3, 4, 5].map(drawn));
    expect(new Set(many.map(String)).size).toBeGreaterThan(1);
  });
});
