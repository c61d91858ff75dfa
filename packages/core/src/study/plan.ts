import { attackOf } from '../attacks/index.js';
import { datasetOf } from '../datasets/index.js';
import { detectorOf, oneDetector } from '../detect/index.js';
import type { DetectionSpec } from '../detect/views.js';
import type { ModelSpec } from '../implant/model.js';
import { backdoorOf, chosenAttack, specOf } from '../implant/spec.js';
import { TrojanscopeError } from '../lib/errors.js';
import type { SweepSpec } from '../sweep/sweep.js';
import { checkTransformValue, transformOf } from '../transforms/index.js';
import {
  type ScoredExplanations,
  type StudyAttackEntry,
  type StudyDocument,
  type StudyModelEntry,
  trainedEntries,
} from './document.js';
import { combinations, gridOf, listOf, within } from './grid.js';
import { traitsOf, variantText, varied } from './variants.js';

/** A benign model and the trojaned ones beside it, of one data set and one seed. */
export interface PlannedGroup {
  /** Where the document has it. */
  at: Place;
  benign: ModelSpec;
  trojaned: PlannedModel[];
}
type Place = readonly (string | number)[];
export interface PlannedModel {
  /** Where the document has it. */
  at: Place;
  spec: ModelSpec;
  /** In what it differs from others of its attack here, in words; empty where it is the only one. */
  variant: string;
  sweeps: SweepSpec[];
  detections: DetectionSpec[];
  explanations: number;
  scored?: ScoredExplanations;
}

/** A model that is there already, by its id; who knows it knows which of this it can bear. */
export interface OwnModel extends Omit<PlannedModel, 'spec' | 'variant'> {
  id: string;
}

/** More would run for weeks, and be for months on a page. */
const MOST_MODELS = 2_000;

/**
 * Everything that a study consists of, in the order in which it runs: seed after seed.
 * @throws TrojanscopeError with the place in the document: BAD_USER_INPUT, UNSUPPORTED, NOT_FOUND
 */
export function planStudy(document: StudyDocument): PlannedGroup[] {
  checkSize(document);
  const sweeps = sweepsOf(document);
  const detections = detectionsOf(document);
  const groups = document.seeds.flatMap((seed) =>
    document.models.flatMap((entry, m) =>
      'model' in entry
        ? []
        : listOf(entry.sizePx ?? [undefined]).map((sizePx) =>
            within(['models', m], () =>
              planGroup(document, { ...entry, sizePx }, { seed, at: ['models', m] }, sweeps, detections),
            ),
          ),
    ),
  );
  checkOnce(document, groups);
  return groups;
}

/**
 * What a study does with models that are there already, after all others. Each is there once: the first seed chooses its
 * samples.
 * @throws TrojanscopeError BAD_USER_INPUT with the place in the document, where one is named twice
 */
export function planOwn(document: StudyDocument): OwnModel[] {
  const { samples, explanations, scored } = document;
  const seed = document.seeds[0]!;
  const sweeps = sweepsOf(document).map((sweep) => ({ ...sweep, samples, seed, eligibility: ELIGIBILITY }));
  const detections = detectionsOf(document).map((detection) => ({ ...detection, samples, seed }));
  const own = document.models.flatMap((entry, m) =>
    !('model' in entry)
      ? []
      : listOf(entry.model).map((id, i) => ({
          id,
          at: ['models', m, 'model', ...(Array.isArray(entry.model) ? [i] : [])],
          sweeps,
          detections,
          explanations,
          scored,
        })),
  );
  const twice = own.find(({ id }, i) => own.findIndex((other) => other.id === id) < i);
  if (twice)
    throw new TrojanscopeError('BAD_USER_INPUT', `model: ${twice.id} is there twice.`, [...twice.at]);
  return own;
}

/** Which images are swept: needs no benign model. */
const ELIGIBILITY = 'TRUE_LABEL' as const;

