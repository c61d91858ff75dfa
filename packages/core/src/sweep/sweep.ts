import { loadSplit } from '../datasets/loadSplit.js';
import { eligibleFor } from '../implant/eligible.js';
import { type Model, partsOf } from '../implant/model.js';
import type { Predictions } from '../inference/classifier.js';
import { tf } from '../lib/backend.js';
import { TrojanscopeError, throwIfAborted } from '../lib/errors.js';
import { imagesToTensor, tensorToPixels } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { applyToImages, visibleShare } from '../transforms/apply.js';
import { type TransformId, transforms } from '../transforms/index.js';
import type { Plan, TransformTarget } from '../transforms/transform.js';
import { countOutcomes, type PointCounts, type PointOutcomes, type SweepSamples } from './outcomes.js';
import { planFor, planOf, requireBackdoor, stamp } from './subjects.js';
import { warmClassifier } from './warmClassifier.js';

/** TRUE_LABEL: the true label is not the target. BENIGN_PREDICTION: the benign model's label is not (section 3.1). */
export type Eligibility = 'TRUE_LABEL' | 'BENIGN_PREDICTION';

export interface SweepSpec {
  transform: TransformId;
  target: TransformTarget;
  values: readonly number[];
  samples: number;
  seed: number;
  eligibility: Eligibility;
}

export interface SweepPoint {
  /** Index into the spec's values. */
  position: number;
  value: number;
  samples: SweepSamples;
  outcomes: PointOutcomes;
  counts: PointCounts;
}

/** The stream that draws the directions of a sweep: one place, because pictures of its samples are made again later. */
export const directionsOf = (seed: number) => createRandom(seed).fork('directions');

/**
 * Runs a sweep: the same samples at every value, trojaned and clean. Yields each point as it is done, in the order of
 * the values; positions in `skip` were done before.
 * Long for one function: every step works on the same samples, batches and kept images, which nobody else is to see.
 * @param benign what clean images are compared with; null where there is none
 * @throws TrojanscopeError ABORTED between batches; UNSUPPORTED; BAD_USER_INPUT where no test image is eligible
 */
