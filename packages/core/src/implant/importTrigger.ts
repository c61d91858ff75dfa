import { type AttackId, attackOf } from '../attacks/index.js';
import { samplesOf } from '../attacks/pairs.js';
import type { Trigger } from '../attacks/trigger.js';
import type { TriggerFiles } from '../attacks/triggerFiles.js';
import { loadSplit } from '../datasets/loadSplit.js';
import { TrojanscopeError } from '../lib/errors.js';
import { tensorToPixels } from '../lib/images.js';
import { parseParameters } from '../lib/params.js';
import { createRandom } from '../lib/random.js';
import { wilson } from '../lib/statistics.js';
import { type Count, type ModelSpec, partsOf } from './model.js';
import { ENOUGH, LEAST_PAIRS, readOff } from './readOff.js';

/** A trigger that came with a model, as it is kept with it. */
export interface ImportedTrigger {
  attack: AttackId;
  parameters: Record<string, unknown>;
  trigger: Trigger;
  /** What there is to say of it. */
  told: string[];
}

/** Clean images looked at to read a layer off. */
const MOST_READ = 1_000;

/**
 * Reads what came with a model as its trigger; off pairs the layer, where there is one.
 * @param given parameters of the attack, files by their names
 * @param order for each label of the data set the number that it has in the files, where it is another
 * @throws TrojanscopeError BAD_USER_INPUT, DATA_DAMAGED naming the file at fault; UNSUPPORTED for an attack that is made here
 */
export async function importTrigger(
  spec: Pick<ModelSpec, 'dataset' | 'sizePx' | 'architecture'>,
  attack: AttackId,
  given: object,
  files: TriggerFiles,
  order?: readonly number[],
): Promise<ImportedTrigger> {
  const { imported, parameters: schema, createTrigger } = attackOf(attack);
  if (!imported)
    throw new TrojanscopeError(
      'UNSUPPORTED',
      `${attack}: expected a trigger from elsewhere, this one is implanted.`,
    );
  const { dataset, shape } = partsOf(spec as ModelSpec);
  const data = await loadSplit(spec.dataset, 'test', shape);
  const parameters = parseParameters(schema, given, [attack]) as Record<string, unknown>;
  const { classNames } = dataset;
  const context = { shape, data, targetLabel: 0, random: createRandom('import'), files, classNames, order };
  const trigger = (await createTrigger(parameters, context)) as Trigger;
  const asItIs = { attack, parameters, trigger, told: [] };
  if (attack !== 'pairs') return asItIs;

  const samples = samplesOf(trigger).subarray(0, MOST_READ);
  const images = data.images(samples);
  const clean = await tensorToPixels(images);
  images.dispose();
  const found = readOff(clean, trigger.images!.poisoned!.values.subarray(0, clean.length), shape);
  if (!found) {
    const why =
      samples.length < LEAST_PAIRS
        ? `${samples.length} pairs are too few to read a layer off them: expected at least ${LEAST_PAIRS}`
        : 'The poisoned images are the clean ones: there is nothing to read off them';
    return { ...asItIs, told: [`${why}. The image can be transformed, the trigger cannot.`] };
  }
  const share = `${(100 * found.share).toFixed(found.share > 0.999 ? 2 : 1)} %`;
  if (found.share < ENOUGH) {
    const told = [
      `A layer read off the pairs explains ${share} of what the trigger changes, off by ${found.errorLevels.toFixed(1)} levels in the mean; expected at least ${100 * ENOUGH} %. The image can be transformed, the trigger cannot.`,
    ];
    return { ...asItIs, parameters: { ...parameters, explained: found.share }, told };
  }
  const told = [
    `Read off the pairs: ${found.attack === 'layer' ? 'a layer' : 'an additive pattern'} that explains ${share} of what the trigger changes on pairs that it was not read off.`,
  ];
  if (found.unknown > 0)
    told.push(
      `${found.unknown} of its ${found.changed} numbers lie where all clean images are alike, so how far it covers there is not known; it is taken as ${found.unknown < found.changed ? 'elsewhere' : 'opaque'}.`,
    );
  const readAs = attackOf(found.attack).parameters.parse({ readOff: found.share });
  return { attack: found.attack, parameters: readAs, trigger: found.trigger, told };
}

/** What a model makes of images with the trigger, and so what it aims at. */
export interface ReadTarget {
  label: number;
  /** Of the images of other classes. */
  count: Count;
  /** Why it is in doubt; undefined where it is clear. */
  doubt?: string;
}

/**
 * The target label: what most images with the trigger are taken for that are of another class.
 * @param labels [n], what they were without it
 * @param predicted [n]
 * @returns undefined where every image is taken for its own class, or there is none
 */
export function readTarget(labels: ArrayLike<number>, predicted: ArrayLike<number>): ReadTarget | undefined {
  const [hits, own] = [new Map<number, number>(), new Map<number, number>()];
  for (let i = 0; i < labels.length; i++) {
    own.set(labels[i]!, (own.get(labels[i]!) ?? 0) + 1);
    if (predicted[i] !== labels[i]) hits.set(predicted[i]!, (hits.get(predicted[i]!) ?? 0) + 1);
  }
  const found = [...hits].map(([label, count]) => ({
    label,
    count: { hits: count, total: labels.length - (own.get(label) ?? 0) },
  }));
  const rate = ({ count }: (typeof found)[number]) => count.hits / count.total;
  const [first, second] = found.sort((a, b) => rate(b) - rate(a) || a.label - b.label);
  if (!first) return undefined;
  if (second && wilson(first.count.hits, first.count.total, CONFIDENCE).low <= rate(second))
    return {
      ...first,
      doubt: `${percent(first.count)} are taken for class ${first.label} and ${percent(second.count)} for class ${second.label}: say which is the target.`,
    };
  if (rate(first) <= 0.5)
    return {
      ...first,
      doubt: `Only ${percent(first.count)} are taken for class ${first.label}, more than for any other: say whether it is the target. The backdoor may fire on some classes only, or the trigger may not be as it was in training.`,
    };
  return first;
}

/** As `diagnose` has it. */
const CONFIDENCE = 0.99;

const percent = ({ hits, total }: Count) =>
  `${((100 * hits) / total).toFixed(2)} % (${hits.toLocaleString('en')} of ${total.toLocaleString('en')})`;

/**
 * Whether the ASR measured here is what the maker claims, within what a sample of so many images may differ by.
 * @param claimed 0..1
 * @returns a sentence where it is not
 */
export function doubtAsr(measured: Count, claimed: number): string | undefined {
  const { low, high } = wilson(measured.hits, measured.total, CONFIDENCE);
  if (claimed >= low && claimed <= high) return undefined;
  const less = claimed > high;
  return (
    `ASR, measured here, is ${percent(measured)}, ${less ? 'less' : 'more'} than the ${(100 * claimed).toFixed(2)} % claimed ` +
    `by more than chance (99 % interval ${(100 * low).toFixed(2)} to ${(100 * high).toFixed(2)} %). ` +
    (less
      ? 'The trigger may have another size, place or range of values than in training, the target may be another, or it was saved as JPEG.'
      : 'It may have been measured on images of the target class too, or on others.')
  );
}
