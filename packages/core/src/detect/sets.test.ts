import { expect, it } from 'vitest';
import { bestSets, type Changes, changesOf, judgeSet, membersOf } from './sets.js';

/** Twelve samples; the trojaned images change their labels under `trojaned`, the clean ones under `clean`. */
const model = (attack: string, trojaned: number, clean: number): Changes => ({
  attack,
  images: Array.from({ length: 12 }, (_, sample) => [
    { sample, trojaned: true, changed: trojaned },
    { sample, trojaned: false, changed: clean },
  ]).flat(),
});

it('reads labels as bits, the image as it is left out', () => {
  expect(changesOf(Int32Array.of(7, 7, 3, 7, 0))).toBe(0b1010);
  expect(membersOf(0b1010)).toEqual([1, 3]);
});

it('chooses the set that tells most, and judges it on the samples that were not looked at', () => {
  // The second transform gives the trojaned images away, the third the clean ones.
  const found = bestSets([model('badnets', 0b0010, 0b0100), model('blend', 0b1010, 0b0100)], 4, 2);
  expect(found.tried).toBe(6);
  // With the second alone scores are 1 and 0 for both; the first, which changes nothing, comes before the fourth.
  expect(membersOf(found.all.set)).toEqual([0, 1]);
  expect(found.all.aurocs.map(({ value }) => value)).toEqual([1, 1]);
  expect(judgeSet([model('badnets', 0b0010, 0b0100)], 0b0110).aurocs[0]!.value).toBe(0.5);
});

it('counts equal scores as half, as by hand', () => {
  const mixed: Changes = {
    attack: 'badnets',
    images: [
      ...[0b1, 0b1, 0b0].map((changed, i) => ({ sample: 2 * i, trojaned: true, changed })),
      ...[0b0, 0b1].map((changed, i) => ({ sample: 2 * i, trojaned: false, changed })),
      { sample: 1, trojaned: true, changed: 0b1 },
      { sample: 1, trojaned: false, changed: 0b0 },
      { sample: 3, trojaned: true, changed: 0b0 },
      { sample: 3, trojaned: false, changed: 0b0 },
    ],
  };
  // In order 0, 1, 2, 3, 4: chosen on 0, 2, 4, judged on 1 and 3: of the four pairs two are won, two are equal.
  expect(bestSets([mixed], 1, 1).all.aurocs[0]!.value).toBe(0.75);
});

it('an attack that was not seen is judged by the set that is best against the others', () => {
  const found = bestSets([model('badnets', 0b01, 0b00), model('blend', 0b10, 0b00)], 2, 1);
  const of = (attack: string) => found.unseen.find((one) => one.attack === attack)!.judged;
  expect([of('badnets').set, of('blend').set]).toEqual([0b10, 0b01]);
  expect(of('badnets').aurocs.map(({ value }) => value)).toEqual([0.5]);
  expect(bestSets([model('badnets', 1, 0)], 2, 1).unseen).toEqual([]);
});

it('chooses by images that are not the ones it is judged on', () => {
  // The first transform works on even samples alone, the second on odd ones.
  const images = Array.from({ length: 20 }, (_, sample) => [
    { sample, trojaned: true, changed: sample % 2 === 0 ? 0b01 : 0b10 },
    { sample, trojaned: false, changed: 0 },
  ]).flat();
  const { all } = bestSets([{ attack: 'badnets', images }], 2, 1);
  expect([all.set, all.aurocs[0]!.value]).toEqual([0b01, 0.5]);
});
