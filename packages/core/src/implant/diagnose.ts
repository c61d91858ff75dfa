import { inferenceBatch } from '../architectures/batches.js';
import type { Normalization } from '../architectures/normalization.js';
import type { DatasetInfo, Split } from '../datasets/dataset.js';
import { loadSplit } from '../datasets/loadSplit.js';
import { createClassifier } from '../inference/classifier.js';
import { tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { mcNemarExact, wilson } from '../lib/statistics.js';
import { toTensors } from '../lib/tensors.js';
import { takenFor } from '../onnx/network.js';
import { asSpec, type CheckedModel, reversed } from './bundle.js';
import { outputsInOrder } from './classNames.js';
import { type Count, networkOf, partsOf } from './model.js';
import { kappaOf, SLIGHT } from './nearChance.js';

/** Of intervals and tests: dozens of readings are compared, and no model that is right is to be doubted. */
const CONFIDENCE = 0.99;
/** How much of its record a model may miss: another decoder or resize filter costs a fraction of it. */
const TOLERANCE = 0.02;
/**
 * A reading that explains a model makes it agree more than fairly, or as its record says: of dozens of ways to read a
 * network that knows nothing, one is lucky.
 */
const FAIR = 0.4;
/** Where no record says what to expect: hardly a model that is read wrong does as well. */
const WELL = 0.95;
/** Test images tried, and seconds that all readings may take: a large network sees fewer, but so many at least. */
const SAMPLE = 500;
const SECONDS = 20;
const LEAST = 12;
/** Images between two looks at which readings are still worth trying, and those that tell mean and deviation. */
const STEP = 10;
const FOR_MEAN = 100;
const MOST_TOLD = 3;

interface Named extends Normalization {
  title: string;
}
const NOTHING: Named = { title: 'values from 0 to 1', mean: [0], std: [1] };
/**
 * What images in [0,1] are commonly normalised by, in the order of the channels that a network takes: those of
 * torchvision's models, of pytorch/examples (MNIST), kuangliu/pytorch-cifar and BackdoorBench (GTSRB).
 */
const COMMON: readonly Named[] = [
  { title: 'values from −1 to 1', mean: [0.5], std: [0.5] },
  { title: 'values from 0 to 255', mean: [0], std: [0.00392157] },
];
const COMMON_OF_GREY: readonly Named[] = [
  { title: 'MNIST’s', mean: [0.1307], std: [0.3081] },
  { title: 'Fashion-MNIST’s', mean: [0.286], std: [0.353] },
];
const COMMON_OF_COLOUR: readonly Named[] = [
  { title: 'ImageNet’s', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  { title: 'CIFAR-10’s', mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] },
  { title: 'GTSRB’s', mean: [0.3403, 0.3121, 0.3214], std: [0.2724, 0.2608, 0.2669] },
];
/** (103.939, 116.779, 123.68) off BGR of 0 to 255, as in Keras's `preprocess_input(mode='caffe')`. */
const CAFFE: Named = {
  title: 'Caffe’s, of values from 0 to 255',
  mean: [0.407604, 0.457957, 0.48502],
  std: [0.00392157],
};

/** How the network's outputs are numbered. */
interface Numbering {
  classOrder?: 'numeric' | 'codepoint';
  /** For each output the label. */
  labels: readonly number[];
}
/** How images enter the network. */
interface Entrance {
  bgr: boolean;
  normalization: Named;
}
/** One that is tried, with what the network says of the sample behind it: outputs by its own numbers. */
interface Trial extends Entrance {
  outputs: number[];
}
/** A way to read the model: how images enter, how outputs are numbered, which images of the sample it gets right so. */
interface Candidate {
  trial: Trial;
  numbering: Numbering;
  right: readonly boolean[];
}

/**
 * Compares a model with its record and with guessing, and where it falls short of either, tries on a sample of test
 * images what usually differs between where a network was trained and where it is asked: order of classes, order of
 * channels, range of values, mean and standard deviation, and their combinations. Of a model without a record of its
 * accuracy that does not do well, all is tried too, but only what helps is told.
 * @param measured clean accuracy on the whole test set; where it is left out, a sample is asked
 * @param seconds what it may take; of a large network on large images a few times that
 * @returns sentences; none where there is nothing to say
 * @throws TrojanscopeError ABORTED
 */
export async function diagnose(
  checked: CheckedModel,
  measured: Count | undefined,
  signal?: AbortSignal,
  seconds = SECONDS,
): Promise<string[]> {
  const { record, weights, graph, came } = checked;
  const { dataset, shape } = partsOf(asSpec(record.spec));
  // Without the normalization of its record, which is one of many here.
  const { normalization: _, onnx: { bgr: _bgr, order: _order, ...onnx } = {}, ...bare } = asSpec(record.spec);
  const network = networkOf({ record: { spec: { ...bare, onnx } }, graph });
  // Of an imported network the weights are as they came.
  const moved = graph ? undefined : came;
  const split = await loadSplit(record.spec.dataset, 'test', shape);
  const sample = createRandom('diagnosis').sample([...split.labels.keys()], SAMPLE);
  const batchSize = inferenceBatch({ network, weights }, shape, Math.min(STEP, sample.length));
  const tensors = toTensors(weights);
  // What goes into it: grey images become three alike where it takes colours.
  const entering = graph ? takenFor(graph, shape) : shape;
  const classifier = createClassifier(network, tensors, entering, batchSize);
  tf.dispose(tensors);
  try {
    const now: Entrance = entranceOf(checked);
    const numberings = numberingsOf(checked, dataset);
    let first = measured;
    if (!first) {
      const asItIs = { ...now, outputs: [] };
      await ask([asItIs], seconds / 2, () => [asItIs]);
      first = countOf(judged(asItIs, numberings[0]!));
    }
    const chance = chanceOf(split.labels);
    const reasons = reasonsOf(first, record.clean, chance);
    if (reasons.length === 0 && (record.clean || wilson(first.hits, first.total, CONFIDENCE).low >= WELL))
      return [];

    const trials = entrances(
      now,
      shape.channels,
      entering.channels,
      ownNormalization(split, sample.subarray(0, FOR_MEAN)),
    );
    const candidates = () =>
      trials.flatMap((trial) => numberings.map((numbering) => judged(trial, numbering)));
    await ask(trials, seconds, (late) => worthTrying(candidates(), late));
    const asItIs = { trial: trials[0]!, numbering: numberings[0]! };
    const explaining = candidates().filter((own) => explains(own, record.clean, chance));
    const found = mostLikely(explaining, asItIs, first);
    const finding = `${measured ? 'Clean accuracy, measured here,' : 'Clean accuracy on a sample of the test images'} is ${percent(first)}${reasons.map((reason) => `, ${reason}`).join('')}.`;
    if (found.length > 0) return [finding, ...found.map((candidate) => advice(candidate, asItIs, checked))];
    return reasons.length > 0 ? [finding, nothingHelps(trials, numberings)] : [];
  } finally {
    classifier.dispose();
  }

  /** Shows the sample to the network, step by step, behind every entrance that is still worth it, until time is up. */
  async function ask(trials: readonly Trial[], within: number, worth: (late: boolean) => readonly Trial[]) {
    const began = performance.now();
    const spent = () => (performance.now() - began) / 1_000 / within;
    let open = trials;
    for (let start = 0; start < sample.length && (spent() < 1 || start < LEAST); start += batchSize) {
      const images = tf.tidy(() =>
        tf.tile(split.images(sample.subarray(start, start + batchSize)), [
          1,
          1,
          1,
          entering.channels / shape.channels,
        ]),
      );
      try {
        for (const trial of open) {
          const entered = enter(images, trial, moved?.bgr === true);
          const { labels } = await classifier.classify(entered, signal).finally(() => entered.dispose());
          trial.outputs.push(...[...labels].map((label) => moved?.order?.[label] ?? label));
        }
      } finally {
        images.dispose();
      }
      open = worth(spent() > (start + batchSize) / sample.length);
    }
  }

  function judged(trial: Trial, numbering: Numbering): Candidate {
    const right = trial.outputs.map((output, i) => numbering.labels[output] === split.labels[sample[i]!]);
    return { trial, numbering, right };
  }
}

/**
 * @param images [n,h,w,c] of RGB in [0,1]
 * @param swapped whether the first layer was turned from BGR to RGB
 * @returns what the first layer takes
 */
const enter = (images: tf.Tensor4D, { bgr, normalization: { mean, std } }: Entrance, swapped: boolean) =>
  tf.tidy(() => {
    const seen = bgr ? tf.reverse(images, 3) : images;
    const entered = tf.div<tf.Tensor4D>(tf.sub(seen, mean), std);
    return swapped ? tf.reverse(entered, 3) : entered;
  });

function entranceOf({ record: { spec }, came }: CheckedModel): Entrance {
  const bgr = came?.bgr === true;
  const { normalization } = spec;
  if (!normalization) return { bgr, normalization: NOTHING };
  return { bgr, normalization: { title: 'as it is', ...(bgr ? reversed(normalization) : normalization) } };
}

/**
 * Every way in which images may enter, the present one first.
 * @param channels of the images @param taken of what goes into the network: 3, each the one of grey images, or as many
 * @param own the images’ own, in the order of RGB
 */
function entrances(now: Entrance, channels: number, taken: number, own: Named): Trial[] {
  const orders = channels === 3 ? [now.bgr, !now.bgr] : [now.bgr];
  return orders.flatMap((bgr) => {
    const common = [
      NOTHING,
      ...COMMON,
      ...(taken === 3 ? COMMON_OF_COLOUR : []),
      ...(channels === 1 ? COMMON_OF_GREY : []),
      ...(bgr ? [CAFFE] : []),
      bgr ? { ...own, ...reversed(own) } : own,
    ];
    const others = common.filter((normalization) => !sameNumbers(normalization, now.normalization));
    return [now.normalization, ...others].map((normalization) => ({ bgr, normalization, outputs: [] }));
  });
}

const sameNumbers = (a: Normalization, b: Normalization) => `${a.mean}/${a.std}` === `${b.mean}/${b.std}`;

/** Mean and standard deviation of some images, channel by channel. */
function ownNormalization(split: Split, indices: Int32Array): Named {
  const [mean, std] = tf.tidy(() => {
    const moments = [...indices].map((index) => {
      const image = split.images([index]);
      return [tf.mean(image, [0, 1, 2]), tf.mean(tf.square(image), [0, 1, 2])] as const;
    });
    const [first, second] = [0, 1].map((power) => tf.mean(tf.stack(moments.map((pair) => pair[power]!)), 0));
    return [first!, tf.sqrt(tf.sub(second!, tf.square(first!)))].map((values) =>
      [...values.dataSync()].map((value) => Number(value.toFixed(4))),
    );
  });
  // Of images that are all alike there is no deviation.
  return { title: 'the images’ own', mean: mean!, std: std!.map((value) => Math.max(value, 1e-4)) };
}

/** The present one first. */
function numberingsOf({ came }: CheckedModel, dataset: DatasetInfo): Numbering[] {
  const identity = dataset.classNames.map((_, label) => label);
  const inverse = (order: readonly number[]) => order.map((_, output) => order.indexOf(output));
  const orders = (['codepoint', 'numeric'] as const).map((classOrder): Numbering => {
    return { classOrder, labels: inverse(outputsInOrder(classOrder, dataset) ?? identity) };
  });
  const now = inverse(came?.order ?? identity);
  const same = (one: readonly number[], other: readonly number[]) => `${one}` === `${other}`;
  // Where the present order is not the data set's, it stays one that has to be said.
  const named = came?.order && orders.find(({ labels }) => same(labels, now));
  const others = orders.filter(
    ({ labels }, i) => !same(labels, now) && orders.findIndex((own) => same(own.labels, labels)) === i,
  );
  return [named ?? { labels: now }, ...others];
}

const countOf = ({ right }: Candidate): Count => ({
  hits: right.filter(Boolean).length,
  total: right.length,
});
const intervalOf = (candidate: Candidate) => {
  const { hits, total } = countOf(candidate);
  return wilson(hits, total, CONFIDENCE);
};
const rateOf = (candidate: Candidate) => {
  const { hits, total } = countOf(candidate);
  return hits / total;
};

/** What those get right that always say the most frequent class. */
function chanceOf(labels: Int32Array): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Math.max(...counts.values()) / labels.length;
}

