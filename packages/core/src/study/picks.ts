import type { OutcomeKind, PointCounts } from '../sweep/outcomes.js';
import type { Setting } from '../sweep/subjects.js';
import { TRANSFORM_TARGETS } from '../transforms/transform.js';
import type { ScoredExplanations } from './document.js';
import { TABLE_3 } from './presets.js';
import { identityOf } from './results.js';

/** Which of a study's outcomes are explained. */

/** A point of one model's sweeps. */
export interface StudyPoint extends Setting {
  id: string;
  counts: Pick<PointCounts, 'target'>;
  /** Of its sweep: how many samples, and the seed that drew them. */
  samples: number;
  seed: number;
}

/** One sample at a point. Its position in the sweep is the same at all points of a study. */
export interface PickableOutcome {
  position: number;
  /** Index into the test split. */
  sampleIndex: number;
  kind: OutcomeKind;
  /** What it was with the trigger untransformed. */
  identityKind: OutcomeKind;
  /** Whether the model is right about the clean, untransformed image. */
  cleanRight: boolean;
}

/** @returns a point's outcomes by position */
export type OutcomesOf = (pointId: string) => Promise<PickableOutcome[]>;

export interface PickedOutcome {
  pointId: string;
  position: number;
}

/** One sample of a study, to be shown as a strip. */
export interface StripSample {
  sampleIndex: number;
  position: number;
  samples: number;
  seed: number;
}

/**
 * The outcomes that tell a study's story, as the paper's Fig. 5: for a few samples the untransformed trojaned image that
 * fires, and the same sample at each target's point of lowest ASR, where it does not.
 * @param points in the order of the study
 * @param count of outcomes, about
 */
export async function pickStory(
  points: readonly StudyPoint[],
  outcomesOf: OutcomesOf,
  count: number,
): Promise<PickedOutcome[]> {
  if (points.length === 0) return [];
  const fired = ({ counts }: StudyPoint) => counts.target;
  const identity = points.reduce((best, point) => (fired(point) > fired(best) ? point : best));
  const defeats = TRANSFORM_TARGETS.flatMap((target) => {
    const own = points.filter((point) => point.target === target);
    return own.length ? [own.reduce((worst, point) => (fired(point) < fired(worst) ? point : worst))] : [];
  });
  const story = [identity, ...defeats];
  const timesBack = new Map<number, number>();
  // Where nothing lowers ASR, the identity is its own lowest point.
  for (const { id } of new Set(story))
    for (const { position, kind, identityKind } of await outcomesOf(id))
      if (identityKind === 'TARGET')
        timesBack.set(position, (timesBack.get(position) ?? 0) + Number(kind === 'TRUTH'));
  return [...timesBack]
    .toSorted(([a, backA], [b, backB]) => backB - backA || a - b)
    .slice(0, Math.max(1, Math.floor(count / story.length)))
    .flatMap(([position]) => story.map(({ id }) => ({ pointId: id, position })));
}

/**
 * What the paper looks at by eye (section 5.4): well-predicted samples untransformed, those of them whose true label the
 * configurations of Table 3 bring back, and the samples that most of these bring back, for strips. Samples are drawn at
 * random, so the first are as good as any.
 * @param points in the order of the study
 */
export async function pickScored(
  points: readonly StudyPoint[],
  outcomesOf: OutcomesOf,
  { wellPredicted, defeated, strips }: ScoredExplanations,
): Promise<{ outcomes: PickedOutcome[]; strips: StripSample[] }> {
  const identity = points.find(({ transform, value }) => value === identityOf(transform));
  if (!identity) return { outcomes: [], strips: [] };
  const chosen = (await outcomesOf(identity.id))
    .filter(({ kind, cleanRight }) => kind === 'TARGET' && cleanRight)
    .slice(0, wellPredicted);
  const positions = new Set(chosen.map(({ position }) => position));
  const backAgain = await Promise.all(
    points
      .filter((point) =>
        TABLE_3.some(({ transform, value }) => transform === point.transform && value === point.value),
      )
      .map(async ({ id }) =>
        (await outcomesOf(id))
          .filter(({ kind, position }) => kind === 'TRUTH' && positions.has(position))
          .map(({ position }) => ({ pointId: id, position })),
      ),
  );
  const times = (position: number) =>
    backAgain.filter((rows) => rows.some((row) => row.position === position)).length;
  const { samples, seed } = identity;
  return {
    outcomes: [
      ...chosen.map(({ position }) => ({ pointId: identity.id, position })),
      ...backAgain.flatMap((rows) => rows.slice(0, defeated)),
    ],
    strips: chosen
      .toSorted((a, b) => times(b.position) - times(a.position) || a.position - b.position)
      .slice(0, strips)
      .map(({ sampleIndex, position }) => ({ sampleIndex, position, samples, seed })),
  };
}
