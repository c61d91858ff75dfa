import { setImmediate } from 'node:timers/promises';
import { loadSplit } from '../datasets/loadSplit.js';
import { type Model, partsOf } from '../implant/model.js';
import { createClassifier } from '../inference/classifier.js';
import { tf } from '../lib/backend.js';
import { throwIfAborted } from '../lib/errors.js';
import { encodePng, tensorToPixels } from '../lib/images.js';
import { toTensors } from '../lib/tensors.js';
import { planFor, planOf, requireBackdoor, type Setting, trojanedImages } from '../sweep/subjects.js';
import { directionsOf } from '../sweep/sweep.js';
import { applyToLayer } from '../transforms/apply.js';
import { channelSum, colourMap, normalise, overlayMap } from './saliencyImage.js';
import { type SaliencyScore, scoreSaliency } from './score.js';
import { createSmoothGrad, type SmoothGradSettings, seededNoise } from './smoothGrad.js';

export const EXPLAINED_CLASSES = ['PREDICTED', 'TARGET', 'TRUE'] as const;

export interface ExplainSettings extends SmoothGradSettings {
  explainedClass: (typeof EXPLAINED_CLASSES)[number];
  seed: number;
}

/** One sample of a sweep at one of its values. */
export interface ExplainSubject extends Setting {
  /** Index into the test split. */
  sampleIndex: number;
  /** Its place among the sweep's samples, of which there are `samples`: what its direction was drawn by. */
  position: number;
  samples: number;
  seed: number;
}

export interface ExplanationResult {
  explainedLabel: number;
  /** PNG files of the image explained, its map, and the map over the image. */
  image: Buffer;
  saliency: Buffer;
  overlay: Buffer;
  score: SaliencyScore | null;
}

/**
 * Explains the model's decision on each subject's trojaned, transformed image.
 * @throws TrojanscopeError ABORTED between subjects
 */
export async function* explainSubjects(
  model: Model,
  subjects: readonly ExplainSubject[],
  settings: ExplainSettings,
  signal?: AbortSignal,
): AsyncGenerator<ExplanationResult> {
  const backdoored = requireBackdoor(model);
  const { dataset, architecture, shape } = partsOf(model.record.spec);
  const weights = toTensors(model.weights);
  const classifier = createClassifier(architecture, weights, shape, 1);
  const smoothGrad = createSmoothGrad(architecture, weights, shape, dataset.classNames.length);
  const test = await loadSplit(model.record.spec.dataset, 'test', shape);
  try {
    for (const subject of subjects) {
      await setImmediate();
      throwIfAborted(signal);
      const plan = planOf(subject, backdoored, subject.samples, directionsOf(subject.seed));
      const own = planFor(plan, [subject.position]);
      const images = tf.tidy(() =>
        trojanedImages(test.images([subject.sampleIndex]), backdoored, subject.target, own),
      );
      const { labels } = await classifier.classify(images);
      const explainedLabel = {
        PREDICTED: labels[0]!,
        TARGET: backdoored.backdoor.targetLabel,
        TRUE: test.labels[subject.sampleIndex]!,
      }[settings.explainedClass];
      const image = tf.squeeze<tf.Tensor3D>(images, [0]);
      const map = await smoothGrad.explain(
        image,
        explainedLabel,
        settings,
        seededNoise(settings.seed, shape),
      );
      const saliency = channelSum(map, shape.channels);
      const mask = tf.tidy(() => {
        const layer = tf.tensor4d(backdoored.trigger.mask, [1, shape.height, shape.width, 1]);
        return applyToLayer({ pattern: layer, mask: layer }, own.variants).mask.dataSync() as Float32Array;
      });
      const pixels = await tensorToPixels(images);
      tf.dispose([images, image]);
      const shown = normalise(saliency);
      const rgb = { ...shape, channels: 3 };
      yield {
        explainedLabel,
        image: await encodePng(pixels, shape),
        saliency: await encodePng(colourMap(shown), rgb),
        overlay: await encodePng(overlayMap(shown, pixels, shape), rgb),
        score: scoreSaliency(saliency, mask, shape.height, shape.width),
      };
    }
  } finally {
    classifier.dispose();
    smoothGrad.dispose();
    tf.dispose(weights);
  }
}
