import { setImmediate } from 'node:timers/promises';
import { tf } from '../../lib/backend.js';
import { TrojanscopeError, throwIfAborted } from '../../lib/errors.js';
import { tensorToPixels } from '../../lib/images.js';
import type { Random } from '../../lib/random.js';
import { adamRates } from './adam.js';
import { initialiseDiscriminator, SMALLEST_SIDE_PX } from './discriminator.js';
import { type GeneratorSize, generate, initialiseGenerator, type Weights } from './generator.js';
import { createImagePool, type ImagePool } from './imagePool.js';
import { compileTrainStep, fresh, type LossWeights, type Networks, type Trained } from './trainStep.js';

/** Images to learn from. */
export interface ImageSource {
  count: number;
  /** @returns images `indices` as [n,s,s,c] in [0,1], the caller's to dispose */
  images(indices: Int32Array): tf.Tensor4D;
}

export interface CycleGanTask extends GeneratorSize {
  content: ImageSource;
  style: ImageSource;
  /** s, a multiple of 4, 24 or more. */
  sizePx: number;
  steps: number;
  /** Images of each kind in a step. */
  batchSize: number;
  /** Filters of the discriminators' first convolution. */
  judgeChannels: number;
  learningRate: number;
  lossWeights: LossWeights;
  random: Random;
  /** Where an earlier run got to; its tensors become the loop's. */
  resume?: CycleGanCheckpoint;
  /** Between checkpoints; 60 by default. */
  checkpointSeconds?: number;
  signal?: AbortSignal;
}

export interface CycleGanReport {
  step: number;
  steps: number;
  /** Averages since the last report. */
  losses: { generator: number; discriminator: number; cycle: number; identity: number };
  /** Now and then: rows of content | styled | reconstructed, 8-bit RGB [height,width,3]. */
  samplePicture?: SamplePicture;
  /** Now and then: all that is needed to go on from here. The tensors are the loop's own: save, do not keep. */
  checkpoint?: CycleGanCheckpoint;
}

export interface SamplePicture {
  height: number;
  width: number;
  pixels: Uint8Array;
}

export interface CycleGanCheckpoint {
  step: number;
  networks: Networks;
  /** [k,s,s,c] in [−1,1] of made images; absent while there is none. */
  pools: { content?: tf.Tensor4D; style?: tf.Tensor4D };
}

/** Zhu et al. 2017, section 4. */
const POOL_IMAGES = 50;
const REPORTS = 200;
/** A sample picture in so many reports, and its rows. */
const SAMPLE_EVERY = 10;
const SAMPLES = 6;

/**
 * Trains a CycleGAN (Zhu et al. 2017, arXiv:1703.10593): two generators that translate between content and style and
 * back, two discriminators that tell made images from real ones. Least-squares adversarial loss, cycle and identity
 * loss, Adam; the rate falls to 0 over the second half. Every step draws from its own streams, so a run that resumes
 * ends as one that was never interrupted.
 * @returns the weights of the generator from content to style, the caller's to dispose
 * @throws TrojanscopeError ABORTED within a step of the signal; BAD_USER_INPUT where images do not fit
 */
