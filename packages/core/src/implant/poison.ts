import type { AttackDefinition } from '../attacks/attack.js';
import type { Trigger } from '../attacks/trigger.js';
import type { Split } from '../datasets/dataset.js';
import { tf } from '../lib/backend.js';
import { TrojanscopeError, throwIfAborted } from '../lib/errors.js';
import { concatInOrder, imagesToTensor, picturesAtOnce, tensorToPixels } from '../lib/images.js';
import type { Random } from '../lib/random.js';
import { applyToImages } from '../transforms/apply.js';
import { drawnPlan, type TrainingTransforms } from '../transforms/randomly.js';
import type { Placement } from '../transforms/transform.js';

export interface PoisonCount {
  /** rate × size of the training set */
  planned: number;
  /** as many as there were images to poison */
  effective: number;
  /** Images that have the trigger and keep their label, where there were to be any. */
  covers?: { planned: number; effective: number };
}

export interface PoisonTask {
  data: Split;
  attack: AttackDefinition;
  parameters: Record<string, unknown>;
  trigger: Trigger;
  targetLabel: number;
  /** 0..1, of the whole set */
  rate: number;
  /** Covers for each poisoned image; none where left out. */
  coverRatio?: number;
  transforms?: TrainingTransforms;
  random: Random;
  /** Clean images that are changed are held where they take no more; else they are changed whenever they are asked for. */
  holdBytes?: number;
  signal?: AbortSignal;
}

const STAMP_BATCH = 64;
const HOLD_BYTES = 256e6;

/** How many of a training set's images a rate means. */
export const plannedPoison = (rate: number, images: number): number => Math.round(rate * images);

/** How many covers a ratio means beside so many planned poisoned images. */
export const plannedCovers = (coverRatio: number, poisoned: number): number =>
  Math.round(coverRatio * poisoned);

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
 * docs/resolutions.md). Covers, of other classes too, get a stamp and keep their label. What is drawn for an image comes
 * from a stream of its own, once: the set is the same in every epoch, and after a training that resumed. Only images with
 * a stamp are held, and clean ones that are changed where they are few; all others are those of `data`.
 * @throws TrojanscopeError BAD_USER_INPUT as `poisonCandidates`; ABORTED between batches
 */
export async function* poison(
  task: PoisonTask,
): AsyncGenerator<{ done: number; total: number }, { data: Split; count: PoisonCount }> {
  const { data, targetLabel, rate, coverRatio = 0, random, holdBytes = HOLD_BYTES, signal } = task;
  const { shape } = task.trigger;
  const candidates = poisonCandidates(task);
  const planned = plannedPoison(rate, data.labels.length);
  const chosen = random.sample(candidates, planned);
  const poisoned = new Set(chosen);
  const plannedAsCovers = plannedCovers(coverRatio, planned);
  const covers = random.fork('covers').sample(
    [...data.labels.keys()].filter((index) => data.labels[index] !== targetLabel && !poisoned.has(index)),
    plannedAsCovers,
  );
  const stamped = Int32Array.of(...chosen, ...covers);
  const hasStamp = new Set(stamped);
  const change = changeOf(task, new Set(covers));
  const size = shape.height * shape.width * shape.channels;
  const clean = Int32Array.from(data.labels.keys()).filter((index) => !hasStamp.has(index));
  const held = change.clean && clean.length * size <= holdBytes ? clean : new Int32Array();

  const total = stamped.length + held.length;
  const pixels = new Uint8Array(total * size);
  const rowOf = new Map<number, number>();
  const batch = picturesAtOnce(shape, STAMP_BATCH);
  for (const [indices, make] of [
    [stamped, change.stamped],
    [held, change.clean],
  ] as const) {
    for (let start = 0; start < indices.length; start += batch) {
      throwIfAborted(signal);
      const own = indices.subarray(start, start + batch);
      const images = make!(own);
      pixels.set(await tensorToPixels(images), rowOf.size * size);
      images.dispose();
      for (const index of own) rowOf.set(index, rowOf.size);
      yield { done: rowOf.size, total };
    }
  }
  const labels = data.labels.slice();
  for (const index of chosen) labels[index] = targetLabel;
  return {
    data: { labels, images },
    count: {
      planned,
      effective: chosen.length,
      ...(plannedAsCovers > 0 && { covers: { planned: plannedAsCovers, effective: covers.length } }),
    },
  };

  function images(indices: ArrayLike<number>): tf.Tensor4D {
    const [others, kept]: [number[], number[]] = [[], []];
    for (let i = 0; i < indices.length; i++) (rowOf.has(indices[i]!) ? kept : others).push(i);
    const pick = (positions: number[]) => positions.map((position) => indices[position]!);
    const otherwise = (own: ArrayLike<number>) =>
      change.clean ? change.clean(Int32Array.from(own)) : data.images(own);
    if (kept.length === 0) return otherwise(indices);
    const rows = pick(kept).map((index) => rowOf.get(index)!);
    return tf.tidy(() => {
      const parts = [{ positions: kept, images: imagesToTensor(pixels, shape, rows) }];
      if (others.length > 0) parts.push({ positions: others, images: otherwise(pick(others)) });
      return concatInOrder(parts);
    });
  }
}

/** What becomes of images of the training set, by their indices. @returns `clean` only where clean images are changed */
function changeOf(
  { data, attack, parameters, trigger, transforms, random }: PoisonTask,
  covers: ReadonlySet<number>,
) {
  const { height, width } = trigger.shape;
  const frame: Placement = { height, width, box: { top: 0, left: 0, height, width }, target: 'IMAGE' };
  const list = transforms?.transforms ?? [];
  const onImages = transforms?.target === 'TRIGGER' ? [] : list;
  const onClean = [
    ...(attack.training?.clean?.(parameters) ?? []),
    ...(transforms?.target === 'ALL' ? list : []),
  ];
  const randomsOf = (indices: Int32Array, what: string) =>
    Array.from(indices, (index) => random.fork(`image ${index}/${what}`));

  function transformed(images: tf.Tensor4D, chosen: typeof onClean, indices: Int32Array): tf.Tensor4D {
    if (chosen.length === 0) return images;
    return applyToImages(images, drawnPlan(chosen, frame, randomsOf(indices, 'transforms')));
  }
  function stamped(indices: Int32Array): tf.Tensor4D {
    const { box } = trigger;
    const plan =
      transforms?.target === 'TRIGGER'
        ? drawnPlan(list, { height, width, box, target: 'TRIGGER' }, randomsOf(indices, 'trigger'))
        : undefined;
    return tf.tidy(() => {
      const images = data.images(indices);
      const withTrigger = attack.training?.stamp
        ? attack.training.stamp(
            images,
            trigger,
            parameters,
            randomsOf(indices, 'stamp').map((random, i) => ({ cover: covers.has(indices[i]!), random })),
            plan,
          )
        : attack.stamp(images, trigger, parameters, plan);
      return transformed(withTrigger, onImages, indices);
    });
  }
  const clean = (indices: Int32Array) => tf.tidy(() => transformed(data.images(indices), onClean, indices));
  return { stamped, ...(onClean.length > 0 && { clean }) };
}
