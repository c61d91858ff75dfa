import { setImmediate } from 'node:timers/promises';
import { loadSplit } from '../datasets/loadSplit.js';
import { type Model, partsOf } from '../implant/model.js';
import { tf } from '../lib/backend.js';
import { throwIfAborted } from '../lib/errors.js';
import type { ExplainSettings } from '../requests.js';
import { planFor, planOf, requireBackdoor, type Setting, stamp, trojanedImages } from '../sweep/subjects.js';
import { createExplainer, type ExplainSubject, type ExplanationResult, transformedMask } from './explain.js';

/** What a frame shows: the clean image, the trojaned one, or the trojaned one under a setting. */
export type StripSubject = 'CLEAN' | 'TROJANED' | Setting;
export interface StripFrame extends ExplanationResult {
  subject: StripSubject;
}

/** The image's place in a sweep, so that it is moved as it was there. */
export type SweepPlace = Pick<ExplainSubject, 'position' | 'samples' | 'seed'>;

/**
 * Fig. 5 of the paper for one test image: clean, trojaned, and under each setting, each decision explained.
 * @throws TrojanscopeError ABORTED between frames, UNSUPPORTED
 */
export async function* explainStrip(
  model: Model,
  sampleIndex: number,
  settings: readonly Setting[],
  how: ExplainSettings,
  { place, signal }: { place?: SweepPlace; signal?: AbortSignal } = {},
): AsyncGenerator<StripFrame> {
  const backdoored = requireBackdoor(model);
  for (const { target } of settings) requireBackdoor(model, target);
  const { shape, dataset } = partsOf(model.record.spec);
  const test = await loadSplit(model.record.spec.dataset, 'test', shape);
  if (!(sampleIndex in test.labels))
    throw new RangeError(`${dataset.title} has no test image ${sampleIndex}.`);
  const explainer = createExplainer(model);
  try {
    for (const subject of ['CLEAN', 'TROJANED', ...settings] as const) {
      await setImmediate();
      throwIfAborted(signal);
      const { images, mask } = imageOf(subject);
      const result = await explainer.explain(images, test.labels[sampleIndex]!, mask, how);
      images.dispose();
      yield { subject, ...result };
    }
  } finally {
    explainer.dispose();
  }

  function imageOf(subject: StripSubject): { images: tf.Tensor4D; mask: Float32Array | null } {
    if (subject === 'CLEAN') return { images: test.images([sampleIndex]), mask: null };
    const { mask } = backdoored.trigger;
    if (subject === 'TROJANED')
      return { images: tf.tidy(() => stamp(test.images([sampleIndex]), backdoored)), mask };
    const { position, samples, seed } = place ?? { position: 0, samples: 1, seed: 1 };
    const plan = planFor(planOf(subject, backdoored, samples, seed), [position]);
    return {
      images: tf.tidy(() => trojanedImages(test.images([sampleIndex]), backdoored, subject.target, plan)),
      mask: transformedMask(backdoored, plan),
    };
  }
}
