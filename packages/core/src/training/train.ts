import { setImmediate } from 'node:timers/promises';
import type { ArchitectureDefinition, Weights } from '../architectures/architecture.js';
import type { Split } from '../datasets/dataset.js';
import { tf } from '../lib/backend.js';
import { compile } from '../lib/compile.js';
import { throwIfAborted } from '../lib/errors.js';
import { type ImageShape, imagesToTensor } from '../lib/images.js';
import { crossEntropy } from '../lib/kernels.js';
import type { Random } from '../lib/random.js';
import { learningRateAt, type Recipe } from './recipe.js';

/** Averages since the last report. */
export interface TrainingReport {
  step: number;
  steps: number;
  /** Epochs done, with a fraction. */
  epoch: number;
  loss: number;
  /** 0..1 */
  accuracy: number;
  /** After a whole epoch: all that is needed to go on from here. The tensors are the loop's own: save, do not keep. */
  checkpoint?: Checkpoint;
}

export interface Checkpoint {
  epoch: number;
  weights: Weights;
  momenta: Weights;
}

export interface TrainingTask {
  architecture: ArchitectureDefinition;
  shape: ImageShape;
  classes: number;
  data: Split;
  recipe: Recipe;
  random: Random;
  /** Where an earlier run got to; its tensors become the loop's. */
  resume?: Checkpoint;
  signal?: AbortSignal;
}

const REPORTS_PER_EPOCH = 10;

/**
 * The one training loop. The whole step, from images to new weights, is one graph. Every epoch draws its order from its
 * own stream, so a run that resumes ends as one that was never interrupted.
 * @returns the trained weights, the caller's to dispose
 * @throws TrojanscopeError ABORTED within a step of the signal
 */
export async function* train(task: TrainingTask): AsyncGenerator<TrainingReport, Weights> {
  const { architecture, shape, data, recipe, random, signal } = task;
  const { batchSize, epochs } = recipe;
  const size = Math.min(batchSize, data.labels.length);
  const stepsPerEpoch = Math.floor(data.labels.length / size);
  const steps = epochs * stepsPerEpoch;
  const reportEvery = Math.max(1, Math.floor(stepsPerEpoch / REPORTS_PER_EPOCH));

  const weights =
    task.resume?.weights ?? architecture.initialise(shape, task.classes, random.fork('weights'));
  const momenta = task.resume?.momenta ?? zerosLike(weights);
  const names = Object.keys(weights);
  let state = [...names.map((name) => weights[name]!), ...names.map((name) => momenta[name]!)];
  const named = (from: number): Weights =>
    Object.fromEntries(names.map((name, i) => [name, state[from + i]!]));
  const graph = compileStep(architecture, recipe, names, shape, size, state);
  let finished = false;

  try {
    for (let epoch = task.resume?.epoch ?? 0; epoch < epochs; epoch++) {
      const order = random.fork(`epoch ${epoch}`).permutation(data.labels.length);
      let pending: tf.Tensor[] = [];
      let since = 0;
      for (let batch = 0; batch < stepsPerEpoch; batch++) {
        // Lets messages in, an abort among them: the step itself blocks this thread.
        await setImmediate();
        throwIfAborted(signal);
        const step = epoch * stepsPerEpoch + batch;
        const chosen = order.subarray(batch * size, (batch + 1) * size);
        const images = imagesToTensor(data.pixels, shape, chosen);
        const labels = tf.tensor1d(
          Int32Array.from(chosen, (index) => data.labels[index]!),
          'int32',
        );
        const rate = tf.scalar(learningRateAt(step, steps, recipe));
        const [summary, ...next] = graph.run(images, labels, rate, ...state);
        tf.dispose([images, labels, rate, state]);
        state = next;
        pending.push(summary!);
        since++;
        const last = batch + 1 === stepsPerEpoch;
        if (since < reportEvery && !last) continue;
        const [loss, accuracy] = await meanOf(pending);
        pending = [];
        since = 0;
        const checkpoint = last
          ? { epoch: epoch + 1, weights: named(0), momenta: named(names.length) }
          : undefined;
        yield {
          step: step + 1,
          steps,
          epoch: (step + 1) / stepsPerEpoch,
          loss: loss!,
          accuracy: accuracy!,
          checkpoint,
        };
      }
      tf.dispose(pending);
    }
    finished = true;
    return named(0);
  } finally {
    graph.dispose();
    tf.dispose(finished ? state.slice(names.length) : state);
  }
}

const zerosLike = (weights: Weights): Weights =>
  Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, tf.zerosLike(tensor)]));

async function meanOf(summaries: tf.Tensor[]): Promise<Float32Array> {
  const mean = tf.tidy(() => tf.mean(tf.stack(summaries), 0));
  const values = (await mean.data()) as Float32Array;
  tf.dispose([mean, ...summaries]);
  return values;
}

/** images, labels, rate, weights, momenta → [loss, accuracy], new weights, new momenta. */
function compileStep(
  architecture: ArchitectureDefinition,
  { momentum, weightDecay }: Recipe,
  names: string[],
  { height, width, channels }: ImageShape,
  batchSize: number,
  state: tf.Tensor[],
) {
  const step = (images: tf.Tensor, labels: tf.Tensor, rate: tf.Tensor, ...state: tf.Tensor[]) => {
    const weights = state.slice(0, names.length);
    const momenta = state.slice(names.length);
    let accuracy!: tf.Tensor;
    const { value: loss, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
      const logits = architecture.logits(
        Object.fromEntries(names.map((name, i) => [name, values[i]!])),
        images as tf.Tensor4D,
      );
      accuracy = tf.keep(tf.mean(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32')));
      return tf.mean(crossEntropy(labels as tf.Tensor1D, logits));
    })(weights);
    const decayed = grads.map((gradient, i) =>
      names[i]!.endsWith('kernel') ? tf.add(gradient, tf.mul(weights[i]!, weightDecay)) : gradient,
    );
    const nextMomenta = decayed.map((gradient, i) => tf.add(tf.mul(momenta[i]!, momentum), gradient));
    const nextWeights = decayed.map((gradient, i) =>
      tf.sub(weights[i]!, tf.mul(rate, tf.add(gradient, tf.mul(nextMomenta[i]!, momentum)))),
    );
    const summary = tf.stack([loss, accuracy]);
    accuracy.dispose();
    return [summary, ...nextWeights, ...nextMomenta];
  };
  const images = tf.zeros([batchSize, height, width, channels]);
  const labels = tf.zeros([batchSize], 'int32');
  const rate = tf.scalar(0);
  const graph = compile(step, [images, labels, rate, ...state]);
  tf.dispose([images, labels, rate]);
  return graph;
}
