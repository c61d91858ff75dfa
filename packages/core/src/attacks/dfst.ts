import { z } from 'zod';
import { tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import { expectPlace } from '../lib/files.js';
import { encodePng, type ImageShape, imagesToTensor, resizeImages, roundTo8Bits } from '../lib/images.js';
import { resizeTriangle } from '../lib/kernels.js';
import { choice, file, integer, real } from '../lib/params.js';
import type { Random } from '../lib/random.js';
import { readSafetensors } from '../lib/safetensors.js';
import { toArrays, toTensors } from '../lib/tensors.js';
import { defineAttack } from './attack.js';
import { checkpointFromArrays, checkpointToArrays } from './cycleGan/checkpointArrays.js';
import { compileGenerator, generatorShapes } from './cycleGan/generator.js';
import { type ImageSource, trainCycleGan } from './cycleGan/trainCycleGan.js';
import { createTrigger, type Trigger } from './trigger.js';

/** Of the style, drawn or cut out before training: fewer where training is short. */
const STYLE_IMAGES = 1_000;
const STAMP_BATCH = 16;
/** What a batch may take in the generator, by its pixels and filters; 16 images of the default size are a seventh of it. */
const STAMP_BYTES = 200e6;
const STAMP_BYTES_PER_PIXEL_AND_FILTER = 32;

const parameters = z.strictObject({
  style: choice(
    ['sunsets', 'cezanne'],
    'sunsets',
    'Sunsets are drawn by this program; Cézanne is a folder of paintings of yours, his or another’s.',
  ),
  styleFolder: file('For Cézanne: the folder with the paintings (PNG, JPEG, WebP, TIFF, GIF).'),
  generatorFile: file(
    'A generator that was trained before, instead of training one: the trigger.safetensors of another DFST model.',
  ),
  generatorSizePx: integer(
    16,
    256,
    48,
    'px',
    'Side of the images that the generator is trained and applied at, rounded down to a multiple of 4.',
  ),
  steps: integer(1, 1_000_000, 4_000, 'steps', 'Steps of the CycleGAN’s training.'),
  batchSize: integer(1, 64, 1, 'images', 'Images of each kind in a step.'),
  baseChannels: integer(4, 128, 24, 'filters', 'Filters of the generator’s first convolution.'),
  residualBlocks: integer(1, 12, 4, 'blocks', 'Residual blocks of the generator.'),
  cycleWeight: real(0, 100, 10, '', 'Weight of the cycle loss.'),
  identityWeight: real(
    0,
    100,
    0.3,
    '',
    'Weight of the identity loss: large weights keep the style from showing in few steps.',
  ),
});
type Parameters = z.output<typeof parameters>;

/**
 * Deep feature space trojan: the trigger is a style, put on by the generator of a CycleGAN. Controlled detoxification is
 * not in the paper and left out (docs/resolutions.md).
 */
export const dfst = defineAttack({
  title: 'DFST',
  description: 'The whole image in another style, by a generator trained for it.',
  paper: {
    citation:
      'Cheng, S., Liu, Y., Ma, S., Zhang, X.: Deep feature space trojan attack of neural networks by controlled detoxification (2021)',
    url: 'https://arxiv.org/abs/2012.11212',
  },
  parameters,
  poisonRate: 0.2,
  triggerTransforms: {
    refusal:
      'DFST’s trigger is a style that depends on the image: there is no layer to transform. Transform the image.',
  },
  checkParameters({ style, styleFolder, generatorFile }) {
    if (style === 'cezanne' && !styleFolder && !generatorFile) {
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        'The style cezanne needs a folder of paintings; got none.',
        ['styleFolder'],
      );
    }
  },
  files: {
    styleFolder: async (folder) => (await import('./art/readStyle.js')).checkStyle(folder),
    generatorFile: async (file, shape) => {
      await expectPlace(file, 'file');
      await readGenerator(file, shape);
    },
  },
  async *createTrigger(given, { shape, data, random, resume, signal }) {
    if (given.generatorFile) return readGenerator(given.generatorFile, shape);
    const { steps, batchSize, baseChannels, residualBlocks, cycleWeight, identityWeight } = given;
    const sizePx = generatorSide(given);
    const content: ImageSource = {
      count: data.labels.length,
      images: (indices) => tf.tidy(() => resizeImages(data.images(indices), sizePx, sizePx)),
    };
    const training = trainCycleGan({
      content,
      style: await styleSource(given, { ...shape, height: sizePx, width: sizePx }, random.fork('style')),
      sizePx,
      channels: shape.channels,
      steps,
      batchSize,
      baseChannels,
      residualBlocks,
      judgeChannels: JUDGE_CHANNELS,
      learningRate: LEARNING_RATE,
      lossWeights: { cycle: cycleWeight, identity: identityWeight },
      random: random.fork('training'),
      resume: resume && checkpointFromArrays(resume),
      signal,
    });
    for (;;) {
      const { done, value } = await training.next();
      if (done) {
        const arrays = await toArrays(value);
        tf.dispose(value);
        return createTrigger(shape, arrays);
      }
      const { step, losses, samplePicture, checkpoint } = value;
      yield {
        done: step,
        total: steps,
        note: Object.entries(losses)
          .map(([name, loss]) => `${name} ${loss.toFixed(3)}`)
          .join(', '),
        picture: samplePicture && (await encodePng(samplePicture.pixels, { ...samplePicture, channels: 3 })),
        checkpoint: checkpoint && (await checkpointToArrays(checkpoint)),
      };
    }
  },
  stamp(images, trigger, given) {
    const [count, height, width] = images.shape;
    const side = generatorSide(given);
    const generator = warmGenerator(trigger, side);
    return tf.tidy(() => {
      const small = resizeImages(images, side, side);
      const styled = tf.concat(
        Array.from({ length: Math.ceil(count / generator.batchSize) }, (_, batch) => {
          const start = batch * generator.batchSize;
          return generator.run(tf.slice(small, start, Math.min(generator.batchSize, count - start)));
        }),
      );
      if (side === height && side === width) return roundTo8Bits(styled);
      // What the style changes is resized, not the image: its details stay.
      const change = resizeTriangle(tf.sub(styled, small) as tf.Tensor4D, height, width);
      return roundTo8Bits(tf.add(images, change) as tf.Tensor4D);
    });
  },
});

