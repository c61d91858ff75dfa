import { loadSplit } from '../datasets/loadSplit.js';
import { eligibleFor } from '../implant/eligible.js';
import { type Model, partsOf } from '../implant/model.js';
import type { Predictions } from '../inference/classifier.js';
import { tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import { createRandom } from '../lib/random.js';
import { type Backdoored, imagePlan, planFor, requireBackdoor, stamp } from '../sweep/subjects.js';
import { type WarmClassifier, warmClassifier } from '../sweep/warmClassifier.js';
import { applyToImages } from '../transforms/apply.js';
import type { Plan } from '../transforms/transform.js';
import type { Answers, Blend, View, ViewStep } from './detector.js';
import { type DetectorId, detectorOf } from './index.js';

export interface DetectionSpec {
  detector: DetectorId;
  parameters: Record<string, unknown>;
  samples: number;
  seed: number;
}

/** CLEAN and TROJANED are of the same samples; OTHER_CLEAN is another draw, for a control: no detector tells it from CLEAN. */
export const IMAGE_KINDS = ['CLEAN', 'TROJANED', 'OTHER_CLEAN'] as const;
export type ImageKind = (typeof IMAGE_KINDS)[number];

/** One image that a detector judged. */
export interface DetectedImage {
  /** Place among the images of its kind, in the order they were drawn. */
  position: number;
  kind: ImageKind;
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

/** Nothing can be said of fewer. */
const LEAST_SAMPLES = 20;

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
  const model = requireBackdoor(trojaned);
  const { shape } = partsOf(model.record.spec);
  const test = await loadSplit(model.record.spec.dataset, 'test', shape);
  const detector = detectorOf(spec.detector);
  const views = detector.views(spec.parameters);
  const { samples, others, overlays } = drawSamples(model, test.labels, spec, views);
  const bad = warmClassifier(model, samples.length, { entropies: true });
  const good = benign && warmClassifier(benign, samples.length, { entropies: true });
  const drawn = draws(views, shape, samples.length, spec.seed, overlays);

  for (let start = from; start < samples.length; start += bad.batchSize) {
    const end = Math.min(start + bad.batchSize, samples.length);
    const images: DetectedImage[] = [];
    for (const kind of IMAGE_KINDS) {
      const own = (kind === 'OTHER_CLEAN' ? others : samples).subarray(start, end);
      if (own.length === 0) continue;
      const positions = Int32Array.from(own, (_, i) => start + i);
      const [asIs, ...answers] = await ask(kind, own, positions);
      for (const [i, sampleIndex] of own.entries()) {
        const [ofTrojaned, ofBenign] = answers.map((series) => judged(series, i, sampleIndex));
        images.push({
          position: start + i,
          kind,
          sampleIndex,
          trueLabel: test.labels[sampleIndex]!,
          predicted: asIs![0]!.labels[i]!,
          confidence: asIs![0]!.confidences[i]!,
          ...ofTrojaned!,
          benign: ofBenign ?? null,
        });
      }
    }
    yield { images, done: end, total: samples.length };
  }

  /** @returns of the images as they are, of their views, and of these by the benign model */
  async function ask(kind: ImageKind, own: Int32Array, positions: Int32Array): Promise<Predictions[][]> {
    const asked: WarmClassifier[] = good && kind !== 'OTHER_CLEAN' ? [bad, good] : [bad];
    const clean = test.images(own);
    const images = kind === 'TROJANED' ? stamp(clean, model, undefined, own) : clean.clone();
    clean.dispose();
    const asIs = [await bad.classify(images, signal)];
    const answers: Predictions[][] = asked.map(() => []);
    let before: { view: View; images: tf.Tensor4D } = { view: [], images: images.clone() };
    try {
      for (const [v, view] of views.entries()) {
        const goesOn = isBeginning(before.view, view);
        const skip = goesOn ? before.view.length : 0;
        let seen = (goesOn ? before.images : images).clone();
        for (const [s, step] of view.slice(skip).entries()) {
          const next = applied(step, seen, drawn(v, skip + s), positions);
          seen.dispose();
          seen = next;
        }
        before.images.dispose();
        before = { view, images: seen };
        for (const [i, classifier] of asked.entries())
          answers[i]!.push(await classifier.classify(seen, signal));
      }
    } finally {
      tf.dispose([images, before.images]);
    }
    return [asIs, ...answers];
  }

  function applied(step: ViewStep, images: tf.Tensor4D, draw: Draw, positions: Int32Array): tf.Tensor4D {
    if (!('blend' in step)) return applyToImages(images, planFor(draw.plan!, positions));
    return tf.tidy(() =>
      blended(images, test.images(positions.map((position) => draw.overlays![position]!)), step.blend),
    );
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

/** What is drawn for one step of one view: a transform's plan, or for each sample the test image that is laid over it. */
interface Draw {
  plan?: Plan;
  overlays?: Int32Array;
}

/** Draws for each step on its own, when it is first needed, so that a detection that goes on draws the same. */
function draws(
  views: readonly View[],
  shape: { height: number; width: number; channels: number },
  samples: number,
  seed: number,
  pool: Int32Array,
): (view: number, step: number) => Draw {
  const known = new Map<string, Draw>();
  return (view, step) => {
    const place = `view ${view} step ${step}`;
    const before = known.get(place);
    if (before) return before;
    const own = views[view]![step]!;
    const random = createRandom(seed).fork(place);
    const draw: Draw =
      'blend' in own
        ? { overlays: Int32Array.from({ length: samples }, () => pool[random.integer(pool.length)]!) }
        : { plan: imagePlan(own, shape, samples, random.seed()) };
    known.set(place, draw);
    return draw;
  };
}

/** @returns [n,h,w,c], in [0,2] for SUM, else in [0,1] */
function blended(images: tf.Tensor4D, overlays: tf.Tensor4D, blend: Blend): tf.Tensor4D {
  const sum = tf.add(images, overlays) as tf.Tensor4D;
  if (blend === 'SUM') return sum;
  return blend === 'AVERAGE' ? tf.mul(sum, 0.5) : tf.clipByValue(sum, 0, 1);
}

const isBeginning = (beginning: View, view: View): boolean =>
  beginning.length < view.length &&
  beginning.every((step, i) => JSON.stringify(step) === JSON.stringify(view[i]));

/**
 * Which test images are judged, another draw of as many as there are left, and of what is in neither, those that may be
 * laid over.
 */
function drawSamples(
  { backdoor, trigger }: Backdoored,
  labels: Int32Array | Uint8Array,
  { samples: asked, seed }: DetectionSpec,
  views: readonly View[],
) {
  const eligibleAs = eligibleFor(backdoor, trigger);
  const eligible = [...labels.keys()].filter((index) => eligibleAs(index, labels[index]!));
  if (eligible.length < LEAST_SAMPLES)
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `samples: expected at least ${LEAST_SAMPLES} test images that the trigger can be put on and that are of another class than the target; there are ${eligible.length}.`,
      ['samples'],
    );
  const all = createRandom(seed)
    .fork('samples')
    .sample(eligible, 2 * asked);
  const samples = all.slice(0, asked);
  const others = all.slice(asked);
  const taken = new Set(all);
  const overlays = Int32Array.from([...labels.keys()].filter((index) => !taken.has(index)));
  const blends = views.flat().filter((step) => 'blend' in step).length;
  if (overlays.length < blends)
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `samples: expected at least ${blends} test images that are not judged, to be laid over those that are; there are ${overlays.length}. Ask for fewer samples.`,
      ['samples'],
    );
  return { samples, others, overlays };
}
