import { architectures } from '../architectures/index.js';
import { attackOf } from '../attacks/index.js';
import { datasetOf } from '../datasets/index.js';
import { detectorOf } from '../detect/index.js';
import type { DetectionSpec } from '../detect/runDetection.js';
import { completeBackdoor } from '../implant/backdoor.js';
import type { ModelSpec } from '../implant/model.js';
import { TrojanscopeError } from '../lib/errors.js';
import { parseParameters } from '../lib/params.js';
import type { SweepSpec } from '../sweep/sweep.js';
import { PICTURE_OF } from './parameters.js';
import type { ScoredExplanations, StudyPreset, StudySubject } from './presets.js';

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

/** A benign model and the trojaned ones beside it, of one data set and one seed. */
export interface PlannedGroup {
  benign: ModelSpec;
  trojaned: PlannedModel[];
}
export interface PlannedModel {
  spec: ModelSpec;
  sweeps: SweepSpec[];
  detections: DetectionSpec[];
  explanations: number;
  scored?: ScoredExplanations;
}

/**
 * Everything that a preset consists of, in the order in which it runs: seed after seed.
 * @throws TrojanscopeError UNSUPPORTED where nothing of the preset can be resized, or takes a file; BAD_USER_INPUT
 */
export function planStudy(preset: StudyPreset, options: StudyOptions): PlannedGroup[] {
  const { subjects } = preset;
  if (options.sizePx !== undefined && !subjects.some(({ dataset }) => datasetOf(dataset).resizable)) {
    const titles = subjects.map(({ dataset }) => datasetOf(dataset).title).join(' and ');
    throw new TrojanscopeError('UNSUPPORTED', `${titles} cannot be resized.`, ['sizePx']);
  }
  for (const [name, attack] of Object.entries(PICTURE_OF) as [keyof typeof PICTURE_OF, string][]) {
    if (options[name] === undefined) continue;
    if (!subjects.some(({ attacks }) => attacks.some((one) => one.attack === attack)))
      throw new TrojanscopeError(
        'UNSUPPORTED',
        `${name}: nothing in “${preset.title}” takes it. Leave it out.`,
        [name],
      );
  }
  return options.seeds.flatMap((seed) =>
    subjects.map((subject) => planGroup(preset, subject, seed, options)),
  );
}

function planGroup(
  preset: StudyPreset,
  { dataset, architecture, start, attacks }: StudySubject,
  seed: number,
  options: StudyOptions,
): PlannedGroup {
  const { recipes } = architectures[architecture];
  const { sizePx } = options;
  const common = {
    dataset,
    ...(sizePx !== undefined && datasetOf(dataset).resizable ? { sizePx } : {}),
    architecture,
    seed,
  };
  return {
    benign: { ...common, recipe: recipes.SCRATCH, start: 'SCRATCH' },
    trojaned: attacks.map(({ attack, parameters }): PlannedModel => {
      const { targetLabel, samples, detectors = [], explanations, scored } = preset;
      const { triggerTransforms, parameters: schema } = attackOf(attack);
      const chosen = { ...parameters, ...pictures(attack, options) };
      return {
        spec: {
          ...common,
          recipe: recipes[start],
          start,
          backdoor: completeBackdoor({ attack, parameters: parseParameters(schema, chosen), targetLabel }),
        },
        sweeps: preset.sweeps
          .filter(({ target }) => target === 'IMAGE' || triggerTransforms === true)
          .map((sweep) => ({ ...sweep, samples, seed, eligibility: 'TRUE_LABEL' })),
        detections: detectors.map(({ detector, parameters = {} }) => ({
          detector,
          parameters: parseParameters(detectorOf(detector).parameters, parameters),
          samples,
          seed,
        })),
        explanations,
        scored: scored?.attack === attack ? scored : undefined,
      };
    }),
  };
}

/** The paper's Cézanne and apple, where somebody has them. */
function pictures(attack: string, { styleFolder, generatorFile, pictureFile }: StudyOptions): object {
  if (attack === PICTURE_OF.generatorFile && generatorFile) return { style: 'cezanne', generatorFile };
  if (attack === PICTURE_OF.styleFolder && styleFolder) return { style: 'cezanne', styleFolder };
  if (attack === PICTURE_OF.pictureFile && pictureFile) return { pictureFile };
  return {};
}
