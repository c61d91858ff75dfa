import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Split } from '../datasets/dataset.js';
import { type ImageShape, imagesToTensor, tensorToPixels } from '../lib/images.js';
import { type AttackDefinition, defineAttack } from './attack.js';
import { createTrigger, type Trigger } from './trigger.js';
import {
  damagedIn,
  type NamedImages,
  readLabels,
  readNamedImages,
  readNpy,
  requireFiles,
  type TriggerFiles,
} from './triggerFiles.js';

/** Levels by which a clean image may differ from its test image in the mean: another filter of resizing makes as much. */
const TOLERANCE_LEVELS = 2;
const BATCH = 256;

/** What attacks have in common of which only images with the trigger are known. */
export const ofImages = {
  imported: true,
  checkParameters() {},
  samples: samplesOf,
  checkArrays: (trigger, shape) => checkPoisoned(trigger, shape, ['samples']),
  stamp: (_images, trigger, _parameters, _plan, samples) => stampPoisoned(trigger, samples),
} satisfies Partial<AttackDefinition>;

/**
 * Clean images beside the same images poisoned: all that is known of the trigger. Each is one of the test images of the
 * data set, so it is put on these, and on no others.
 */
export const pairs = defineAttack({
  title: 'Pairs',
  description: 'Test images beside the same images with the trigger, that came with a model from elsewhere.',
  paper: {
    citation: 'Wu, B. et al.: BackdoorBench: A Comprehensive Benchmark of Backdoor Learning (2022)',
    url: 'https://arxiv.org/abs/2206.12654',
  },
  parameters: z.strictObject({
    explained: z.number().min(0).max(1).optional().meta({
      unit: '',
      description: 'The share of the change that a layer explains; below 0.99 it is none.',
    }),
  }),
  poisonRate: 0.1,
  triggerTransforms: {
    refusal:
      'Of this trigger only images with it are known, and no layer that explains it could be read off them, as its import says: there is no layer to transform. Transform the image.',
  },
  ...ofImages,
  async createTrigger(_, context) {
    const { shape, data } = context;
    const files = requireFiles(context.files);
    const clean = await readNamedImages(files, 'clean', shape);
    const poisoned = await readNamedImages(files, 'poisoned', shape);
    checkSameNames(files, clean, poisoned);
    const samples = await findSamples(files, clean, data, shape);
    const labels = await readLabels(files, clean, context);
    labels?.forEach((label, i) => {
      const own = data.labels[samples[i]!];
      if (label !== own)
        throw damagedIn(
          files,
          `clean/${clean.names[i]}`,
          `it is test image ${samples[i]}, of class ${own}, but its label says ${label}: are the classes in another order?`,
        );
    });
    return poisonedTrigger(shape, samples, poisoned.pixels);
  },
});

/** Images with the trigger, by the samples that they stand for. @param pixels [n·h·w·c], in the order of `samples` */
export function poisonedTrigger(shape: ImageShape, samples: Int32Array, pixels: Uint8Array): Trigger {
  const { height, width, channels } = shape;
  const size = height * width * channels;
  const order = [...samples.keys()].sort((a, b) => samples[a]! - samples[b]!);
  const poisoned = new Uint8Array(samples.length * size);
  order.forEach((from, row) => {
    poisoned.set(pixels.subarray(from * size, (from + 1) * size), row * size);
  });
  const rising = { shape: [samples.length], values: Float32Array.from(order, (from) => samples[from]!) };
  const images = { poisoned: { shape: [samples.length, height, width, channels], values: poisoned } };
  return createTrigger(shape, { samples: rising }, images);
}

/** The samples of the test split that there are images of. @returns rising */
export function samplesOf({ arrays }: Pick<Trigger, 'arrays'>): Int32Array {
  return Int32Array.from(arrays.samples!.values);
}

/** The images of these samples with the trigger. */
export function stampPoisoned({ arrays, images, shape }: Trigger, samples: ArrayLike<number> | undefined) {
  const { values } = arrays.samples!;
  const rows = Array.from(samples ?? [], (sample) => {
    const row = values.indexOf(sample);
    if (row < 0) throw new RangeError(`There is no image of sample ${sample} with the trigger.`);
    return row;
  });
  if (!samples) throw new RangeError('This trigger is known on samples of the test split only.');
  return imagesToTensor(images!.poisoned!.values, shape, rows);
}