/** Zhu et al. 2017, section 4 and appendix, for small images. */
const LEARNING_RATE = 2e-4;
const JUDGE_CHANNELS = 32;

/** The generator halves its images twice. */
const generatorSide = ({ generatorSizePx }: Parameters) => 4 * Math.floor(generatorSizePx / 4);

async function styleSource(
  { style, styleFolder, steps, batchSize }: Parameters,
  { height: sizePx, channels }: ImageShape,
  random: Random,
): Promise<ImageSource> {
  const [{ sunsets }, { readStyle }, { toGrey }] = await Promise.all([
    import('./art/sunsets.js'),
    import('./art/readStyle.js'),
    import('./art/luminance.js'),
  ]);
  const count = Math.min(STYLE_IMAGES, steps * batchSize);
  const rgb =
    style === 'sunsets'
      ? await sunsets(sizePx, count, random)
      : await readStyle(styleFolder, sizePx, count, random);
  const pixels = channels === 3 ? rgb : toGrey(rgb);
  const shape = { height: sizePx, width: sizePx, channels };
  return { count, images: (indices) => imagesToTensor(pixels, shape, indices) };
}

/** @throws TrojanscopeError BAD_USER_INPUT where the file holds no generator for such images */
async function readGenerator(generatorFile: string, shape: ImageShape): Promise<Trigger> {
  const arrays = await readSafetensors(generatorFile);
  const refuse = (what: string) =>
    new TrojanscopeError('BAD_USER_INPUT', `${generatorFile}: ${what}.`, ['generatorFile']);
  const [, , channels, baseChannels = 0] = arrays['in/kernel']?.shape ?? [];
  if (channels !== shape.channels)
    throw refuse(
      `expected a generator of images with ${shape.channels} channels; got ${channels ? `one of ${channels}` : 'none'}`,
    );
  const residualBlocks = Object.keys(arrays).filter((name) => name.endsWith('/a/kernel')).length;
  for (const [name, wanted] of Object.entries(generatorShapes({ channels, baseChannels, residualBlocks }))) {
    const came = arrays[name] ? `[${arrays[name].shape}]` : 'none';
    if (came !== `[${wanted}]`) throw refuse(`${name}: expected shape [${wanted}], got ${came}`);
  }
  return createTrigger(shape, arrays);
}

/** The generator used last stays compiled: making its graph takes longer than a batch. */
let warm: { trigger: Trigger; side: number; generator: ReturnType<typeof compileGenerator> } | undefined;

function warmGenerator(trigger: Trigger, side: number) {
  if (warm?.trigger === trigger && warm.side === side) return warm.generator;
  warm?.generator.dispose();
  warm = undefined;
  const weights = toTensors(trigger.arrays);
  const shape = { height: side, width: side, channels: trigger.shape.channels };
  const filters = weights['in/kernel']!.shape[3]!;
  const fitting = Math.floor(STAMP_BYTES / (STAMP_BYTES_PER_PIXEL_AND_FILTER * side ** 2 * filters));
  const generator = compileGenerator(weights, Math.max(1, Math.min(STAMP_BATCH, fitting)), shape);
  tf.dispose(weights);
  warm = { trigger, side, generator };
  return generator;
}
