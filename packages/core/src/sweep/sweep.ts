import { attackOf } from '../attacks/index.js';
import { loadSplit } from '../datasets/loadSplit.js';
import { eligibleFor } from '../implant/eligible.js';
import { type Model, partsOf } from '../implant/model.js';
import type { Predictions } from '../inference/classifier.js';
import { tf } from '../lib/backend.js';
import { TrojanscopeError, throwIfAborted } from '../lib/errors.js';
import { imagesToTensor, tensorToPixels } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { applyToImages, visibleShare } from '../transforms/apply.js';
import { type TransformId, transformOf } from '../transforms/index.js';
import type { Plan, TransformTarget } from '../transforms/transform.js';
import { hashOf, imagesKey, keptAnswers, layerKey, triggerKey } from './answers.js';
import { countOutcomes, type PointCounts, type PointOutcomes, type SweepSamples } from './outcomes.js';
import { planFor, planOf, requireBackdoor, stamp } from './subjects.js';
import { type WarmClassifier, warmClassifier } from './warmClassifier.js';

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
  const { targetLabel, attack } = model.backdoor;
  // Of images that stand beside others nobody knows what their own clean ones are taken for.
  const unknown = attackOf(attack).unpaired && { errors: 0, errorsOf: 0 };
  const test = await loadSplit(model.record.spec.dataset, 'test', shape);
  const testKey = imagesKey(model.record.spec.dataset, test, shape);
  const count = Math.min(spec.samples, test.labels.length);
  const bad = warmClassifier(model, count);
  const good = benign && warmClassifier(benign, count);
  const indices = await drawSamples();
  const batches = inBatches(indices.length, bad.batchSize);
  const samplesKey = hashOf(`${testKey} ${bad.batchSize}`, indices);
  // Kept as bytes, batch by batch, where there is room: making a trojaned image can cost more than classifying it.
  const kept = 2 * indices.length * shape.height * shape.width * shape.channels <= KEPT_BYTES;
  const cleanImages: Stack[] = [];
  const stampedImages: Stack[] = [];
  const untransformed = { key: 'clean', make: cleanOf };
  const trojanedAlone = { key: layerKey(model) ?? triggerKey(model), make: stampedOf };
  const [clean, identity, benignClean] = await ask([
    { of: bad, pictures: untransformed },
    { of: bad, pictures: trojanedAlone },
    ...(good ? [{ of: good, pictures: untransformed }] : []),
  ]);
  const samples: SweepSamples = {
    indices,
    trueLabels: Int32Array.from(indices, (index) => test.labels[index]!),
    cleanPredictions: clean!.labels,
    identityPredictions: identity!.labels,
  };

  for (const [position, value] of spec.values.entries()) {
    if (skip?.has(position)) continue;
    throwIfAborted(signal);
    const plan = planOf({ ...spec, value }, model, indices.length, spec.seed);
    const { height, width } = shape;
    const visible = plan.variants.map((variant) => visibleShare(model.trigger.mask, variant, height, width));
    const unchanged = value === transformOf(spec.transform).identity;
    const [fired, cleanHere, benignHere] = unchanged
      ? [identity!, clean!, benignClean]
      : await predictions(plan, value);
    const outcomes: PointOutcomes = {
      predicted: fired.labels,
      confidences: fired.confidences,
      visibleTrigger: Float32Array.from(plan.variantOf, (variant) => visible[variant]!),
      cleanPredicted: cleanHere.labels,
      cleanConfidences: cleanHere.confidences,
      benignPredicted: benignHere?.labels ?? null,
      parameters: Array.from(plan.variantOf, (variant) => plan.variants[variant]!.parameters),
    };
    const counts = { ...countOutcomes(samples, outcomes, targetLabel), ...unknown };
    yield { position, value, samples, outcomes, counts };
  }

  async function predictions(
    plan: Plan,
    value: number,
  ): Promise<readonly [Predictions, Predictions, Predictions?]> {
    const planKey = JSON.stringify([spec.transform, spec.target, value, spec.seed]);
    if (spec.target === 'TRIGGER') {
      const [fired] = await ask([
        {
          of: bad,
          pictures: {
            key: layerKey(model, plan) ?? `${triggerKey(model)} ${planKey}`,
            make: async (batch) => {
              const images = await cleanOf(batch);
              const positions = batches[batch]!;
              const stamped = stamp(images, model, planFor(plan, positions), pick(indices, positions));
              images.dispose();
              return stamped;
            },
          },
        },
      ]);
      return [fired!, clean!, benignClean];
    }
    const under = ({ key, make }: Pictures): Pictures => ({
      key: `${key} ${planKey}`,
      make: async (batch) => {
        const images = await make(batch);
        const changed = applyToImages(images, planFor(plan, batches[batch]!));
        images.dispose();
        return changed;
      },
    });
    const warped = under(untransformed);
    const [fired, cleanHere, benignHere] = await ask([
      { of: bad, pictures: under(trojanedAlone) },
      { of: bad, pictures: warped },
      ...(good ? [{ of: good, pictures: warped }] : []),
    ]);
    return [fired!, cleanHere!, benignHere];
  }

  /** What networks say of pictures of the samples; of each series once, see answers.ts. */
  async function ask(
    questions: readonly { of: WarmClassifier; pictures: Pictures }[],
  ): Promise<Predictions[]> {
    const keys = questions.map(({ of, pictures }) => `${of.key} ${samplesKey} ${pictures.key}`);
    const answers = keys.map((key) => keptAnswers.get(key));
    const open = questions.flatMap((question, i) =>
      answers[i] ? [] : [{ ...question, i, said: newPredictions() }],
    );
    for (const [batch, positions] of batches.entries()) {
      if (open.length === 0) break;
      const made = new Map<Pictures, tf.Tensor4D>();
      try {
        for (const { of, pictures, said } of open) {
          const images = made.get(pictures) ?? (await pictures.make(batch));
          made.set(pictures, images);
          record(said, positions, await of.classify(images, signal));
        }
      } finally {
        tf.dispose([...made.values()]);
      }
    }
    for (const { i, said } of open) {
      keptAnswers.set(keys[i]!, said);
      answers[i] = said;
    }
    return answers as Predictions[];
  }

  async function cleanOf(batch: number): Promise<tf.Tensor4D> {
    return fromStack(cleanImages, batch, async () => test.images(pick(indices, batches[batch]!)));
  }

  async function stampedOf(batch: number): Promise<tf.Tensor4D> {
    return fromStack(stampedImages, batch, async () => {
      const images = await cleanOf(batch);
      const stamped = stamp(images, model, undefined, pick(indices, batches[batch]!));
      images.dispose();
      return stamped;
    });
  }

  async function fromStack(
    stack: Stack[],
    batch: number,
    make: () => Promise<tf.Tensor4D>,
  ): Promise<tf.Tensor4D> {
    const known = stack[batch];
    if (known) return unstack(known);
    const images = await make();
    if (kept) stack[batch] = await stackOf(images);
    return images;
  }

  function newPredictions(): Predictions {
    return { labels: new Int32Array(indices.length), confidences: new Float32Array(indices.length) };
  }

  async function drawSamples(): Promise<Int32Array> {
    const all = [...test.labels.keys()];
    let labels: ArrayLike<number> = test.labels;
    if (spec.eligibility === 'BENIGN_PREDICTION') {
      labels = await labelsOfAll(good!);
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

    async function labelsOfAll(of: WarmClassifier): Promise<Int32Array> {
      const key = `${of.key} ${testKey} all`;
      const known = keptAnswers.get(key);
      if (known) return known.labels;
      const said = { labels: new Int32Array(all.length), confidences: new Float32Array(all.length) };
      for (const positions of inBatches(all.length, of.batchSize)) {
        const images = test.images(positions);
        record(said, positions, await of.classify(images, signal));
        images.dispose();
      }
      keptAnswers.set(key, said);
      return said.labels;
    }
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

/** What is made of the samples, batch by batch; the same key is the same pictures. */
interface Pictures {
  key: string;
  /** The caller's to dispose. */
  make(batch: number): Promise<tf.Tensor4D>;
}

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
