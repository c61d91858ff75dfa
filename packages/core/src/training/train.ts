import { setImmediate } from 'node:timers/promises';
import { type ArchitectureDefinition, isStatistic, type Weights } from '../architectures/architecture.js';
import type { Split } from '../datasets/dataset.js';
import { tf } from '../lib/backend.js';
import { compileStep } from '../lib/compile.js';
import { throwIfAborted } from '../lib/errors.js';
import type { ImageShape } from '../lib/images.js';
import { applyMomentum, assign, crossEntropy } from '../lib/kernels.js';
import type { Random } from '../lib/random.js';
import { augment } from './augment.js';
import { batchSizeOf, learningRateAt, type Recipe } from './recipe.js';

/** Averages since the last report. */
export interface TrainingReport {
  step: number;
  steps: number;
  /** Epochs done, with a fraction. */
  epoch: number;
  loss: number;
  /** 0..1 */
  accuracy: number;
  /** After a whole epoch, and after a minute since the last one: all that is needed to go on from here. The tensors are the loop's own: save, do not keep. */
  checkpoint?: Checkpoint;
}

export interface Checkpoint {
  /** Steps done. */
  step: number;
  weights: Weights;
  /** Of the weights that are trained. */
  momenta: Weights;
}

export interface TrainingTask {
  architecture: ArchitectureDefinition;
  shape: ImageShape;
  classes: number;
  data: Split;
  recipe: Recipe;
  random: Random;
  /** Weights to begin with, which become the loop's; fresh ones otherwise. */
  start?: Weights;
  /** Where an earlier run got to; its tensors become the loop's. */
  resume?: Checkpoint;
  signal?: AbortSignal;
}

const REPORTS_PER_EPOCH = 10;
const CHECKPOINT_EVERY_MS = 60_000;

/**
 * The one training loop. The whole step, from images to new weights, is one graph. Every epoch draws its order from its
 * own stream, so a run that resumes ends as one that was never interrupted.
 * @returns the trained weights, the caller's to dispose
 * @throws TrojanscopeError ABORTED within a step of the signal
 */
export async function* train(task: TrainingTask): AsyncGenerator<TrainingReport, Weights> {
  const { architecture, shape, data, recipe, random, signal } = task;
  const { epochs } = recipe;
  const size = batchSizeOf(recipe, data.labels.length);
  const stepsPerEpoch = Math.floor(data.labels.length / size);
  const steps = epochs * stepsPerEpoch;
  const reportEvery = Math.max(1, Math.floor(stepsPerEpoch / REPORTS_PER_EPOCH));

  const weights =
    task.resume?.weights ??
    task.start ??
    architecture.initialise(shape, task.classes, random.fork('weights'));
  const names = Object.keys(weights);
  const trained = names.filter((name) => !isStatistic(name));
  const momenta =
    task.resume?.momenta ?? Object.fromEntries(trained.map((name) => [name, tf.zerosLike(weights[name]!)]));
  const graph = stepOf(architecture, recipe, names, shape, size, weights, momenta);
  tf.dispose([weights, momenta]);
  let pending: tf.Tensor[] = [];
  let savedAt = performance.now();

  try {
    let order: Int32Array = new Int32Array();
    for (let step = task.resume?.step ?? 0; step < steps; step++) {
      const batch = step % stepsPerEpoch;
      const epoch = Math.floor(step / stepsPerEpoch);
      if (batch === 0 || order.length === 0)
        order = random.fork(`epoch ${epoch}`).permutation(data.labels.length);
      // Lets messages in, an abort among them: the step itself blocks this thread.
      await setImmediate();
      throwIfAborted(signal);
      const chosen = order.subarray(batch * size, (batch + 1) * size);
      const images = imagesOf(chosen, step);
      const labels = tf.tensor1d(
        Int32Array.from(chosen, (index) => data.labels[index]!),
        'int32',
      );
      const rate = tf.scalar(learningRateAt(step, steps, recipe));
      const [summary] = graph.run(images, labels, rate);
      tf.dispose([images, labels, rate]);
      pending.push(summary!);
      const endsEpoch = batch + 1 === stepsPerEpoch;
      // At fixed steps, so that a run that resumed reports the same averages.
      if (!endsEpoch && (batch + 1) % reportEvery !== 0) continue;
      const [loss, accuracy] = await meanOf(pending);
      pending = [];
      const save = endsEpoch || performance.now() - savedAt > CHECKPOINT_EVERY_MS;
      if (save) savedAt = performance.now();
      const checkpoint = save ? { step: step + 1, ...current() } : undefined;
      try {
        yield {
          step: step + 1,
          steps,
          epoch: (step + 1) / stepsPerEpoch,
          loss: loss!,
          accuracy: accuracy!,
          checkpoint,
        };
      } finally {
        tf.dispose([checkpoint?.weights ?? [], checkpoint?.momenta ?? []]);
      }
    }
    const last = current();
    tf.dispose(last.momenta);
    return last.weights;
  } finally {
    graph.dispose();
    tf.dispose(pending);
  }

  function current(): { weights: Weights; momenta: Weights } {
    const state = graph.state();
    const named = (keys: string[], from: number): Weights =>
      Object.fromEntries(keys.map((name, i) => [name, state[from + i]!]));
    return { weights: named(names, 0), momenta: named(trained, names.length) };
  }

  function imagesOf(chosen: Int32Array, step: number): tf.Tensor4D {
    const images = data.images(chosen);
    if (!recipe.augmentation) return images;
    const augmented = augment(images, recipe.augmentation, random.fork(`augmentation ${step}`));
    images.dispose();
    return augmented;
  }
}