const fallsShort = ({ hits, total }: Count, said: Count) =>
  wilson(hits, total, CONFIDENCE).high < said.hits / said.total - TOLERANCE;

const explains = (own: Candidate, said: Count | undefined, chance: number) =>
  kappaOf(countOf(own), chance) > FAIR || (said !== undefined && !fallsShort(countOf(own), said));

function reasonsOf(first: Count, said: Count | undefined, chance: number): string[] {
  const reasons = [];
  if (said && fallsShort(first, said)) reasons.push(`where the record says ${percent(said)}`);
  if (kappaOf(first, chance) <= SLIGHT)
    reasons.push(
      `little more than the ${(100 * chance).toFixed(2)} % of always saying the most frequent class`,
    );
  return reasons;
}

/**
 * Without those that are behind for sure.
 * @param late whether time will not do for all: then the better half goes on (sequential halving, Karnin et al. 2013)
 */
function worthTrying(candidates: readonly Candidate[], late: boolean): Trial[] {
  const least = Math.max(...candidates.map((candidate) => intervalOf(candidate).low));
  const longest = Math.max(...candidates.map(({ right }) => right.length));
  const open = candidates
    .filter((own) => own.right.length === longest && intervalOf(own).high >= least)
    .sort((a, b) => rateOf(b) - rateOf(a));
  const trials = [...new Set(open.map(({ trial }) => trial))];
  return late ? trials.slice(0, Math.ceil(trials.length / 2)) : trials;
}

