import { type Auroc, aurocOf } from './measures.js';

/**
 * Which few of the transforms that geometric consistency asked about are best to ask about, where only so many queries are
 * to be had: chosen on one half of the samples, judged on the other.
 */

/** What one model's images did under each transform that was asked about. */
export interface Changes {
  attack: string;
  images: readonly {
    sample: number;
    trojaned: boolean;
    /** A bit for each transform, the first lowest: whether it changes the label. At most 31. */
    changed: number;
  }[];
}

/** A set as bits, with how well it judges the other half of each model's samples. */
export interface JudgedSet {
  set: number;
  /** In the order of the models. */
  aurocs: Auroc[];
}

export interface BestSets {
  /** Of `size` transforms. */
  size: number;
  /** Best by the mean AUROC over all models. */
  all: JudgedSet;
  /** For each attack the best by the others' models, judged on its own: of an attack that one has not seen. */
  unseen: { attack: string; judged: JudgedSet }[];
  /** Sets that were compared. */
  tried: number;
}

/** Labels as `changed` has them. @param labels [views], the first of the image as it is */
export const changesOf = (labels: Int32Array): number =>
  labels.subarray(1).reduce((bits, label, i) => bits | (Number(label !== labels[0]) << i), 0);

/** The places of a set's transforms. */
export const membersOf = (set: number): number[] =>
  Array.from({ length: 31 }, (_, i) => i).filter((i) => (set >> i) & 1);

/** @param transforms how many were asked about @param size of sets to choose from */
export function bestSets(models: readonly Changes[], transforms: number, size: number): BestSets {
  const halves = models.map(halved);
  const sets = setsOf(transforms, size);
  const areas = halves.map(({ chosenOn }) => areasOf(chosenOn, sets, size));
  const best = (of: readonly number[]): number => {
    let [found, most] = [0, -1];
    for (const s of sets.keys()) {
      const mean = of.reduce((sum, model) => sum + areas[model]![s]!, 0) / of.length;
      // But for rounding: of equal ones the first.
      if (mean > most + 1e-12) [found, most] = [s, mean];
    }
    return sets[found]!;
  };
  const judged = (set: number, of: readonly number[]): JudgedSet => ({
    set,
    aurocs: of.map((model) => judge(halves[model]!.judgedOn, set)),
  });
  const everyone = [...models.keys()];
  const attacks = [...new Set(models.map(({ attack }) => attack))];
  return {
    size,
    all: judged(best(everyone), everyone),
    unseen:
      attacks.length < 2
        ? []
        : attacks.map((attack) => {
            const [own, others] = [true, false].map((is) =>
              everyone.filter((model) => (models[model]!.attack === attack) === is),
            );
            return { attack, judged: judged(best(others!), own!) };
          }),
    tried: sets.length,
  };
}

/** How well a set that was chosen elsewhere judges the halves that sets are judged on. */
export const judgeSet = (models: readonly Changes[], set: number): JudgedSet => ({
  set,
  aurocs: models.map((model) => judge(halved(model).judgedOn, set)),
});

/** Samples by turns, as thresholds are held out. */
function halved({ images }: Changes) {
  const order = [...new Set(images.map(({ sample }) => sample))].sort((a, b) => a - b);
  const even = new Set(order.filter((_, i) => i % 2 === 0));
  return {
    chosenOn: images.filter(({ sample }) => even.has(sample)),
    judgedOn: images.filter(({ sample }) => !even.has(sample)),
  };
}

const judge = (images: Changes['images'], set: number): Auroc =>
  aurocOf(images.map(({ changed, ...image }) => ({ ...image, score: countBits(changed & set) })));

/** Every set of so many of so many. */
function setsOf(transforms: number, size: number): Int32Array {
  const found: number[] = [];
  const add = (set: number, from: number, left: number): void => {
    if (left === 0) found.push(set);
    else for (let i = from; i <= transforms - left; i++) add(set | (1 << i), i + 1, left - 1);
  };
  add(0, 0, size);
  return Int32Array.from(found);
}

/** AUROC of every set: scores are whole numbers up to `size`, so counting them is enough. */
function areasOf(images: Changes['images'], sets: Int32Array, size: number): Float64Array {
  const of = (trojaned: boolean) =>
    Int32Array.from(
      images.filter((image) => image.trojaned === trojaned),
      ({ changed }) => changed,
    );
  const [trojaned, clean] = [of(true), of(false)];
  const [high, low] = [new Int32Array(size + 1), new Int32Array(size + 1)];
  return Float64Array.from(sets, (set) => {
    high.fill(0);
    low.fill(0);
    for (const changed of trojaned) high[countBits(changed & set)]!++;
    for (const changed of clean) low[countBits(changed & set)]!++;
    let [below, halves] = [0, 0];
    for (let score = 0; score <= size; score++) {
      halves += high[score]! * (2 * below + low[score]!);
      below += low[score]!;
    }
    return halves / (2 * trojaned.length * clean.length);
  });
}

/** Of 32 bits: pairs, fours, eights, then all (Warren, Hacker's Delight, section 5-1). */
function countBits(bits: number): number {
  let sum = bits - ((bits >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  return (((sum + (sum >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
