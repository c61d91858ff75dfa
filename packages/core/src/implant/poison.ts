import type { AttackDefinition } from '../attacks/attack.js';
import type { Trigger } from '../attacks/trigger.js';
import type { Split } from '../datasets/dataset.js';
import { tf } from '../lib/backend.js';
import { TrojanscopeError, throwIfAborted } from '../lib/errors.js';
import { concatInOrder, imagesToTensor, picturesAtOnce, tensorToPixels } from '../lib/images.js';
import type { Random } from '../lib/random.js';

export interface PoisonCount {
  /** rate × size of the training set */
  planned: number;
  /** as many as there were images to poison */
  effective: number;
}

export interface PoisonTask {
  data: Split;
  attack: AttackDefinition;
  parameters: Record<string, unknown>;
  trigger: Trigger;
  targetLabel: number;
  /** 0..1, of the whole set */
  rate: number;
  random: Random;
  signal?: AbortSignal;
}

const STAMP_BATCH = 64;

/** How many of a training set's images a rate means. */
export const plannedPoison = (rate: number, images: number): number => Math.round(rate * images);

/**
 * A trojaned model has at least one poisoned image.
 * @throws TrojanscopeError BAD_USER_INPUT at `poisonRate` where a rate means none
 */
export function checkPoisonRate(rate: number, images: number): void {
  if (plannedPoison(rate, images) > 0) return;
  throw new TrojanscopeError(
    'BAD_USER_INPUT',
    `poisonRate: ${plain(rate)} of ${images.toLocaleString('en')} training images is less than half of one, so none would be poisoned; the smallest rate that poisons one is ${plain(smallestRate(images))}.`,
    ['poisonRate'],
  );
}

/** The smallest rate that poisons one image: half of one is rounded up. To four digits, so that people can type it. */
export function smallestRate(images: number): number {
  const exact = 0.5 / images;
  const unit = 10 ** (Math.floor(Math.log10(exact)) - 3);
  return Number((Math.ceil(exact / unit - 1e-6) * unit).toPrecision(4));
}

const plain = (rate: number) => rate.toLocaleString('en', { maximumSignificantDigits: 6 });

/**
 * The images that an attack may poison: of other classes, or with clean labels those of the target class.
 * @throws TrojanscopeError BAD_USER_INPUT where there is none, or the rate means none
 */
export function poisonCandidates({
  data: { labels },
  attack,
  parameters,
  targetLabel,
  rate,
}: Pick<PoisonTask, 'data' | 'attack' | 'parameters' | 'targetLabel' | 'rate'>): number[] {
  checkPoisonRate(rate, labels.length);
  const clean = attack.labelling?.(parameters) === 'clean';
  const candidates = [...labels.keys()].filter((index) => (labels[index] === targetLabel) === clean);
  if (candidates.length > 0) return candidates;
  throw new TrojanscopeError(
    'BAD_USER_INPUT',
    `targetLabel: ${clean ? 'no' : 'every'} training image is of class ${targetLabel}, so none can be poisoned with ${clean ? 'clean' : 'dirty'} labels.`,
    ['targetLabel'],
  );
}

/**
 * Puts the trigger on a share of all training images, drawn without replacement, and labels them as the target: images
 * of other classes, or with clean labels those that are of the target class anyway (paper section 4.1;
 * docs/resolutions.md). Only the poisoned images are held; all others are those of `data`.
 * @throws TrojanscopeError BAD_USER_INPUT as `poisonCandidates`; ABORTED between batches
 */
export async function* poison(
  task: PoisonTask,
): AsyncGenerator<{ done: number; total: number }, { data: Split; count: PoisonCount }> {
  const { data, attack, parameters, trigger, targetLabel, rate, random, signal } = task;
  const { shape } = trigger;
  const candidates = poisonCandidates(task);
  const planned = plannedPoison(rate, data.labels.length);
  const chosen = random.sample(candidates, planned);
  const size = shape.height * shape.width * shape.channels;
  const stamped = new Uint8Array(chosen.length * size);
  const batch = picturesAtOnce(shape, STAMP_BATCH);
  for (let start = 0; start < chosen.length; start += batch) {
    throwIfAborted(signal);
    const images = tf.tidy(() =>
      attack.stamp(data.images(chosen.subarray(start, start + batch)), trigger, parameters),
    );
    stamped.set(await tensorToPixels(images), start * size);
    images.dispose();
    yield { done: Math.min(start + batch, chosen.length), total: chosen.length };
  }
  const labels = data.labels.slice();
  const rowOf = new Map<number, number>();
  chosen.forEach((index, row) => {
    labels[index] = targetLabel;
    rowOf.set(index, row);
  });
  return { data: { labels, images }, count: { planned, effective: chosen.length } };

  function images(indices: ArrayLike<number>): tf.Tensor4D {
    const [untouched, poisoned]: [number[], number[]] = [[], []];
    for (let i = 0; i < indices.length; i++) (rowOf.has(indices[i]!) ? poisoned : untouched).push(i);
    if (poisoned.length === 0) return data.images(indices);
    const pick = (positions: number[]) => positions.map((position) => indices[position]!);
    const rows = pick(poisoned).map((index) => rowOf.get(index)!);
    return tf.tidy(() => {
      const parts = [{ positions: poisoned, images: imagesToTensor(stamped, shape, rows) }];
      if (untouched.length > 0) parts.push({ positions: untouched, images: data.images(pick(untouched)) });
      return concatInOrder(parts);
    });
  }
}
