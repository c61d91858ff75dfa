import { setImmediate } from 'node:timers/promises';
import { loadSplit } from '../datasets/loadSplit.js';
import type { Mapper } from '../explainers/explainer.js';
import { type ExplainerId, explainerOf } from '../explainers/index.js';
import { architectureOf, type Model, networkOf, partsOf } from '../implant/model.js';
import { createClassifier } from '../inference/classifier.js';
import { tf } from '../lib/backend.js';
import { TrojanscopeError, throwIfAborted } from '../lib/errors.js';
import { encodePng, tensorToPixels } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { toArrays, toTensors } from '../lib/tensors.js';
import type { ExplainSettings } from '../requests.js';
import {
  type Backdoored,
  planFor,
  planOf,
  requireBackdoor,
  type Setting,
  trojanedImages,
} from '../sweep/subjects.js';
import { applyToLayer } from '../transforms/apply.js';
import type { Plan } from '../transforms/transform.js';
import { createFaithfulness, type Faithfulness, type FaithfulnessMeter } from './faithfulness.js';
import { colourMap, normalise, overlayMap } from './saliencyImage.js';
import { type SaliencyScore, scoreSaliency } from './score.js';

/** One sample of a sweep at one of its values. */
export interface ExplainSubject extends Setting {
  /** Index into the test split. */
  sampleIndex: number;
  /** Its place among the sweep's samples, of which there are `samples`: what its direction was drawn by. */
  position: number;
  samples: number;
  seed: number;
  settings: ExplainSettings;
}

export interface ExplanationResult {
  predictedLabel: number;
  explainedLabel: number;
  /** PNG files of the image explained, its map, and the map over the image. */
  image: Buffer;
  saliency: Buffer;
  overlay: Buffer;
  score: SaliencyScore | null;
  /** Whether the map is true to the model, where that was asked for; null of a map that is zero everywhere. */
  faithfulness?: Faithfulness | null;
  /** Of methods that promise a sum: how far the map is from it (`SaliencyMap`). */
  completenessError?: number;
  /** The same image explained by networks that know no trigger: benign, where there is such a model, and untrained. */
  controls?: { benign: SaliencyScore | null; untrained: SaliencyScore | null };
}

/** Explains one model's decisions, by any method; graphs are made once. */
export interface Explainer {
  /**
   * @param images [1,h,w,c] in [0,1]
   * @param mask [h·w], the trigger as it lies on the image; null where there is none
   * @param order seeds the random order that faithfulness is measured against; it is not measured when left out
   * @throws TrojanscopeError DATA_DAMAGED where the map is not finite, UNSUPPORTED where the method cannot explain the network
   */
  explain(
    images: tf.Tensor4D,
    trueLabel: number,
    mask: Float32Array | null,
    settings: ExplainSettings,
    order?: number,
  ): Promise<ExplanationResult>;
  dispose(): void;
}

export function createExplainer(model: Model): Explainer {
  const { record } = model;
  const { dataset, shape } = partsOf(record.spec);
  const network = networkOf(model);
  const weights = toTensors(model.weights);
  const classifier = createClassifier(network, weights, shape, 1);
  const explained = { network, weights, shape, classes: dataset.classNames.length };
  const mappers = new Map<ExplainerId, Mapper<Record<string, unknown>>>();
  const mapperOf = (method: ExplainerId) => {
    const known = mappers.get(method) ?? explainerOf(method).create(explained);
    mappers.set(method, known);
    return known;
  };
  let meter: FaithfulnessMeter | undefined;
  return {
    async explain(images, trueLabel, mask, settings, order) {
      const { labels } = await classifier.classify(images);
      const predictedLabel = labels[0]!;
      const explainedLabel = {
        PREDICTED: predictedLabel,
        TARGET: record.spec.backdoor?.targetLabel ?? predictedLabel,
        TRUE: trueLabel,
      }[settings.explainedClass];
      const image = tf.squeeze<tf.Tensor3D>(images, [0]);
      const { method, parameters } = settings;
      const map = await mapperOf(method).map(image, explainedLabel, parameters);
      const { values: saliency, completenessError } = map;
      checkFinite(saliency);
      let faithfulness: Faithfulness | null | undefined;
      if (order !== undefined) {
        meter ??= createFaithfulness(explained);
        faithfulness = await meter.measure(image, explainedLabel, saliency, order);
      }
      image.dispose();
      const pixels = await tensorToPixels(images);
      const shown = normalise(saliency);
      const rgb = { ...shape, channels: 3 };
      return {
        predictedLabel,
        explainedLabel,
        image: await encodePng(pixels, shape),
        saliency: await encodePng(colourMap(shown), rgb),
        overlay: await encodePng(overlayMap(shown, pixels, shape), rgb),
        score:
          mask &&
          scoreSaliency(saliency, mask, shape.height, shape.width, {
            marginPx: Math.round(settings.margin * Math.max(shape.height, shape.width)),
            highlight: explainerOf(method).highlight,
          }),
        ...(faithfulness !== undefined && { faithfulness }),
        ...(completenessError !== undefined && { completenessError }),
      };
    },
    dispose() {
      classifier.dispose();
      meter?.dispose();
      for (const mapper of mappers.values()) mapper.dispose();
      tf.dispose(weights);
    },
  };
}