/** Whether one gets more right than the other, by McNemar's test on the images that both have seen. */
function beats(one: Candidate, other: Candidate): boolean {
  let [gained, lost] = [0, 0];
  for (let i = 0; i < Math.min(one.right.length, other.right.length); i++) {
    if (one.right[i] && !other.right[i]) gained++;
    if (!one.right[i] && other.right[i]) lost++;
  }
  return gained > lost && mcNemarExact(lost, gained) < 1 - CONFIDENCE;
}

type Reading = Pick<Candidate, 'trial' | 'numbering'>;

/** What a reading changes of another. */
const changesOf = ({ trial, numbering }: Reading, from: Reading) => [
  ...(numbering === from.numbering ? [] : [numbering]),
  ...(trial.bgr === from.trial.bgr ? [] : ['channels']),
  ...(sameNumbers(trial.normalization, from.trial.normalization) ? [] : [trial.normalization.title]),
];

/**
 * Those that do better than the model does now, for sure: the best, and what does not do worse for sure. No change more
 * than is of use.
 */
function mostLikely(candidates: readonly Candidate[], now: Reading, first: Count): Candidate[] {
  const { high } = wilson(first.hits, first.total, CONFIDENCE);
  const better = candidates
    .filter((own) => changesOf(own, now).length > 0 && intervalOf(own).low > high)
    .sort((a, b) => rateOf(b) - rateOf(a) || changesOf(a, now).length - changesOf(b, now).length);
  const leading = better.filter((own) => !beats(better[0]!, own));
  const isSimpler = (one: Candidate, other: Candidate) => {
    const [less, more] = [changesOf(one, now), changesOf(other, now)];
    return less.length < more.length && less.every((change) => more.includes(change));
  };
  return leading
    .filter((own) => !leading.some((other) => isSimpler(other, own) && !beats(own, other)))
    .slice(0, MOST_TOLD);
}