async function meanOf(summaries: tf.Tensor[]): Promise<Float32Array> {
  const mean = tf.tidy(() => tf.mean(tf.stack(summaries), 0));
  const values = (await mean.data()) as Float32Array;
  tf.dispose([mean, ...summaries]);
  return values;
}

/** images, labels, rate → [loss, accuracy]; weights and momenta are its state. */
function stepOf(
  architecture: ArchitectureDefinition,
  { momentum, weightDecay }: Recipe,
  names: string[],
  { height, width, channels }: ImageShape,
  batchSize: number,
  weights: Weights,
  momenta: Weights,
) {
  const trained = names.filter((name) => !isStatistic(name));
  const images = tf.zeros([batchSize, height, width, channels]);
  const labels = tf.zeros([batchSize], 'int32');
  const rate = tf.scalar(0);
  const graph = compileStep(
    ([images, labels, rate], state, update) => {
      const all: Weights = Object.fromEntries(names.map((name, i) => [name, state[i]!]));
      const own = trained.map((name) => all[name]!);
      // Made beside the loss, so it is kept from the end of its scope.
      let accuracy!: tf.Tensor;
      let statistics: Weights = {};
      const { value: loss, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
        const current = { ...all, ...Object.fromEntries(trained.map((name, i) => [name, values[i]!])) };
        const pass = architecture.trainingLogits?.(current, images as tf.Tensor4D) ?? {
          logits: architecture.logits(current, images as tf.Tensor4D),
          statistics: {},
        };
        accuracy = tf.keep(tf.mean(tf.cast(tf.equal(tf.argMax(pass.logits, 1), labels!), 'float32')));
        statistics = pass.statistics;
        for (const statistic of Object.values(statistics)) tf.keep(statistic);
        return tf.mean(crossEntropy(labels as tf.Tensor1D, pass.logits));
      })(own);
      for (const [name, value] of Object.entries(statistics)) assign(update, all[name]!, value);
      trained.forEach((name, i) => {
        const [weight, gradient] = [own[i]!, grads[i]!];
        const decayed = name.endsWith('kernel') ? tf.add(gradient, tf.mul(weight, weightDecay)) : gradient;
        applyMomentum(update, { weight, momentum: state[names.length + i]! }, decayed, rate!, momentum);
      });
      const summary = tf.stack([loss, accuracy]);
      tf.dispose([accuracy, statistics]);
      return [summary];
    },
    [images, labels, rate],
    [...names.map((name) => weights[name]!), ...trained.map((name) => momenta[name]!)],
  );
  tf.dispose([images, labels, rate]);
  return graph;
}
