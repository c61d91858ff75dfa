import { beforeAll, expect, it } from 'vitest';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { augment } from './augment.js';

beforeAll(() => loadEngine());

const none = { rotationDeg: 0, scale: 0, shiftPx: 0, mirror: false };
const picture = () => tf.reshape(tf.range(0, 9), [1, 3, 3, 1]) as tf.Tensor4D;
const pixels = (images: tf.Tensor4D) => [...images.dataSync()].map((value) => Math.round(value * 100) / 100);

it('without any change leaves images as they are', () => {
  expect(pixels(augment(picture(), none, createRandom(1)))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

it('mirrors half of the images, left to right', () => {
  const many = tf.tile(picture(), [40, 1, 1, 1]);
  const rows = tf.unstack(augment(many, { ...none, mirror: true }, createRandom(1)));
  const first = rows.map((row) => pixels(row as tf.Tensor4D).join());
  const mirrored = first.filter((row) => row === '2,1,0,5,4,3,8,7,6').length;
  const same = first.filter((row) => row === '0,1,2,3,4,5,6,7,8').length;
  expect(mirrored + same).toBe(40);
  expect(Math.min(mirrored, same)).toBeGreaterThan(8);
});

it('keeps the middle in place when it turns and scales, each image by its own draw', () => {
  const images = tf.tile(picture(), [8, 1, 1, 1]);
  const turned = augment(images, { ...none, rotationDeg: 180, scale: 0.3 }, createRandom(2));
  const rows = tf.unstack(turned).map((row) => pixels(row as tf.Tensor4D));
  for (const row of rows) expect(row[4]).toBeCloseTo(4, 4);
  expect(new Set(rows.map(String)).size).toBe(8);
});

it('shifts by less than the limit, black coming in, the same for the same seed', () => {
  const bright = tf.ones([4, 9, 9, 1]) as tf.Tensor4D;
  const shifted = () => augment(bright, { ...none, shiftPx: 2 }, createRandom(3));
  const [one, again] = [shifted(), shifted()];
  expect(pixels(one)).toEqual(pixels(again));
  const kept = tf.sum(one).dataSync()[0]!;
  expect(kept).toBeLessThan(4 * 81);
  expect(kept).toBeGreaterThan(4 * 49 - 1);
});