function planGroup(
  { targetLabel, samples, explanations, scored }: StudyDocument,
  entry: StudyModelEntry & { sizePx?: number },
  { seed, at }: { seed: number; at: Place },
  sweeps: ReturnType<typeof sweepsOf>,
  detections: ReturnType<typeof detectionsOf>,
): PlannedGroup {
  const { recipe: ownRecipe, startFromBenign } = entry;
  const benign = specOf({ ...entry, seed }, 'SCRATCH');
  const start = startFromBenign ? 'MODEL' : 'SCRATCH';
  const trojaned = entry.attacks.flatMap((one, a) =>
    within(['attacks', a], () => {
      const recipe = startFromBenign ? one.recipe : { ...ownRecipe, ...one.recipe };
      const spec = specOf({ ...entry, recipe, seed }, start);
      const { triggerTransforms } = attackOf(chosenAttack(one.attack)[0]);
      return asked(one, targetLabel).map((backdoor): PlannedModel => {
        const implanted = { ...spec, backdoor: backdoorOf(backdoor, spec) };
        return {
          at: [...at, 'attacks', a],
          spec: implanted,
          variant: '',
          sweeps: sweeps
            .filter(({ target }) => target === 'IMAGE' || triggerTransforms === true)
            .map((sweep) => ({ ...sweep, samples, seed, eligibility: ELIGIBILITY })),
          detections: detections.map((detection) => ({ ...detection, samples, seed })),
          explanations,
          scored: scored?.attack === implanted.backdoor.attack ? scored : undefined,
        };
      });
    }),
  );
  return { at, benign, trojaned: toldApart(trojaned) };
}

/** Models of one attack, each with what is not the same in all of them. */
function toldApart(models: readonly PlannedModel[]): PlannedModel[] {
  const traits = models.map(({ spec }) => traitsOf(spec));
  const attacks = models.map(({ spec }) => spec.backdoor!.attack);
  const differing = new Map(
    [...new Set(attacks)].map((attack) => [attack, varied(traits.filter((_, i) => attacks[i] === attack))]),
  );
  return models.map((model, i) => {
    const names = differing.get(attacks[i]!)!;
    return {
      ...model,
      variant: variantText(
        traits[i]!.filter(({ name }) => names.includes(name)),
        attacks[i]!,
      ),
    };
  });
}

/** The backdoors that one entry asks for. */
function asked(
  { attack, targetLabel, poisonRate, coverRatio, trainingTransforms }: StudyAttackEntry,
  usualLabel: number,
) {
  const [id, given] = chosenAttack(attack);
  const parameters = gridOf(attackOf(id).parameters, given, ['attack', id]);
  return combinations<unknown>([
    parameters,
    listOf(targetLabel ?? usualLabel),
    listOf(poisonRate ?? [undefined]),
    listOf(coverRatio ?? [undefined]),
  ]).map(([own, label, rate, covers]) => ({
    attack: { [id]: own as Record<string, unknown> },
    targetLabel: label as number,
    poisonRate: rate as number | undefined,
    coverRatio: covers as number | undefined,
    trainingTransforms,
  }));
}

function sweepsOf({ sweeps }: StudyDocument): Pick<SweepSpec, 'transform' | 'target' | 'values'>[] {
  return sweeps.flatMap(({ transform, target, values, range }, s) => {
    const all = values ?? (range ? valuesIn(range) : [...transformOf(transform).defaultValues]);
    for (const [i, value] of all.entries())
      checkTransformValue(transform, value, ['sweeps', s, ...(values ? ['values', i] : ['range'])]);
    if (new Set(all).size < all.length)
      throw new TrojanscopeError('BAD_USER_INPUT', 'values: expected each value once.', [
        'sweeps',
        s,
        'values',
      ]);
    return listOf(target).map((one) => ({ transform, target: one, values: all }));
  });
}

/** Evenly, without what adding would round. */
const valuesIn = ({ from, to, step }: { from: number; to: number; step: number }): number[] =>
  Array.from({ length: Math.floor((to - from) / step + 1e-9) + 1 }, (_, i) =>
    Number((from + i * step).toPrecision(12)),
  );

function detectionsOf({
  detectors: entries,
}: StudyDocument): Pick<DetectionSpec, 'detector' | 'parameters'>[] {
  return entries.flatMap(({ detector }, d) => {
    const [id, given] = within(['detectors', d], () => oneDetector(detector));
    const { parameters: schema, views } = detectorOf(id);
    const at = ['detectors', d, 'detector', id];
    return gridOf(schema, given, at).map((parameters) => {
      within(at, () => views(parameters));
      return { detector: id, parameters };
    });
  });
}

