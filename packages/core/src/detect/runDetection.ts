import type { Model } from '../implant/model.js';
import type { Predictions } from '../inference/classifier.js';
import { TrojanscopeError } from '../lib/errors.js';
import { type WarmClassifier, warmClassifier } from '../sweep/warmClassifier.js';
import type { Answers } from './detector.js';
import { detectorOf } from './index.js';
import { type DetectionSpec, detectionViews, IMAGE_KINDS, type ImageKind, type ImagePlace } from './views.js';

/** One image that a detector judged. */
export interface DetectedImage extends ImagePlace {
  /** Index into the test split. */
  sampleIndex: number;
  trueLabel: number;
  /** The trojaned model's label of the image as it is, and its confidence, 0..1. */
  predicted: number;
  confidence: number;
  score: number;
  answers: Answers;
  /** What comes of the same image at the benign model; null where there is none, and of OTHER_CLEAN. */
  benign: { score: number; answers: Answers } | null;
}

/** Some of a detection: what was judged at once. */
export interface DetectionPart {
  images: DetectedImage[];
  /** Samples that are done by now, and of how many. */
  done: number;
  total: number;
}

/**
 * Lets a detector judge clean and trojaned images of the same samples, at the trojaned model and at the benign one beside
 * it: a trigger changes a benign model's answers too, and what a detector makes of that is its floor. Yields batch after
 * batch; the same again gives the same to the bit, whatever the number it starts at, as long as that was told as `done`.
 * @param benign null where there is none
 * @param from samples that are done
 * @throws TrojanscopeError ABORTED between batches; UNSUPPORTED of a benign model, or where answers are no numbers;
 * BAD_USER_INPUT where there are too few test images
 */
export async function* runDetection(
  trojaned: Model,
  benign: Model | null,
  spec: DetectionSpec,
  { signal, from = 0 }: { signal?: AbortSignal; from?: number } = {},
): AsyncGenerator<DetectionPart> {
  const asked = await detectionViews(trojaned, spec);
  const { model, labels } = asked;
  const detector = detectorOf(spec.detector);
  const { length: total } = asked.samplesOf('CLEAN');
  const bad = judgeOf(model, total);
  const good = benign && judgeOf(benign, total);

  for (let start = from; start < total; start += bad.batchSize) {
    const end = Math.min(start + bad.batchSize, total);
    const images: DetectedImage[] = [];
    for (const kind of IMAGE_KINDS) {
      const own = asked.samplesOf(kind).subarray(start, end);
      if (own.length === 0) continue;
      const [asIs, ...answers] = await ask(
        kind,
        Int32Array.from(own, (_, i) => start + i),
      );
      for (const [i, sampleIndex] of own.entries()) {
        const [ofTrojaned, ofBenign] = answers.map((series) => judged(series, i, sampleIndex));
        images.push({
          position: start + i,
          kind,
          sampleIndex,
          trueLabel: labels[sampleIndex]!,
          predicted: asIs![0]!.labels[i]!,
          confidence: asIs![0]!.confidences[i]!,
          ...ofTrojaned!,
          benign: ofBenign ?? null,
        });
      }
    }
    yield { images, done: end, total };
  }

  /** @returns of the images as they are, of their views, and of these by the benign model */
  async function ask(kind: ImageKind, positions: Int32Array): Promise<Predictions[][]> {
    const classifiers: WarmClassifier[] = good && kind !== 'OTHER_CLEAN' ? [bad, good] : [bad];
    const images = asked.images(kind, positions);
    try {
      const asIs = [await bad.classify(images, signal)];
      const answers: Predictions[][] = classifiers.map(() => []);
      for (const seen of asked.of(images, positions))
        for (const [i, classifier] of classifiers.entries())
          answers[i]!.push(await classifier.classify(seen, signal));
      return [asIs, ...answers];
    } finally {
      images.dispose();
    }
  }

  function judged(series: readonly Predictions[], i: number, sampleIndex: number) {
    const answers: Answers = {
      labels: Int32Array.from(series, ({ labels }) => labels[i]!),
      confidences: Float32Array.from(series, ({ confidences }) => confidences[i]!),
      entropies: Float32Array.from(series, ({ entropies }) => entropies![i]!),
    };
    const score = detector.score(answers, spec.parameters);
    if (Number.isFinite(score)) return { score, answers };
    throw new TrojanscopeError(
      'UNSUPPORTED',
      `${detector.title} scores test image ${sampleIndex} as ${score}: expected finite numbers of the model. It may have diverged while it was trained.`,
    );
  }
}

/**
 * What asks a model of a detection. Its answers are the same to the bit whichever images are beside one in a batch, but not
 * from one size of batches to another, so whoever asks again asks by this one.
 * @param samples of the detection
 */
export const judgeOf = (model: Model, samples: number): WarmClassifier =>
  warmClassifier(model, samples, { entropies: true });
