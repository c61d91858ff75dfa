import { loadSplit } from '../datasets/loadSplit.js';
import type { Model } from '../implant/model.js';
import { partsOf } from '../implant/model.js';
import { tf } from '../lib/backend.js';
import { TrojanscopeError, throwIfAborted } from '../lib/errors.js';
import { imagesToTensor } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { type TransformId, transforms } from '../transforms/index.js';
import type { TransformTarget } from '../transforms/transform.js';
import { visibleShare, warpImages } from '../transforms/warp.js';
import { countOutcomes, type PointCounts, type PointOutcomes, type SweepSamples } from './outcomes.js';
import { planOf, requireBackdoor, trojanedImages } from './subjects.js';
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
 * @throws TrojanscopeError ABORTED between batches; UNSUPPORTED; BAD_USER_INPUT where no test image is eligible
 */
export async function* runSweep(
  trojaned: Model,
  benign: Model,
  spec: SweepSpec,
  options: { signal?: AbortSignal; skip?: ReadonlySet<number> } = {},
): AsyncGenerator<SweepPoint> {
  const { signal, skip } = options;
  const model = requireBackdoor(trojaned, spec.target);
  const { dataset } = partsOf(model.record.spec);
  const { targetLabel } = model.record.spec.backdoor!;
  const test = await loadSplit(model.record.spec.dataset, 'test');
  const bad = warmClassifier(model);
  const good = warmClassifier(benign);
  const held: tf.Tensor[] = [];
  try {
    const indices = await drawSamples();
    const images = imagesToTensor(test.pixels, dataset.shape, indices);
    const stamped = trojanedImages(images, model, spec.target);
    held.push(images, stamped);
    const [clean, benignClean, identity] = [
      await bad.classify(images, signal),
      await good.classify(images, signal),
      await bad.classify(stamped, signal),
    ];
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
      const unchanged = value === transforms[spec.transform].identity;
      let [fired, cleanHere, benignHere] = [identity, clean, benignClean];
      if (!unchanged) {
        const trojanedHere =
          spec.target === 'IMAGE'
            ? warpImages(stamped, plan)
            : trojanedImages(images, model, 'TRIGGER', plan);
        fired = await bad.classify(trojanedHere, signal);
        trojanedHere.dispose();
      }
      if (!unchanged && spec.target === 'IMAGE') {
        const warped = warpImages(images, plan);
        cleanHere = await bad.classify(warped, signal);
        benignHere = await good.classify(warped, signal);
        warped.dispose();
      }
      const { height, width } = dataset.shape;
      const visible = plan.warps.map((warp) => visibleShare(model.trigger.mask, warp, height, width));
      const outcomes: PointOutcomes = {
        predicted: fired.labels,
        confidences: fired.confidences,
        visibleTrigger: Float32Array.from(plan.warpOf, (warp) => visible[warp]!),
        cleanPredicted: cleanHere.labels,
        benignPredicted: benignHere.labels,
        parameters: Array.from(plan.warpOf, (warp) => plan.warps[warp]!.parameters),
      };
      yield { position, value, samples, outcomes, counts: countOutcomes(samples, outcomes, targetLabel) };
    }
  } finally {
    tf.dispose(held);
  }

  async function drawSamples(): Promise<Int32Array> {
    let eligible = [...test.labels.keys()].filter((index) => test.labels[index] !== targetLabel);
    if (spec.eligibility === 'BENIGN_PREDICTION') {
      const all = [...test.labels.keys()];
      const images = imagesToTensor(test.pixels, dataset.shape, all);
      const { labels } = await good.classify(images, signal);
      images.dispose();
      eligible = all.filter((index) => labels[index] !== targetLabel);
    }
    if (eligible.length === 0)
      throw new TrojanscopeError('BAD_USER_INPUT', 'No test image is eligible.', ['eligibility']);
    return createRandom(spec.seed).fork('samples').sample(eligible, spec.samples);
  }
}