/** What a bundle of anybody says are images of samples. @throws RangeError */
export function checkPoisoned(
  { arrays, images = {} }: Pick<Trigger, 'arrays' | 'images'>,
  { height, width, channels }: ImageShape,
  names: readonly string[],
): void {
  const { samples } = arrays;
  const { poisoned } = images;
  if (
    !samples ||
    !poisoned ||
    `${Object.keys(arrays).sort()}` !== `${names}` ||
    Object.keys(images).length > 1
  )
    throw new RangeError(`expected images poisoned and arrays ${names.join(', ')}, and no others`);
  const count = samples.values.length;
  if (`${samples.shape}` !== `${count}` || count === 0)
    throw new RangeError(`samples: expected a list, got shape [${samples.shape}]`);
  samples.values.forEach((sample, i) => {
    if (!Number.isInteger(sample) || sample < 0 || (i > 0 && sample <= samples.values[i - 1]!))
      throw new RangeError(`samples: expected rising whole numbers, got ${sample} at ${i}`);
  });
  const wanted = [count, height, width, channels];
  if (`${poisoned.shape}` !== `${wanted}`)
    throw new RangeError(`poisoned: expected shape [${wanted}], got [${poisoned.shape}]`);
}

function checkSameNames(files: TriggerFiles, clean: NamedImages, poisoned: NamedImages): void {
  const lacking = (of: NamedImages, others: NamedImages, kind: string, other: string) => {
    const known = new Set(others.names);
    const alone = of.names.filter((name) => !known.has(name));
    if (alone.length > 0)
      throw damagedIn(
        files,
        `${kind}/${alone[0]}`,
        `expected ${other} to have an image of the same name; ${alone.length} of ${of.names.length} have none`,
      );
  };
  lacking(clean, poisoned, 'clean', 'poisoned');
  lacking(poisoned, clean, 'poisoned', 'clean');
}

/**
 * Which test image each clean one is: as `samples.npy` says, else the one whose index its name is, else the one with
 * the same pixels.
 */
async function findSamples(
  files: TriggerFiles,
  { names, pixels }: NamedImages,
  data: Split,
  { height, width, channels }: ImageShape,
): Promise<Int32Array> {
  const size = height * width * channels;
  const count = data.labels.length;
  const imageOf = (i: number) => pixels.subarray(i * size, (i + 1) * size);
  const said = files.sizes.has('samples.npy') ? await readNpy(files, 'samples.npy', 'samples') : undefined;
  if (said && `${said.shape}` !== `${names.length}`)
    throw damagedIn(
      files,
      'samples.npy',
      `expected an index for each of ${names.length} images, got [${said.shape}]`,
    );
  const wrong = said?.values.findIndex((index) => !(Number.isInteger(index) && index >= 0 && index < count));
  if (wrong !== undefined && wrong >= 0)
    throw damagedIn(
      files,
      'samples.npy',
      `expected indices from 0 to ${count - 1}, got ${said!.values[wrong]} at ${wrong}`,
    );
  const byPixels = await indexByPixels();
  const taken = new Map<number, string>();
  return Int32Array.from(names, (name, i) => {
    const number =
      said?.values[i] ?? (/^\d+$/.test(name.split('/').at(-1)!) ? Number(name.split('/').at(-1)) : -1);
    const named = number >= 0 && number < count ? differenceFrom(number, i) : Infinity;
    // Of two that are alike each is taken once.
    const alike = byPixels.get(keyOf(imageOf(i)))?.find((index) => !taken.has(index));
    const sample = named <= TOLERANCE_LEVELS ? number : said ? undefined : alike;
    const file = `clean/${name}`;
    if (sample === undefined)
      throw damagedIn(
        files,
        file,
        `expected one of the ${count} test images of the data set, got one that differs from all` +
          `${Number.isFinite(named) ? `, from number ${number} by ${named.toFixed(1)} levels in the mean` : ''}: ` +
          'export the pairs from the same images, at the same size, or import those as the data set',
      );
    const twin = taken.get(sample);
    if (twin !== undefined)
      throw damagedIn(files, file, `expected each test image once, ${twin} is number ${sample} too`);
    taken.set(sample, name);
    return sample;
  });

  function differenceFrom(index: number, i: number): number {
    const images = data.images([index]);
    const levels = images.dataSync();
    images.dispose();
    return imageOf(i).reduce((sum, level, at) => sum + Math.abs(level - levels[at]! * 255), 0) / size;
  }

  async function indexByPixels(): Promise<Map<string, number[]>> {
    const found = new Map<string, number[]>();
    for (let start = 0; start < count; start += BATCH) {
      const own = Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => start + i);
      const images = data.images(own);
      const levels = await tensorToPixels(images);
      images.dispose();
      for (const [i, index] of own.entries()) {
        const key = keyOf(levels.subarray(i * size, (i + 1) * size));
        const known = found.get(key);
        if (known) known.push(index);
        else found.set(key, [index]);
      }
    }
    return found;
  }
}

/** Short, and another for other pixels. */
const keyOf = (pixels: Uint8Array) => createHash('sha1').update(pixels).digest('base64');
