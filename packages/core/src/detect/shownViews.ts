import type { Model } from '../implant/model.js';
import { tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import { pictureOf } from '../sweep/pictures.js';
import type { Answers, Blend, View, ViewStep } from './detector.js';
import { detectorOf } from './index.js';
import { type PurifierStep, stepText } from './purifiers.js';
import { judgeOf } from './runDetection.js';
import {
  type DetectionSpec,
  type DetectionViews,
  detectionViews,
  goesOnFrom,
  type ImagePlace,
  type StepDraw,
} from './views.js';

/** What a detector asked about one image: a picture, by how it was made. */
export interface ShownView {
  /** In words. */
  text: string;
  steps: readonly { step: ViewStep; draw: StepDraw }[];
}

/** One image of a detection as its detector saw it. */
export interface ShownViews {
  views: ShownView[];
  /** What the trojaned model says of the very pictures. */
  answers: Answers;
  /** Made of these answers. */
  score: number;
}

/**
 * Asks a trojaned model once more what a trial asked it about one image: the same pictures, so the same answers and score.
 * @throws TrojanscopeError as `detectionViews`; BAD_USER_INPUT where there is no such image
 */
export async function showViews(
  trojaned: Model,
  spec: DetectionSpec,
  place: ImagePlace,
): Promise<ShownViews> {
  const asked = await detectionViews(trojaned, spec);
  const { images, positions } = imagesAt(asked, place);
  const seen: tf.Tensor4D[] = [];
  try {
    for (const view of asked.of(images, positions)) seen.push(view.clone());
    const all = tf.concat(seen);
    seen.push(all);
    const judge = judgeOf(asked.model, asked.samplesOf('CLEAN').length);
    const { labels, confidences, entropies } = await judge.classify(all);
    const answers = { labels, confidences, entropies: entropies! };
    return {
      views: asked.views.map((steps, view) => {
        const drawn = asked.drawn(view, place.position);
        return {
          text: viewText(asked.views, view, drawn),
          steps: steps.map((step, s) => ({ step, draw: drawn[s]! })),
        };
      }),
      answers,
      score: detectorOf(spec.detector).score(answers, spec.parameters),
    };
  } finally {
    tf.dispose([images, ...seen]);
  }
}

/**
 * PNG of one view of an image; undefined where there is no such view. Levels beyond white, which adding images comes to, are
 * white, and those between two of 256 the nearer one.
 * @throws TrojanscopeError as `showViews`
 */
export async function viewPicture(
  trojaned: Model,
  spec: DetectionSpec,
  place: ImagePlace,
  view: number,
): Promise<Buffer | undefined> {
  const asked = await detectionViews(trojaned, spec);
  if (!(view in asked.views)) return undefined;
  const { images, positions } = imagesAt(asked, place);
  const seen = asked.one(view, images, positions);
  images.dispose();
  return pictureOf(seen);
}

/** One image as it is, [1,h,w,c]. */
function imagesAt(asked: DetectionViews, { kind, position }: ImagePlace) {
  const { length: count } = asked.samplesOf(kind);
  if (position < 0 || position >= count)
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `position: expected one of the detection’s images, 0 to ${count - 1}; got ${position}.`,
      ['position'],
    );
  const positions = Int32Array.of(position);
  return { images: asked.images(kind, positions), positions };
}

/** Of more steps only the last is told where the others are those of the view before. */
const MOST_STEPS = 2;

/** What a view is, in words. */
function viewText(views: readonly View[], view: number, drawn: readonly StepDraw[]): string {
  const steps = views[view]!;
  if (steps.length === 0) return 'as it is';
  const words = steps.map((step, s) => wordsOf(step, drawn[s]!));
  const from = steps.length > MOST_STEPS ? goesOnFrom(views, view) : 0;
  return [...(from > 0 ? ['the one before'] : []), ...words.slice(from)].join(', then ');
}

const wordsOf = (step: ViewStep, { overlay, parameters }: StepDraw): string =>
  'blend' in step
    ? `test image ${overlay} ${LAID_OVER[step.blend]}`
    : [stepText(step as PurifierStep), directionOf(parameters)].filter(Boolean).join(', ');

const LAID_OVER: Readonly<Record<Blend, string>> = {
  SUM: 'added',
  SATURATED_SUM: 'added, cut off at white',
  AVERAGE: 'averaged with it',
};

/** Where a shift that was drawn leads; nothing of what else is drawn. */
function directionOf(parameters: StepDraw['parameters']): string {
  const { shiftXPx: x = 0, shiftYPx: y = 0 } = parameters ?? {};
  const along = (pixels: number, before: string, after: string) =>
    pixels === 0 ? [] : [`${Math.abs(pixels)} ${pixels < 0 ? before : after}`];
  return [...along(x, 'left', 'right'), ...along(y, 'up', 'down')].join(' and ');
}