/** @param saliency [h·w] */
function checkFinite(saliency: Float32Array): void {
  const at = saliency.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new TrojanscopeError(
    'DATA_DAMAGED',
    `Expected a saliency map of finite numbers; got ${saliency[at]} at pixel ${at}. The model’s weights are too large to compute it: train it again, with a lower learning rate.`,
  );
}

/**
 * Explains the model's decision on each subject's trojaned, transformed image, as its settings say, and measures how
 * faithful each map is; the random order that takes is a sample's own, the same for all methods.
 * @param options `benign`: scores the same images by this model, unless it is null, and by the network before any training,
 *   as controls; no controls when left out
 * @throws TrojanscopeError ABORTED between subjects
 */
export async function* explainSubjects(
  model: Model,
  subjects: readonly ExplainSubject[],
  { signal, benign }: { signal?: AbortSignal; benign?: Model | null } = {},
): AsyncGenerator<ExplanationResult> {
  const backdoored = requireBackdoor(model);
  const { shape } = partsOf(model.record.spec);
  const test = await loadSplit(model.record.spec.dataset, 'test', shape);
  const explainer = createExplainer(model);
  const controls = benign !== undefined && {
    benign: benign && createExplainer(benign),
    // An imported network has no random weights of its own to begin with.
    untrained: model.graph ? null : createExplainer(await untrainedModel(model)),
  };
  try {
    for (const subject of subjects) {
      await setImmediate();
      throwIfAborted(signal);
      const plan = planOf(subject, backdoored, subject.samples, subject.seed);
      const own = planFor(plan, [subject.position]);
      const images = tf.tidy(() =>
        trojanedImages(test.images([subject.sampleIndex]), backdoored, subject.target, own, [
          subject.sampleIndex,
        ]),
      );
      const trueLabel = test.labels[subject.sampleIndex]!;
      const mask = transformedMask(backdoored, own);
      const { settings, sampleIndex } = subject;
      const result = await explainer.explain(images, trueLabel, mask, settings, sampleIndex);
      const scoreOf = async (control: Explainer | null) =>
        control && (await control.explain(images, trueLabel, mask, settings)).score;
      yield controls
        ? {
            ...result,
            controls: {
              benign: await scoreOf(controls.benign),
              untrained: await scoreOf(controls.untrained),
            },
          }
        : result;
      images.dispose();
    }
  } finally {
    for (const each of [explainer, ...Object.values(controls || {})]) each?.dispose();
  }
}

/**
 * A model's network with random weights.
 * @throws TrojanscopeError UNSUPPORTED for an imported one
 */
export async function untrainedModel({ record }: Model): Promise<Model> {
  const { dataset, shape } = partsOf(record.spec);
  const architecture = architectureOf(record.spec);
  const random = createRandom(record.spec.seed).fork('untrained');
  const weights = architecture.initialise(shape, dataset.classNames.length, random);
  try {
    return { record, weights: await toArrays(weights) };
  } finally {
    tf.dispose(weights);
  }
}

/** Where the trigger lies on the one image of a plan: [h·w]. */
export function transformedMask({ trigger }: Backdoored, plan: Plan): Float32Array {
  const { height, width } = trigger.shape;
  return tf.tidy(() => {
    const layer = tf.tensor4d(trigger.mask, [1, height, width, 1]);
    return applyToLayer({ pattern: layer, mask: layer }, plan.variants).mask.dataSync() as Float32Array;
  });
}
