import { attackOf } from '../attacks/index.js';
import { loadSplit } from '../datasets/loadSplit.js';
import { type Model, networkOf, partsOf } from '../implant/model.js';
import { tf } from '../lib/backend.js';
import { compile } from '../lib/compile.js';
import { TrojanscopeError } from '../lib/errors.js';
import { encodePng, type ImageShape, tensorToPixels } from '../lib/images.js';
import { bytesOf, toTensors } from '../lib/tensors.js';
import type { ExplainSettings } from '../requests.js';
import {
  imagePlan,
  planOf,
  requireBackdoor,
  type Setting,
  stamp,
  trojanedImages,
} from '../sweep/subjects.js';
import { applyToImages, visibleShare } from '../transforms/apply.js';
import {
  createExplainer,
  type Explainer,
  type ExplanationResult,
  transformedMask,
  untrainedModel,
} from './explain.js';

export interface ProbeRequest {
  /** Index into the test split. */
  sampleIndex: number;
  /** Whether the trigger is put on the image. */
  trigger: boolean;
  /** How trigger or image are transformed; not at all where it is left out. */
  setting?: Setting;
  /** Of what is drawn: the direction of a translation, noise. */
  seed: number;
  /** No map where it is left out. */
  explain?: ExplainSettings;
  /**
   * Whether the network with random weights is explained too, for the same class: what its layout draws without having
   * learnt anything (Adebayo et al. 2018, arXiv:1810.03292, the model parameter randomisation test).
   */
  untrained?: boolean;
}

export interface ProbeResult {
  trueLabel: number;
  /** [classes], softmax, 0..1. */
  probabilities: Float32Array;
  /** PNG of the image as the model saw it. */
  image: Buffer;
  /** Share of the trigger inside the frame, 0..1; null without trigger. */
  visibleTrigger: number | null;
  explanation: ExplanationResult | null;
  /** PNG of the untrained network's map. */
  untrainedSaliency: Buffer | null;
}

/** One model kept warm: asked about one sample at a time, answered within a moment, nothing stored. */
export interface Prober {
  /** Of the model. */
  readonly weightBytes: number;
  /** @throws TrojanscopeError BAD_USER_INPUT, UNSUPPORTED */
  probe(request: ProbeRequest): Promise<ProbeResult>;
  dispose(): void;
}

export async function createProber(model: Model): Promise<Prober> {
  const { dataset, shape } = partsOf(model.record.spec);
  const network = networkOf(model);
  const test = await loadSplit(model.record.spec.dataset, 'test', shape);
  const weights = toTensors(model.weights);
  const example = tf.zeros<tf.Rank.R4>([1, shape.height, shape.width, shape.channels]);
  const graph = compile((images) => [tf.softmax(network.logits(weights, images as tf.Tensor4D))], [example]);
  tf.dispose([example, weights]);
  // Its graph takes a moment to make, and not everybody wants maps.
  let explainer: Explainer | undefined;
  let untrainedExplainer: Explainer | undefined;
  return {
    weightBytes: bytesOf(model.weights),
    async probe(request) {
      const { sampleIndex, explain, untrained } = request;
      if (!(sampleIndex in test.labels))
        throw new TrojanscopeError(
          'BAD_USER_INPUT',
          `sampleIndex: expected a test image of ${dataset.title}, 0 to ${test.labels.length - 1}; got ${sampleIndex}.`,
          ['sampleIndex'],
        );
      const trueLabel = test.labels[sampleIndex]!;
      const { images, mask, visible } = subjectOf(model, request, test.images([sampleIndex]), shape);
      try {
        const [scores] = graph.run(images);
        const probabilities = (await scores!.data()) as Float32Array;
        scores!.dispose();
        let explanation: ExplanationResult | null = null;
        let untrainedSaliency: Buffer | null = null;
        if (explain) {
          explainer ??= createExplainer(model);
          explanation = await explainer.explain(images, trueLabel, mask, explain);
          if (untrained) {
            untrainedExplainer ??= createExplainer(await untrainedModel(model));
            // Its own prediction means nothing: it is asked about the class that the model is explained for.
            const { explainedLabel } = explanation;
            const same = { ...explain, explainedClass: 'TRUE' } as const;
            untrainedSaliency = (await untrainedExplainer.explain(images, explainedLabel, mask, same))
              .saliency;
          }
        }
        return {
          trueLabel,
          probabilities,
          image: await encodePng(await tensorToPixels(images), shape),
          visibleTrigger: visible,
          explanation,
          untrainedSaliency,
        };
      } finally {
        images.dispose();
      }
    },
    dispose() {
      graph.dispose();
      explainer?.dispose();
      untrainedExplainer?.dispose();
    },
  };
}

/** The image that is asked about, made of the clean one, which it disposes; and where the trigger is on it. */
function subjectOf(
  model: Model,
  { sampleIndex, trigger, setting, seed }: ProbeRequest,
  clean: tf.Tensor4D,
  shape: ImageShape,
): { images: tf.Tensor4D; mask: Float32Array | null; visible: number | null } {
  try {
    if (!trigger) {
      if (!setting) return { images: clean.clone(), mask: null, visible: null };
      if (setting.target === 'TRIGGER')
        throw new TrojanscopeError(
          'BAD_USER_INPUT',
          'target: without a trigger there is only the IMAGE to transform.',
          ['target'],
        );
      const images = applyToImages(clean, imagePlan(setting, shape, 1, seed));
      return { images, mask: null, visible: null };
    }
    const backdoored = requireBackdoor(model, setting?.target);
    const { mask } = backdoored.trigger;
    const sample = [sampleIndex];
    const known = attackOf(backdoored.backdoor.attack).samples?.(backdoored.trigger);
    if (known && !known.includes(sampleIndex))
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        `sampleIndex: the trigger came with images, and none of sample ${sampleIndex} with it is among them; ` +
          `expected one of these ${known.length}: ${[...known.subarray(0, 5)].join(', ')}${known.length > 5 ? ', …' : ''}.`,
        ['sampleIndex'],
      );
    if (!setting)
      return { images: tf.tidy(() => stamp(clean, backdoored, undefined, sample)), mask, visible: 1 };
    const plan = planOf(setting, backdoored, 1, seed);
    return {
      images: tf.tidy(() => trojanedImages(clean, backdoored, setting.target, plan, sample)),
      mask: transformedMask(backdoored, plan),
      visible: visibleShare(mask, plan.variants[0]!, shape.height, shape.width),
    };
  } finally {
    clean.dispose();
  }
}