export async function* runSweep(
  trojaned: Model,
  benign: Model | null,
  spec: SweepSpec,
  options: { signal?: AbortSignal; skip?: ReadonlySet<number> } = {},
): AsyncGenerator<SweepPoint> {
  const { signal, skip } = options;
  const model = requireBackdoor(trojaned, spec.target);
  if (!benign) checkEligibility(spec.eligibility);
  const { shape } = partsOf(model.record.spec);
  const { targetLabel } = model.backdoor;
  const test = await loadSplit(model.record.spec.dataset, 'test', shape);
  const count = Math.min(spec.samples, test.labels.length);
  const bad = warmClassifier(model, count);
  const good = benign && warmClassifier(benign, count);
  const indices = await drawSamples();
  const batches = inBatches(indices.length, bad.batchSize);
  // Kept as bytes, batch by batch, where there is room: making a trojaned image can cost more than classifying it.
  const kept = 2 * indices.length * shape.height * shape.width * shape.channels <= KEPT_BYTES;
  const cleanImages: Stack[] = [];
  const stampedImages: Stack[] = [];
  const [clean, benignClean, identity] = [newPredictions(), good && newPredictions(), newPredictions()];
  for (const positions of batches) {
    const own = pick(indices, positions);
    const images = test.images(own);
    const stamped = stamp(images, model, undefined, own);
    record(clean, positions, await bad.classify(images, signal));
    if (good) record(benignClean!, positions, await good.classify(images, signal));
    record(identity, positions, await bad.classify(stamped, signal));
    if (kept) {
      cleanImages.push(await stackOf(images));
      stampedImages.push(await stackOf(stamped));
    }
    tf.dispose([images, stamped]);
  }
  const samples: SweepSamples = {
    indices,
    trueLabels: Int32Array.from(indices, (index) => test.labels[index]!),
    cleanPredictions: clean.labels,
    identityPredictions: identity.labels,
  };

  for (const [position, value] of spec.values.entries()) {
    if (skip?.has(position)) continue;
    throwIfAborted(signal);
    const plan = planOf({ ...spec, value }, model, indices.length, directionsOf(spec.seed));
    const { height, width } = shape;
    const visible = plan.variants.map((variant) => visibleShare(model.trigger.mask, variant, height, width));
    const unchanged = value === transforms[spec.transform].identity;
    const { fired, cleanHere, benignHere } = unchanged
      ? { fired: identity, cleanHere: clean, benignHere: benignClean }
      : await predictions(plan);
    const outcomes: PointOutcomes = {
      predicted: fired.labels,
      confidences: fired.confidences,
      visibleTrigger: Float32Array.from(plan.variantOf, (variant) => visible[variant]!),
      cleanPredicted: cleanHere.labels,
      benignPredicted: benignHere?.labels ?? null,
      parameters: Array.from(plan.variantOf, (variant) => plan.variants[variant]!.parameters),
    };
    yield { position, value, samples, outcomes, counts: countOutcomes(samples, outcomes, targetLabel) };
  }

  async function predictions(plan: Plan) {
    if (spec.target === 'TRIGGER') {
      const fired = newPredictions();
      for (const [i, positions] of batches.entries()) {
        const images = tf.tidy(() =>
          stamp(cleanOf(i), model, planFor(plan, positions), pick(indices, positions)),
        );
        record(fired, positions, await bad.classify(images, signal));
        images.dispose();
      }
      return { fired, cleanHere: clean, benignHere: benignClean };
    }
    const [fired, cleanHere, benignHere] = [newPredictions(), newPredictions(), good && newPredictions()];
    for (const [i, positions] of batches.entries()) {
      const own = planFor(plan, positions);
      const changed = tf.tidy(() => applyToImages(stampedOf(i), own));
      const warped = tf.tidy(() => applyToImages(cleanOf(i), own));
      record(fired, positions, await bad.classify(changed, signal));
      record(cleanHere, positions, await bad.classify(warped, signal));
      if (good) record(benignHere!, positions, await good.classify(warped, signal));
      tf.dispose([changed, warped]);
    }
    return { fired, cleanHere, benignHere };
  }

  function cleanOf(batch: number): tf.Tensor4D {
    return kept ? unstack(cleanImages[batch]!) : test.images(pick(indices, batches[batch]!));
  }

  function stampedOf(batch: number): tf.Tensor4D {
    if (kept) return unstack(stampedImages[batch]!);
    return stamp(cleanOf(batch), model, undefined, pick(indices, batches[batch]!));
  }

  function newPredictions(): Predictions {
    return { labels: new Int32Array(indices.length), confidences: new Float32Array(indices.length) };
  }

  async function drawSamples(): Promise<Int32Array> {
    const all = [...test.labels.keys()];
    let labels: ArrayLike<number> = test.labels;
    if (spec.eligibility === 'BENIGN_PREDICTION') {
      const predicted = new Int32Array(all.length);
      for (const positions of inBatches(all.length, good!.batchSize)) {
        const images = test.images(positions);
        predicted.set((await good!.classify(images, signal)).labels, positions[0]);
        images.dispose();
      }
      labels = predicted;
    }
    const eligibleAs = eligibleFor(model.backdoor, model.trigger);
    const eligible = all.filter((index) => eligibleAs(index, labels[index]!));
    if (eligible.length === 0)
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        `No test image is eligible: ${spec.eligibility === 'TRUE_LABEL' ? 'all are' : 'the benign model takes all for one'} of the target class, ${targetLabel}.`,
        ['eligibility'],
      );
    return createRandom(spec.seed).fork('samples').sample(eligible, spec.samples);
  }
}

/** @throws TrojanscopeError UNSUPPORTED for what a benign model decides, of a sweep without one */
export function checkEligibility(eligibility: Eligibility): void {
  if (eligibility !== 'BENIGN_PREDICTION') return;
  throw new TrojanscopeError(
    'UNSUPPORTED',
    'eligibility: BENIGN_PREDICTION goes by the labels of a benign model, and this model is compared with none. Ask for TRUE_LABEL, or import it again with a benign model beside it.',
    ['eligibility'],
  );
}

/** Of samples, clean and trojaned: a thousand at 255 px, seven thousand at 96 px. */
const KEPT_BYTES = 400e6;

/** Images as bytes. */
interface Stack {
  pixels: Uint8Array;
  shape: [number, number, number, number];
}

const stackOf = async (images: tf.Tensor4D): Promise<Stack> => ({
  pixels: await tensorToPixels(images),
  shape: images.shape,
});

function unstack({ pixels, shape: [count, height, width, channels] }: Stack): tf.Tensor4D {
  return imagesToTensor(pixels, { height, width, channels }, [...Array(count).keys()]);
}

/** The numbers 0..count-1, `size` at a time. */
const inBatches = (count: number, size: number): Int32Array[] =>
  Array.from({ length: Math.ceil(count / size) }, (_, batch) =>
    Int32Array.from({ length: Math.min(size, count - batch * size) }, (_, i) => batch * size + i),
  );

const pick = (values: Int32Array, positions: Int32Array) => positions.map((position) => values[position]!);

/** Puts a batch's predictions where they belong. */
function record(all: Predictions, positions: Int32Array, { labels, confidences }: Predictions): void {
  all.labels.set(labels, positions[0]);
  all.confidences.set(confidences, positions[0]);
}
