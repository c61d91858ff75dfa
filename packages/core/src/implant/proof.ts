import { tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import { type FloatArray, parseSafetensors } from '../lib/safetensors.js';
import { toTensors } from '../lib/tensors.js';
import { takenFor } from '../onnx/network.js';
import type { CheckedModel } from './bundle.js';
import { type ModelSpec, networkOf, partsOf } from './model.js';

/** Of how many images a network's maker's own logits came out here, and of how many the gradients too. */
export interface Proof {
  images: number;
  gradients: number;
}

/** Of the largest value of an image: what 51 networks of PyTorch's differed by is a thirtieth of the first. */
const LOGITS_WITHIN = 1e-4;
const GRADIENTS_WITHIN = 1e-3;
/** Of a class that is certain the gradient is 0, or what rounding leaves of it. */
const NO_GRADIENT = 1e-7;
const MOST_IMAGES = 64;

/**
 * Computes again what the maker of a network computed of some images: its answers, and the gradient of one of them by the
 * pixels.
 * @param bytes `images` [n,h,w,c] in [0,1], `logits` [n,outputs] as the network gives them, and of the output `labels`
 *   [n] the `gradients` [n,h,w,c]
 * @throws TrojanscopeError DATA_DAMAGED where answers differ, or the file is not what it should be
 */
export function prove(bytes: Buffer, file: string, { record, weights, graph }: CheckedModel): Proof {
  const damaged = (what: string) => new TrojanscopeError('DATA_DAMAGED', `${file}: ${what}.`);
  const { onnx: { order: _, ...onnx } = {}, ...rest } = record.spec as ModelSpec;
  const spec = { ...rest, onnx };
  const { dataset, shape } = partsOf(spec);
  const { height, width, channels } = graph ? takenFor(graph, shape) : shape;
  const classes = dataset.classNames.length;
  const arrays = parseSafetensors(bytes, file);
  const count = arrays.images?.shape[0] ?? 0;
  if (count < 1 || count > MOST_IMAGES) throw damaged(`expected 1 to ${MOST_IMAGES} images, got ${count}`);
  const wanted = {
    images: [count, height, width, channels],
    logits: [count, classes],
    labels: [count],
    gradients: [count, height, width, channels],
  };
  for (const [name, dims] of Object.entries(wanted)) {
    const array = arrays[name];
    if (`${array?.shape}` !== `${dims}`)
      throw damaged(`${name}: expected shape [${dims}], got ${array ? `[${array.shape}]` : 'none'}`);
    if (!array!.values.every(Number.isFinite)) throw damaged(`${name}: expected finite numbers`);
  }
  const { images, logits, labels, gradients } = arrays as Record<keyof typeof wanted, FloatArray>;
  const network = networkOf({ record: { spec }, graph });
  const end = graph?.softmax || onnx.probabilities ? endOf(logits, classes) : (x: tf.Tensor2D) => x;
  let agreeing = 0;
  tf.tidy(() => {
    const tensors = toTensors(weights);
    for (let i = 0; i < count; i++) {
      const row = ({ values }: FloatArray) =>
        values.subarray((i * values.length) / count, ((i + 1) * values.length) / count);
      const label = labels.values[i]!;
      if (!Number.isInteger(label) || label < 0 || label >= classes)
        throw damaged(`labels: expected outputs from 0 to ${classes - 1}, got ${label} at ${i}`);
      const [answers, gradient] = tf.tidy(() => {
        const image = tf.tensor4d(row(images), [1, height, width, channels]);
        const ask = (x: tf.Tensor4D) => end(network.logits(tensors, x));
        return [
          ask(image).dataSync(),
          tf
            .grad((x) => tf.gather(tf.reshape(ask(x as tf.Tensor4D), [classes]), label))(image)
            .dataSync(),
        ];
      });
      const off = difference(answers, row(logits));
      if (!(off.error <= LOGITS_WITHIN * off.largest + NO_GRADIENT))
        throw damaged(
          `of image ${i} the network answers otherwise here than where it was made, by ${percent(off)} of the largest answer. ` +
            'What it is said to expect (size, channels, white, mean, std, output) is not what it was given there, or the network is another',
        );
      const slope = difference(gradient, row(gradients));
      if (slope.error <= GRADIENTS_WITHIN * slope.largest + NO_GRADIENT) agreeing++;
    }
  });
  return { images: count, gradients: agreeing };
}

/** What the network's own end makes of logits, by what came out of it. */
function endOf({ values }: FloatArray, classes: number): (logits: tf.Tensor2D) => tf.Tensor2D {
  if (areProbabilities(values, classes)) return (logits) => tf.softmax(logits);
  if (values.every((value) => value <= 0)) return (logits) => tf.logSoftmax(logits);
  return (logits) => logits;
}

/** Whether numbers [n·classes] are probabilities, which add up to 1. */
export function areProbabilities(values: ArrayLike<number>, classes: number): boolean {
  for (let start = 0; start < values.length; start += classes) {
    let sum = 0;
    for (let i = start; i < start + classes; i++) {
      if (!(values[i]! >= 0)) return false;
      sum += values[i]!;
    }
    if (Math.abs(sum - 1) > 1e-3) return false;
  }
  return true;
}

function difference(ours: ArrayLike<number>, theirs: Float32Array) {
  let [error, largest] = [0, 0];
  theirs.forEach((value, i) => {
    error = Math.max(error, Math.abs(value - ours[i]!));
    largest = Math.max(largest, Math.abs(value));
  });
  return { error, largest };
}

const percent = ({ error, largest }: ReturnType<typeof difference>) =>
  `${((100 * error) / Math.max(largest, Number.MIN_VALUE)).toPrecision(2)} %`;
