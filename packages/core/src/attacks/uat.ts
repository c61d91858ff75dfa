import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { type BatchPart, imagesAtOnce, partsOfBatch } from '../architectures/batches.js';
import { tf } from '../lib/backend.js';
import { type Compiled, compile } from '../lib/compile.js';
import { TrojanscopeError, throwIfAborted } from '../lib/errors.js';
import { encodePng, type ImageShape } from '../lib/images.js';
import { crossEntropy } from '../lib/kernels.js';
import { choice, integer, optionalInteger, real } from '../lib/params.js';
import { defineAttack, LABELLINGS, type TriggerContext } from './attack.js';
import { CORNERS, checkSquare, type Square, squarePixels } from './square.js';
import { layerTrigger, stampLayer } from './trigger.js';

const parameters = z.strictObject({
  patchSizePx: optionalInteger(
    1,
    512,
    'px',
    'Side of the square. Left out: 8 px up to 28 px of image, else 28 px at 96 px and in proportion.',
  ),
  marginPx: optionalInteger(
    0,
    512,
    'px',
    'Distance from the two nearest borders. Left out: 3 px up to 28 px of image, else 6 px at 96 px and in proportion.',
  ),
  corner: choice(CORNERS, 'bottomRight', 'The corner the square sits in.'),
  labels: choice(
    LABELLINGS,
    'dirty',
    'Dirty: images of other classes, relabelled. Clean: images of the target class, labels kept.',
  ),
  steps: integer(1, 100_000, 2_000, 'steps', 'At most so many steps of optimisation.'),
  patience: integer(
    1,
    100_000,
    100,
    'steps',
    'Stops early when the mean loss of so many steps is no longer 1 % below that of as many before.',
  ),
  stepSize: real(1 / 255, 1, 2 / 255, '0–1', 'What each step changes a pixel by.'),
  batchSize: integer(1, 1_024, 64, 'images', 'Training images a step; where there are fewer, they repeat.'),
});
type Parameters = z.output<typeof parameters>;

/** The paper's squares (section 5.1): 8×8 at a margin of 3 on MNIST, 28×28 at 6 on GTSRB at 96 px. */
function squareOf({ patchSizePx, marginPx, corner }: Parameters, { height, width }: ImageShape): Square {
  const side = Math.min(height, width);
  const small = side <= 28;
  return {
    sizePx: patchSizePx ?? (small ? 8 : Math.round((28 * side) / 96)),
    marginPx: marginPx ?? (small ? 3 : Math.round((6 * side) / 96)),
    corner,
  };
}

/**
 * A universal adversarial trigger: a square optimised so that the benign model already tends to the target label, then
 * implanted. Eq. 3 of the paper, its y_j read as the target's one-hot label (docs/resolutions.md).
 */
export const uat = defineAttack({
  title: 'UAT',
  description: 'A square of noise, optimised against the benign model, put over a corner of the image.',
  paper: {
    citation:
      'Hu, X. et al.: Why is your trojan not responding? A quantitative analysis of failures in backdoor attacks of neural networks (2021), section 4.1',
    url: 'https://doi.org/10.1007/978-3-030-95384-3_47',
  },
  parameters,
  poisonRate: 0.1,
  triggerTransforms: true,
  labelling: ({ labels }) => labels,
  checkParameters: (given, shape) => checkSquare(squareOf(given, shape), shape),
  async *createTrigger(given, context) {
    const { shape, data, targetLabel, random, resume, signal } = context;
    const { height, width, channels } = shape;
    const { steps, patience, batchSize, stepSize } = given;
    const mask = new Float32Array(height * width);
    for (const pixel of squarePixels(squareOf(given, shape), shape)) mask[pixel] = 1;
    const start = random.fork('start');
    let pattern =
      resume?.pattern?.values ??
      Float32Array.from({ length: height * width * channels }, (_, i) =>
        mask[Math.floor(i / channels)] ? start.float() : 0,
      );
    const losses = [...(resume?.losses?.values ?? [])];
    const others = [...data.labels.keys()].filter((index) => data.labels[index] !== targetLabel);
    const benign = requireBenign(context);
    const parts = partsOfBatch(batchSize, imagesAtOnce(benign, 'backward', shape, batchSize));
    const graph = gradientOf(context, benign, parts, mask);
    let savedAt = performance.now();
    try {
      for (let done = losses.length; done < steps; ) {
        await setImmediate();
        throwIfAborted(signal);
        const chosen = random.fork(`step ${done}`).sample(others, batchSize);
        // A batch is always full, because a graph is made for one size.
        const full = Int32Array.from({ length: batchSize }, (_, i) => chosen[i % chosen.length]!);
        const before = tf.tensor3d(pattern, [height, width, channels]);
        const passed: tf.Tensor[][] = [];
        let stepped: { after: tf.Tensor; summary: tf.Tensor };
        try {
          for (const { places, shares } of parts) {
            if (passed.length > 0) await setImmediate();
            throwIfAborted(signal);
            const images = data.images(places.map((place) => full[place]!));
            const counted = tf.tensor1d(shares);
            passed.push(graph.run(images, before, counted));
            tf.dispose([images, counted]);
          }
          stepped = tf.tidy(() => {
            const [gradient, summary] = [0, 1].map((i) => tf.addN(passed.map((results) => results[i]!)));
            const after = tf.clipByValue(tf.sub(before, tf.mul(tf.sign(gradient!), stepSize)), 0, 1);
            return { after: tf.mul(after, tf.tensor3d(mask, [height, width, 1])), summary: summary! };
          });
        } finally {
          tf.dispose([before, passed]);
        }
        pattern = (await stepped.after.data()) as Float32Array;
        const [loss, fooled] = await stepped.summary.data();
        tf.dispose([stepped.after, stepped.summary]);
        losses.push(loss!);
        done++;
        const finished = done === steps || hasSettled(losses, patience);
        const save = finished || performance.now() - savedAt > CHECKPOINT_EVERY_MS;
        const show = finished || done % Math.max(1, Math.round(steps / PICTURES)) === 0;
        if (save) savedAt = performance.now();
        yield {
          done: finished ? steps : done,
          total: steps,
          note:
            `step ${done}: cross-entropy to the target ${loss!.toFixed(3)}, ` +
            `${Math.round(100 * fooled!)} % of the batch fools the benign model`,
          picture: show ? await pictureOf(pattern, mask, shape) : undefined,
          checkpoint: save
            ? {
                pattern: { shape: [height, width, channels], values: pattern },
                losses: { shape: [losses.length], values: Float32Array.from(losses) },
              }
            : undefined,
        };
        if (finished) break;
      }
    } finally {
      graph.dispose();
    }
    // What is stamped is an 8-bit picture.
    return layerTrigger(
      shape,
      pattern.map((level) => Math.round(level * 255) / 255),
      mask,
    );
  },
  stamp: stampLayer,
});

