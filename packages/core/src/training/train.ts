import { setImmediate } from 'node:timers/promises';
import { type ArchitectureDefinition, isStatistic, type Weights } from '../architectures/architecture.js';
import { type BatchPart, imagesAtOnce, partsOfBatch } from '../architectures/batches.js';
import type { Split } from '../datasets/dataset.js';
import { tf } from '../lib/backend.js';
import { type CompiledSteps, compileSteps, type Step, type Update } from '../lib/compile.js';
import { throwIfAborted } from '../lib/errors.js';
import type { ImageShape } from '../lib/images.js';
import { accumulate, applyMomentum, assign, crossEntropy } from '../lib/kernels.js';
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
 * The one training loop. The whole step, from images to new weights, is one graph; where the batch is too large for that,
 * its parts go through one after the other and their gradients are added up (docs/resolutions.md). Every epoch draws its order from its
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
  const parts = partsOfBatch(size, imagesAtOnce({ network: architecture, weights }, 'backward', shape, size));
  const graph = graphOf(task, parts, weights, momenta);
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
      const chosen = order.subarray(batch * size, (batch + 1) * size);
      const changes = recipe.augmentation && random.fork(`augmentation ${step}`);
      const rate = tf.scalar(learningRateAt(step, steps, recipe));
      try {
        for (const part of parts) {
          // Lets messages in, an abort among them: the graph itself blocks this thread.
          await setImmediate();
          throwIfAborted(signal);
          const own = part.places.map((place) => chosen[place]!);
          const images = imagesOf(own, changes);
          const labels = tf.tensor1d(
            own.map((index) => data.labels[index]!),
            'int32',
          );
          const last = parts.length === 1 ? rate : tf.tensor1d(part.shares);
          pending.push(graph.run(0, images, labels, last)[0]!);
          tf.dispose([images, labels, last]);
        }
        if (parts.length > 1) tf.dispose(graph.run(1, rate));
      } finally {
        rate.dispose();
      }
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
          // A batch's parts hold their shares of it.
          loss: loss! * parts.length,
          accuracy: accuracy! * parts.length,
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
    const state = graph.state(names.length + trained.length);
    const named = (keys: string[], from: number): Weights =>
      Object.fromEntries(keys.map((name, i) => [name, state[from + i]!]));
    return { weights: named(names, 0), momenta: named(trained, names.length) };
  }

  function imagesOf(chosen: Int32Array, changes: Random | undefined): tf.Tensor4D {
    const images = data.images(chosen);
    if (!recipe.augmentation || !changes) return images;
    const augmented = augment(images, recipe.augmentation, changes);
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

/**
 * A step as a graph, weights and momenta its state: 0 takes images, labels and rate and gives [loss, accuracy]. For a batch
 * in parts, 0 takes shares instead of the rate and adds the part's gradients up, and 1 takes the rate and uses them.
 */
function graphOf(
  { architecture, shape, recipe: { momentum, weightDecay } }: TrainingTask,
  parts: readonly BatchPart[],
  weights: Weights,
  momenta: Weights,
): CompiledSteps {
  const { height, width, channels } = shape;
  const names = Object.keys(weights);
  const trained = names.filter((name) => !isStatistic(name));
  const length = parts[0]!.places.length;
  const images = tf.zeros([length, height, width, channels]);
  const labels = tf.zeros([length], 'int32');
  const [shares, rate] = [tf.zeros([length]), tf.scalar(0)];
  const sums = parts.length === 1 ? [] : trained.map((name) => tf.zerosLike(weights[name]!));

  const whole: Step = {
    examples: [images, labels, rate],
    fn([images, labels, rate], state, update) {
      const { summary, gradients } = pass(state, images!, labels!, update, tf.mean);
      change(state, gradients, rate!, update);
      return [summary];
    },
  };
  const part: Step = {
    examples: [images, labels, shares],
    fn([images, labels, shares], state, update) {
      const total = (values: tf.Tensor) => tf.sum(tf.mul(values, shares!));
      const { summary, gradients } = pass(state, images!, labels!, update, total);
      sumsIn(state).forEach((sum, i) => {
        accumulate(update, sum, gradients[i]!);
      });
      return [summary];
    },
  };
  const last: Step = {
    examples: [rate],
    fn([rate], state, update) {
      const gradients = sumsIn(state);
      change(state, gradients, rate!, update);
      for (const sum of gradients) assign(update, sum, tf.mul(sum, 0));
      return [rate!];
    },
  };
  const state = [...names.map((name) => weights[name]!), ...trained.map((name) => momenta[name]!), ...sums];
  const graph = compileSteps(parts.length === 1 ? [whole] : [part, last], state);
  tf.dispose([images, labels, shares, rate, sums]);
  return graph;

  function sumsIn(state: tf.Tensor[]): tf.Tensor[] {
    return state.slice(names.length + trained.length);
  }

  /** Forward and back; running statistics move. @param meanOf of one number for each image, over the batch */
  function pass(
    state: tf.Tensor[],
    images: tf.Tensor,
    labels: tf.Tensor,
    update: Update,
    meanOf: (values: tf.Tensor) => tf.Tensor,
  ): { summary: tf.Tensor; gradients: tf.Tensor[] } {
    const all: Weights = Object.fromEntries(names.map((name, i) => [name, state[i]!]));
    // Made beside the loss, so it is kept from the end of its scope.
    let accuracy!: tf.Tensor;
    let statistics: Weights = {};
    const { value: loss, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
      const current = { ...all, ...Object.fromEntries(trained.map((name, i) => [name, values[i]!])) };
      const pass = architecture.trainingLogits?.(current, images as tf.Tensor4D) ?? {
        logits: architecture.logits(current, images as tf.Tensor4D),
        statistics: {},
      };
      accuracy = tf.keep(meanOf(tf.cast(tf.equal(tf.argMax(pass.logits, 1), labels), 'float32')));
      statistics = pass.statistics;
      for (const statistic of Object.values(statistics)) tf.keep(statistic);
      return meanOf(crossEntropy(labels as tf.Tensor1D, pass.logits)) as tf.Scalar;
    })(trained.map((name) => all[name]!));
    for (const [name, value] of Object.entries(statistics)) assign(update, all[name]!, value);
    const summary = tf.stack([loss, accuracy]);
    tf.dispose([accuracy, statistics]);
    return { summary, gradients: grads };
  }

  function change(state: tf.Tensor[], gradients: tf.Tensor[], rate: tf.Tensor, update: Update): void {
    trained.forEach((name, i) => {
      const [weight, gradient] = [state[names.indexOf(name)]!, gradients[i]!];
      const decayed = name.endsWith('kernel') ? tf.add(gradient, tf.mul(weight, weightDecay)) : gradient;
      applyMomentum(update, { weight, momentum: state[names.length + i]! }, decayed, rate, momentum);
    });
  }
}