const percent = ({ hits, total }: Count, what = '') =>
  `${((100 * hits) / total).toFixed(2)} % (${hits.toLocaleString('en')} of ${total.toLocaleString('en')}${what})`;
const ORDERS = { numeric: 'by number (2 before 10)', codepoint: 'by code point (10 before 2)' };

/** What would be, and how to have it: on the command line, in the API, in the record. */
function advice(candidate: Candidate, now: Reading, { record, graph }: CheckedModel): string {
  const {
    trial: { bgr, normalization },
    numbering: { classOrder },
  } = candidate;
  const { mean, std, title } = normalization;
  const words: string[] = [];
  if (candidate.numbering !== now.numbering) words.push(`class order ${ORDERS[classOrder!]}`);
  if (bgr !== now.trial.bgr) words.push(`channels ${bgr ? 'BGR' : 'RGB'}`);
  if (!sameNumbers(normalization, now.trial.normalization))
    words.push(`mean ${mean.join(', ')} and standard deviation ${std.join(', ')} (${title})`);
  // All that makes this reading, what is so by now included.
  const flags: string[] = [];
  const fields: string[] = [];
  if (classOrder) {
    flags.push(`--class-order ${classOrder}`);
    fields.push(`classOrder: ${classOrder}`);
  }
  if (bgr) {
    flags.push('--channels bgr');
    fields.push('channels: bgr');
  }
  if (normalization !== NOTHING || record.spec.normalization) {
    flags.push(`--mean ${mean.join(' ')} --std ${std.join(' ')}`);
    fields.push(`mean: [${mean.join(', ')}], std: [${std.join(', ')}]`);
  }
  const kept: string[] = [];
  if (candidate.numbering !== now.numbering) kept.push('classNames, in the order of the outputs');
  if (!sameNumbers(normalization, now.trial.normalization))
    kept.push(graph ? 'input.mean and input.std' : 'spec.normalization');
  return (
    `With ${words.join(' and ')} it would be ${percent(countOf(candidate), ' tried')}: ` +
    `import it again${flags.length > 0 ? ` with ${flags.join(' ')} (in the API ${fields.join(', ')})` : ' without these options'}` +
    `${kept.length > 0 ? `; in ${graph ? 'import.json' : 'model.json'} it is ${kept.join(' and ')}` : ''}.`
  );
}

function nothingHelps(trials: readonly Trial[], numberings: readonly Numbering[]): string {
  const tried = numberings.slice(1).map(({ classOrder }) => `class order ${ORDERS[classOrder!]}`);
  if (trials.some(({ bgr }) => bgr !== trials[0]!.bgr))
    tried.push(`channels ${trials[0]!.bgr ? 'RGB' : 'BGR'}`);
  const others = trials.filter(({ normalization }) => normalization !== trials[0]!.normalization);
  const seen = Math.max(...trials.map(({ outputs }) => outputs.length));
  const titles = new Set(others.map(({ normalization }) => normalization.title));
  tried.push(`mean and standard deviation (${[...titles].join(', ')})`);
  return (
    `None of the usual causes explains it; tried on up to ${seen} test images${seen < FOR_MEAN ? ', on which only large differences show' : ''}, alone and together: ${tried.join('; ')}. ` +
    'It may be another size of image, crop or resize filter, another split or data set, grey for colour, dark for light, ' +
    'classes in an order of their own (classNames of the record names each output), or weights of another time.'
  );
}