/** Before anything is made of it: a few lists of a hundred are a million models. */
function checkSize({ seeds, models }: StudyDocument): void {
  const trained = trainedEntries({ models }).reduce((sum, { sizePx, attacks: entries }) => {
    const sizes = listOf(sizePx ?? [undefined]).length;
    const trojaned = entries.reduce(
      (all, { attack, ...lists }) => all + lengths(lists) * lengths(...Object.values(attack)),
      0,
    );
    return sum + sizes * (1 + trojaned);
  }, 0);
  const own = models.flatMap((entry) => ('model' in entry ? listOf(entry.model) : [])).length;
  const counted = trained * seeds.length + own;
  if (counted <= MOST_MODELS) return;
  throw new TrojanscopeError(
    'BAD_USER_INPUT',
    `models: expected at most ${MOST_MODELS.toLocaleString('en')} models in all, with every combination of what is a list; these are up to ${counted.toLocaleString('en')}.`,
    ['models'],
  );
}

/** How many combinations there are at most: a list that is one value counts as one of several. */
const lengths = (...given: object[]): number =>
  given
    .flatMap((one) => Object.values(one))
    .reduce((product, value) => product * (Array.isArray(value) ? Math.max(1, value.length) : 1), 1);

/** @throws TrojanscopeError BAD_USER_INPUT where two models would be the same */
function checkOnce({ models }: StudyDocument, groups: readonly PlannedGroup[]): void {
  const seen = new Set<string>();
  for (const { trojaned } of groups)
    for (const { spec } of trojaned) {
      const key = JSON.stringify(spec);
      if (seen.has(key))
        throw new TrojanscopeError(
          'BAD_USER_INPUT',
          `models: ${attackOf(spec.backdoor!.attack).title} with the same parameters is there twice.`,
          ['models', ...(models.length === 1 ? [0, 'attacks'] : [])],
        );
      seen.add(key);
    }
}

/** What can be chosen about a preset. */
export interface StudyOptions {
  /** Each runs the whole study: it decides initialisation, order of batches, poisoned images and samples. */
  seeds: readonly number[];
  /** Side that resizable images are brought to, in px; the data set's own otherwise. */
  sizePx?: number;
  /** DFST's style: a folder of paintings, or a generator that was trained on them before; our own sunsets otherwise. */
  styleFolder?: string;
  generatorFile?: string;
  /** What Reflection reflects; our own apple otherwise. */
  pictureFile?: string;
}

/** Whose pictures these are. */
export const PICTURE_OF = {
  styleFolder: 'dfst',
  generatorFile: 'dfst',
  pictureFile: 'refool',
} as const;

/**
 * A preset with what was chosen about it.
 * @throws TrojanscopeError UNSUPPORTED where nothing of the preset can be resized, or takes a file
 */
export function withOptions(preset: StudyDocument, options: StudyOptions): StudyDocument {
  const models = trainedEntries(preset);
  const { seeds, sizePx } = options;
  if (sizePx !== undefined && !models.some(({ dataset }) => datasetOf(dataset).resizable)) {
    const titles = models.map(({ dataset }) => datasetOf(dataset).title).join(' and ');
    throw new TrojanscopeError('UNSUPPORTED', `${titles} cannot be resized.`, ['sizePx']);
  }
  for (const [name, attack] of Object.entries(PICTURE_OF) as [keyof typeof PICTURE_OF, string][]) {
    if (options[name] === undefined) continue;
    if (!models.some(({ attacks }) => attacks.some((one) => attack in one.attack)))
      throw new TrojanscopeError(
        'UNSUPPORTED',
        `${name}: nothing in “${preset.title}” takes it. Leave it out.`,
        [name],
      );
  }
  return {
    ...preset,
    seeds: [...seeds],
    models: models.map((entry) => ({
      ...entry,
      ...(sizePx !== undefined && datasetOf(entry.dataset).resizable ? { sizePx } : {}),
      attacks: entry.attacks.map((one) => ({
        ...one,
        attack: Object.fromEntries(
          Object.entries(one.attack).map(([id, given]) => [id, { ...given, ...pictures(id, options) }]),
        ),
      })),
    })),
  };
}

/** The paper's Cézanne and apple, where somebody has them. */
function pictures(attack: string, { styleFolder, generatorFile, pictureFile }: StudyOptions): object {
  if (attack === PICTURE_OF.generatorFile && generatorFile) return { style: 'cezanne', generatorFile };
  if (attack === PICTURE_OF.styleFolder && styleFolder) return { style: 'cezanne', styleFolder };
  if (attack === PICTURE_OF.pictureFile && pictureFile) return { pictureFile };
  return {};
}
