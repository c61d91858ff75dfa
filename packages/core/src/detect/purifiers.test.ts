import { expect, it } from 'vitest';
import type { View } from './detector.js';
import { type AnsweredImage, mergePurifiers, type Purifier, purifiersOf, purifierText } from './purifiers.js';

const TARGET = 0;
const image = (
  kind: AnsweredImage['kind'],
  labels: number[],
  benignLabels: number[] | null = null,
): AnsweredImage => ({
  kind,
  trueLabel: 1,
  labels: Int32Array.from(labels),
  benignLabels: benignLabels && Int32Array.from(benignLabels),
});

it('counts what fires and what is right at each view, at both models', () => {
  const turned: Purifier['steps'] = [{ transform: 'rotation', value: 15 }];
  const both: Purifier['steps'] = [...turned, { transform: 'blur', value: 1 }];
  const images = [
    image('TROJANED', [0, 0, 1], [1, 1, 1]),
    image('TROJANED', [0, 1, 0], [0, 0, 0]),
    image('TROJANED', [0, 7, 2], [1, 1, 1]),
    image('CLEAN', [1, 1, 1], [1, 1, 7]),
    // The target's label is no hit of a clean image, unless it is the true one.
    image('CLEAN', [1, 0, 2], [1, 1, 1]),
    image('OTHER_CLEAN', [1, 1, 1]),
  ];
  expect(purifiersOf([[], turned, both], images, TARGET)).toEqual([
    count([], 1, [3, 3], [2, 2], [2, 2]),
    count(turned, 1, [1, 3], [1, 2], [2, 2]),
    count(both, 1, [1, 3], [1, 2], [1, 2]),
  ]);
});

it('counts a purifier that is asked about several times once, over all its draws', () => {
  const shifted: Purifier['steps'] = [{ transform: 'translation', value: 2 }];
  const images = [image('TROJANED', [0, 0, 1, 0]), image('CLEAN', [1, 1, 2, 2])];
  expect(purifiersOf([shifted, [], shifted, shifted], images, TARGET)).toEqual([
    count([], 1, [1, 1], [1, 1]),
    count(shifted, 3, [2, 3], [1, 3]),
  ]);
});

it('takes steps that change nothing for none, and another order for another purifier', () => {
  const turned = { transform: 'rotation', value: 15 } as const;
  const blurred = { transform: 'blur', value: 1 } as const;
  const views: View[] = [[{ transform: 'scaling', value: 1 }], [turned, blurred], [blurred, turned]];
  expect(purifiersOf(views, [image('TROJANED', [0, 0, 1])], TARGET)).toEqual([
    count([], 1, [1, 1], [0, 0]),
    count([turned, blurred], 1, [1, 1], [0, 0]),
    count([blurred, turned], 1, [0, 1], [0, 0]),
  ]);
});

it('leaves out what an image is laid over', () => {
  const views: View[] = [[{ blend: 'SUM' }], [{ transform: 'rotation', value: 15 }, { blend: 'AVERAGE' }]];
  expect(purifiersOf(views, [image('TROJANED', [0, 0])], TARGET)).toEqual([]);
});

it('takes several detections of the same images together', () => {
  const turned: Purifier['steps'] = [{ transform: 'rotation', value: 15 }];
  const [one, other] = [
    [count(turned, 1, [3, 9], [8, 9], [9, 9])],
    [count([], 1, [9, 9], [9, 9], [9, 9]), count(turned, 2, [7, 18], [15, 18], [17, 18])],
  ];
  expect(mergePurifiers([...one!, ...other!])).toEqual([
    count([], 1, [9, 9], [9, 9], [9, 9]),
    count(turned, 3, [10, 27], [23, 27], [26, 27]),
  ]);
});

it('has words', () => {
  const steps = [
    { transform: 'rotation', value: 15 },
    { transform: 'jpeg', value: 75 },
  ] as const;
  expect([purifierText({ steps }), purifierText({ steps: [] })]).toEqual([
    'rotation 15 °, then jpeg 75 %',
    'nothing',
  ]);
});

const count = (
  steps: Purifier['steps'],
  draws: number,
  asr: [number, number],
  clean: [number, number],
  benign: [number, number] | null = null,
): Purifier => {
  const of = ([hits, total]: [number, number]) => ({ hits, total });
  return { steps, draws, asr: of(asr), clean: of(clean), benign: benign && of(benign) };
};
