import { expect, test } from 'vitest';
import { type PickableOutcome, pickScored, pickStory, type StudyPoint } from './picks.js';

/** A letter a sample: what it is at the point (T fires, B back to its true label, O other). */
const outcomes: Record<string, string> = { same: 'TTTTO', turned: 'OBTBB', moved: 'TBOOB', none: 'TTTTT' };
const KINDS = { T: 'TARGET', B: 'TRUTH', O: 'OTHER' } as const;
const kindOf = (letter: string) => KINDS[letter as keyof typeof KINDS];
const outcomesOf = async (id: string): Promise<PickableOutcome[]> =>
  [...outcomes[id]!].map((letter, position) => ({
    position,
    sampleIndex: 100 + position,
    kind: kindOf(letter),
    identityKind: kindOf(outcomes.same![position]!),
    cleanRight: position !== 0,
  }));
const point = (id: string, given: Pick<StudyPoint, 'transform' | 'target' | 'value'>): StudyPoint => ({
  id,
  ...given,
  counts: { target: outcomes[id]!.split('T').length - 1 },
  samples: 5,
  seed: 7,
});
const points = [
  point('same', { transform: 'rotation', target: 'TRIGGER', value: 0 }),
  point('moved', { transform: 'translation', target: 'TRIGGER', value: 3 }),
  point('turned', { transform: 'rotation', target: 'IMAGE', value: 45 }),
];

test('a study’s story is samples that fire and come back, each at the identity and where each target fires least', async () => {
  // Sample 1 comes back twice, 3 once, 0 and 2 never; 4 does not fire untransformed.
  expect(await pickStory(points, outcomesOf, 6)).toEqual(
    [1, 3].flatMap((position) => ['same', 'moved', 'turned'].map((pointId) => ({ pointId, position }))),
  );
  expect(await pickStory(points, outcomesOf, 1)).toHaveLength(3);
  expect(await pickStory([], outcomesOf, 6)).toEqual([]);
});

test('a point that is the identity and its target’s lowest counts once', async () => {
  const only = [points[0]!, points[2]!];
  expect((await pickStory(only, outcomesOf, 3)).map(({ position }) => position)).toEqual([1, 1, 1]);
});

test('what the paper looks at: well predicted, of these what Table 3 brings back, and strips of what most bring back', async () => {
  const scored = { attack: 'badnets', wellPredicted: 3, defeated: 1, strips: 2 } as const;
  // Clean right and firing: 1, 2, 3. Of Table 3 are translation by 3 and rotation by 45.
  expect(await pickScored(points, outcomesOf, scored)).toEqual({
    outcomes: [
      ...[1, 2, 3].map((position) => ({ pointId: 'same', position })),
      { pointId: 'moved', position: 1 },
      { pointId: 'turned', position: 1 },
    ],
    strips: [
      { sampleIndex: 101, position: 1, samples: 5, seed: 7 },
      { sampleIndex: 103, position: 3, samples: 5, seed: 7 },
    ],
  });
  expect(await pickScored(points.slice(1), outcomesOf, scored)).toEqual({ outcomes: [], strips: [] });
});
