import { loadSplit } from '../datasets/loadSplit.js';
import { eligibleFor } from '../implant/eligible.js';
import { type Model, partsOf } from '../implant/model.js';
import { tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import type { ImageShape } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { type Backdoored, imagePlan, planFor, requireBackdoor, stamp } from '../sweep/subjects.js';
import { applyToImages } from '../transforms/apply.js';
import type { Plan } from '../transforms/transform.js';
import type { Blend, View, ViewStep } from './detector.js';
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

/** One image of a detection: its place among those of its kind. */
export interface ImagePlace {
  kind: ImageKind;
  position: number;
}

/** What was drawn for one step of a view of one sample: a transform's parameters, or the test image that is laid over it. */
export type StepDraw =
  | { parameters: Readonly<Record<string, number>>; overlay?: undefined }
  | { overlay: number; parameters?: undefined };

/**
 * What a detection asks about: which samples, and which pictures of each. The one place where it is drawn and made, so that
 * a trial and who looks at one of its samples later have the same pictures to the bit.
 */
export interface DetectionViews {
  readonly model: Backdoored;
  readonly labels: Int32Array | Uint8Array;
  readonly views: readonly View[];
  /** Places in the test split, by position; of OTHER_CLEAN as many as there are left. */
  samplesOf(kind: ImageKind): Int32Array;
  /** The images as they are, [n,h,w,c] in [0,1]. */
  images(kind: ImageKind, positions: Int32Array): tf.Tensor4D;
  /**
   * Each view of some images in turn, [n,h,w,c], beyond 1 where others are added. What is yielded is disposed with the next.
   * @param images as they are, of samples at `positions`
   */
  of(images: tf.Tensor4D, positions: Int32Array): Generator<tf.Tensor4D, void>;
  /** One view alone. */
  one(view: number, images: tf.Tensor4D, positions: Int32Array): tf.Tensor4D;
  /** [steps of the view] */
  drawn(view: number, position: number): StepDraw[];
}

/** Nothing can be said of fewer. */
const LEAST_SAMPLES = 20;

/** @throws TrojanscopeError UNSUPPORTED of a benign model; BAD_USER_INPUT where there are too few test images */
export async function detectionViews(trojaned: Model, spec: DetectionSpec): Promise<DetectionViews> {
  const model = requireBackdoor(trojaned);
  const { shape } = partsOf(model.record.spec);
  const test = await loadSplit(model.record.spec.dataset, 'test', shape);
  const views = detectorOf(spec.detector).views(spec.parameters);
  const { samples, others, overlays: pool } = drawSamples(model, test.labels, spec, views);
  const draw = draws(views, shape, samples.length, spec.seed, pool);
  const places = placesOf(views);
  const samplesOf = (kind: ImageKind) => (kind === 'OTHER_CLEAN' ? others : samples);

  /** Disposes `images`. */
  function changed(view: number, from: number, images: tf.Tensor4D, positions: Int32Array): tf.Tensor4D {
    let seen = images;
    for (const [s, step] of views[view]!.entries()) {
      if (s < from) continue;
      const next = applied(step, seen, draw(places[view]![s]!), positions);
      seen.dispose();
      seen = next;
    }
    return seen;
  }
  function applied(step: ViewStep, images: tf.Tensor4D, own: Draw, positions: Int32Array): tf.Tensor4D {
    if (!('blend' in step)) return applyToImages(images, planFor(own.plan!, positions));
    return tf.tidy(() =>
      blended(images, test.images(positions.map((position) => own.overlays![position]!)), step.blend),
    );
  }

  return {
    model,
    labels: test.labels,
    views,
    samplesOf,
    images(kind, positions) {
      const indices = positions.map((position) => samplesOf(kind)[position]!);
      const clean = test.images(indices);
      if (kind !== 'TROJANED') return clean;
      const images = stamp(clean, model, undefined, indices);
      clean.dispose();
      return images;
    },
    *of(images, positions) {
      let before = images.clone();
      try {
        for (const view of views.keys()) {
          const from = goesOnFrom(views, view);
          const seen = changed(view, from, (from > 0 ? before : images).clone(), positions);
          before.dispose();
          before = seen;
          yield seen;
        }
      } finally {
        before.dispose();
      }
    },
    one: (view, images, positions) => changed(view, 0, images.clone(), positions),
    drawn: (view, position) =>
      views[view]!.map((_, s): StepDraw => {
        const { plan, overlays } = draw(places[view]![s]!);
        return plan
          ? { parameters: plan.variants[plan.variantOf[position]!]!.parameters }
          : { overlay: overlays![position]! };
      }),
  };
}

/** Steps of a view that are those of the view before it, whose image it goes on from; 0 where it does not. */
export function goesOnFrom(views: readonly View[], view: number): number {
  const [before, own] = [views[view - 1] ?? [], views[view]!];
  const isBeginning =
    before.length < own.length && before.every((step, s) => JSON.stringify(step) === JSON.stringify(own[s]));
  return isBeginning ? before.length : 0;
}

/** Where the draw of a step is from: the view and step that it was first needed for. */
interface Place {
  view: number;
  step: number;
}

/** [views][steps]: what a view goes on from was drawn for that one. */
function placesOf(views: readonly View[]): Place[][] {
  const all: Place[][] = [];
  for (const [view, steps] of views.entries()) {
    const from = goesOnFrom(views, view);
    all.push(steps.map((_, step) => (step < from ? all[view - 1]![step]! : { view, step })));
  }
  return all;
}

/** What is drawn for one step of one view: a transform's plan, or for each sample the test image that is laid over it. */
interface Draw {
  plan?: Plan;
  overlays?: Int32Array;
}

/** Draws for each step on its own, when it is first needed, so that a detection that goes on draws the same. */
function draws(
  views: readonly View[],
  shape: ImageShape,
  samples: number,
  seed: number,
  pool: Int32Array,
): (place: Place) => Draw {
  const known = new Map<string, Draw>();
  return ({ view, step }) => {
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
