import { setImmediate } from 'node:timers/promises';
import sharp from 'sharp';
import { loadSplit } from '../datasets/loadSplit.js';
import { type Model, partsOf } from '../implant/model.js';
import { tf } from '../lib/backend.js';
import { throwIfAborted } from '../lib/errors.js';
import { planFor, planOf, requireBackdoor, type Setting, stamp, trojanedImages } from '../sweep/subjects.js';
import { directionsOf } from '../sweep/sweep.js';
import {
  createExplainer,
  type ExplainSettings,
  type ExplainSubject,
  type ExplanationResult,
  transformedMask,
} from './explain.js';

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
    const { position, samples, seed } = place ?? { position: 0, samples: 1, seed: how.seed };
    const plan = planFor(planOf(subject, backdoored, samples, directionsOf(seed)), [position]);
    return {
      images: tf.tidy(() => trojanedImages(test.images([sampleIndex]), backdoored, subject.target, plan)),
      mask: transformedMask(backdoored, plan),
    };
  }
}

const TILE_PX = 192;
const GAP_PX = 8;

/** A PNG of a strip: the images above, their maps over them below, the visible trigger boxed. */
export async function drawStrip(frames: readonly StripFrame[]): Promise<Buffer> {
  const place = (column: number, row: number) => ({
    left: column * (TILE_PX + GAP_PX),
    top: row * (TILE_PX + GAP_PX),
  });
  const tiles = await Promise.all(
    frames.flatMap(({ image, overlay, score }, column) =>
      [image, overlay].map(async (picture, row) => {
        const { height } = await sharp(picture).metadata();
        const large = sharp(picture).resize(TILE_PX, TILE_PX, { kernel: 'nearest' }).toColourspace('srgb');
        const box = score && Buffer.from(boxAround(score.box, TILE_PX / height));
        return {
          input: await (box ? large.composite([{ input: box }]) : large).png().toBuffer(),
          ...place(column, row),
        };
      }),
    ),
  );
  const { left: width, top: height } = place(frames.length, 2);
  const canvas = { width: width - GAP_PX, height: height - GAP_PX, channels: 3 as const, background: '#fff' };
  return sharp({ create: canvas }).composite(tiles).png().toBuffer();
}

/** A rectangle that shows on light and dark. */
function boxAround(box: { top: number; left: number; height: number; width: number }, scale: number): string {
  const rect = (stroke: string, width: number) =>
    `<rect x="${box.left * scale}" y="${box.top * scale}" width="${box.width * scale}" height="${box.height * scale}" fill="none" stroke="${stroke}" stroke-width="${width}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${TILE_PX}" height="${TILE_PX}">${rect('#000', 4)}${rect('#0ff', 2)}</svg>`;
}