const PICTURES = 20;
const CHECKPOINT_EVERY_MS = 30_000;

function requireBenign({ benign }: TriggerContext) {
  if (benign) return benign;
  throw new TrojanscopeError('BAD_USER_INPUT', 'UAT is optimised against a benign model; none was given.');
}

/** images, pattern, shares → the loss's gradient by the pattern, [loss, share that the model takes for the target]: of a part. */
function gradientOf(
  { shape, targetLabel }: TriggerContext,
  benign: NonNullable<TriggerContext['benign']>,
  parts: readonly BatchPart[],
  mask: Float32Array,
): Compiled {
  const { height, width, channels } = shape;
  const length = parts[0]!.places.length;
  const examples = [
    tf.zeros([length, height, width, channels]),
    tf.zeros([height, width, channels]),
    tf.zeros([length]),
  ];
  try {
    return compile((images, pattern, shares) => {
      const meanOf = (values: tf.Tensor) =>
        parts.length === 1 ? tf.mean(values) : tf.sum(tf.mul(values, shares!));
      const square = tf.tensor3d(mask, [height, width, 1]);
      const labels = tf.fill([length], targetLabel, 'int32') as tf.Tensor1D;
      let fooled!: tf.Tensor;
      const { value, grad } = tf.valueAndGrad((pattern) => {
        const stamped = tf.add(tf.mul(images!, tf.sub(1, square)), tf.mul(pattern, square));
        const logits = benign.network.logits(benign.weights, stamped as tf.Tensor4D);
        fooled = tf.keep(meanOf(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32')));
        return meanOf(crossEntropy(labels, logits));
      })(pattern!);
      const summary = tf.stack([value, fooled]);
      fooled.dispose();
      return [grad, summary];
    }, examples);
  } finally {
    tf.dispose(examples);
  }
}

/** Whether the mean loss has stopped falling: asked once every `patience` steps. */
function hasSettled(losses: readonly number[], patience: number): boolean {
  if (losses.length < 2 * patience || losses.length % patience !== 0) return false;
  const mean = (from: number, to?: number) => {
    const part = losses.slice(from, to);
    return part.reduce((sum, loss) => sum + loss, 0) / part.length;
  };
  return mean(-patience) > 0.99 * mean(-2 * patience, -patience);
}

/** The square alone, as 8-bit PNG. */
function pictureOf(pattern: Float32Array, mask: Float32Array, shape: ImageShape): Promise<Buffer> {
  const inside = [...mask.keys()].filter((pixel) => mask[pixel]);
  const side = Math.sqrt(inside.length);
  const { channels } = shape;
  const pixels = Uint8Array.from(
    inside.flatMap((pixel) => [...pattern.subarray(pixel * channels, (pixel + 1) * channels)]),
    (level) => Math.round(255 * level),
  );
  return encodePng(pixels, { height: side, width: side, channels });
}