export async function* trainCycleGan(task: CycleGanTask): AsyncGenerator<CycleGanReport, Weights> {
  const { content, style, sizePx, channels, steps, batchSize, random, signal } = task;
  if (sizePx < SMALLEST_SIDE_PX || sizePx % 4 !== 0) {
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `A CycleGAN needs sides of ${SMALLEST_SIDE_PX} px or more, a multiple of 4; got ${sizePx}.`,
    );
  }
  const shape: [number, number, number, number] = [batchSize, sizePx, sizePx, channels];
  const reportEvery = Math.max(1, Math.floor(steps / REPORTS));
  let networks = task.resume?.networks ?? initialise(task);
  const pools = {
    content: createImagePool(POOL_IMAGES, task.resume?.pools.content),
    style: createImagePool(POOL_IMAGES, task.resume?.pools.style),
  };
  const graphs = compileTrainStep(networks, shape, task.lossWeights);
  const shown = content.images(draw(content.count, SAMPLES, random.fork('samples')));
  let finished = false;
  let pending: tf.Tensor[] = [];
  let lastCheckpoint = Date.now();

  try {
    for (let step = task.resume?.step ?? 0; step < steps; step++) {
      // Lets messages in, an abort among them: the step itself blocks this thread.
      await setImmediate();
      throwIfAborted(signal);
      const own = random.fork(`step ${step}`);
      const real = {
        content: content.images(draw(content.count, batchSize, own.fork('content'))),
        style: style.images(draw(style.count, batchSize, own.fork('style'))),
      };
      const rates = tf.tensor1d(adamRates(rateAt(step, steps, task.learningRate), step + 1));
      const generators = graphs.generators(real.content, real.style, rates, networks);
      disposeTrained(networks.toStyle, networks.toContent);
      networks = { ...networks, toStyle: generators.toStyle, toContent: generators.toContent };
      const made = {
        content: pools.content.exchange(generators.made.content, own.fork('content pool')),
        style: pools.style.exchange(generators.made.style, own.fork('style pool')),
      };
      const judges = graphs.discriminators(real, made, rates, networks);
      disposeTrained(networks.styleJudge, networks.contentJudge);
      networks = { ...networks, styleJudge: judges.styleJudge, contentJudge: judges.contentJudge };
      pending.push(tf.tidy(() => tf.concat([generators.summary, tf.reshape(judges.summary, [1])])));
      tf.dispose([real.content, real.style, made.content, made.style, rates]);
      tf.dispose([generators.summary, judges.summary]);
      const done = step + 1;
      if (done % reportEvery !== 0 && done !== steps) continue;

      const [generator, cycle, identity, discriminator] = await meanOf(pending);
      pending = [];
      const report: CycleGanReport = {
        step: done,
        steps,
        losses: { generator: generator!, discriminator: discriminator!, cycle: cycle!, identity: identity! },
      };
      if (done % (SAMPLE_EVERY * reportEvery) === 0 || done === steps) {
        report.samplePicture = await drawSamples(shown, networks);
      }
      const due = Date.now() - lastCheckpoint >= 1000 * (task.checkpointSeconds ?? 60);
      const checkpoint = due && done < steps ? snapshot(done, networks, pools) : undefined;
      try {
        yield { ...report, checkpoint };
      } finally {
        if (checkpoint) tf.dispose(Object.values(checkpoint.pools));
      }
      if (checkpoint) lastCheckpoint = Date.now();
    }
    finished = true;
    return networks.toStyle.weights;
  } finally {
    graphs.dispose();
    pools.content.dispose();
    pools.style.dispose();
    tf.dispose([shown, pending]);
    if (finished) tf.dispose([networks.toStyle.first, networks.toStyle.second]);
    else disposeTrained(networks.toStyle);
    disposeTrained(networks.toContent, networks.styleJudge, networks.contentJudge);
  }
}

/** Full for the first half, then down to 0 in a line (Zhu et al. 2017, section 4). */
export const rateAt = (step: number, steps: number, rate: number): number =>
  rate * Math.min(1, 2 * (1 - step / steps));

function initialise(task: CycleGanTask): Networks {
  const { channels, judgeChannels, random } = task;
  return {
    toStyle: fresh(initialiseGenerator(task, random.fork('to style'))),
    toContent: fresh(initialiseGenerator(task, random.fork('to content'))),
    styleJudge: fresh(initialiseDiscriminator(channels, judgeChannels, random.fork('style judge'))),
    contentJudge: fresh(initialiseDiscriminator(channels, judgeChannels, random.fork('content judge'))),
  };
}

const draw = (count: number, many: number, random: Random) =>
  Int32Array.from({ length: many }, () => random.integer(count));

const disposeTrained = (...networks: Trained[]) =>
  tf.dispose(networks.map(({ weights, first, second }) => [weights, first, second]));

const snapshot = (
  step: number,
  networks: Networks,
  pools: { content: ImagePool; style: ImagePool },
): CycleGanCheckpoint => ({
  step,
  networks,
  pools: { content: pools.content.contents(), style: pools.style.contents() },
});

async function meanOf(summaries: tf.Tensor[]): Promise<Float32Array> {
  const mean = tf.tidy(() => tf.mean(tf.stack(summaries), 0));
  const values = (await mean.data()) as Float32Array;
  tf.dispose([mean, ...summaries]);
  return values;
}

/** A row for each image: itself, in the style, and brought back. */
async function drawSamples(images: tf.Tensor4D, { toStyle, toContent }: Networks): Promise<SamplePicture> {
  const [count, side, , channels] = images.shape;
  const picture = tf.tidy(() => {
    const styled = generate(toStyle.weights, images);
    const columns = tf.concat([images, styled, generate(toContent.weights, styled)], 2);
    const coloured = channels === 3 ? columns : tf.tile(columns, [1, 1, 1, 3]);
    return tf.reshape(coloured, [count * side, 3 * side, 3]);
  });
  const pixels = await tensorToPixels(picture);
  picture.dispose();
  return { height: count * side, width: 3 * side, pixels };
}
