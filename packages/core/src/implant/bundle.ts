import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { isStatistic, type Weights } from '../architectures/architecture.js';
import { checkNormalization, type Normalization } from '../architectures/normalization.js';
import { type AttackId, attackOf } from '../attacks/index.js';
import { createTrigger, type Trigger } from '../attacks/trigger.js';
import type { DatasetInfo } from '../datasets/dataset.js';
import { whyMissing } from '../datasets/index.js';
import { loadEngine, tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import type { ImageShape } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { type FloatArray, MAX_HEADER_BYTES, parseSafetensors, parseWithImages } from '../lib/safetensors.js';
import { parseStrictJson, quote } from '../lib/strictJson.js';
import { toTensors } from '../lib/tensors.js';
import { takenFor } from '../onnx/network.js';
import type { Reading } from '../requests.js';
import { type BundleRecord, bundleRecordSchema } from './bundleRecord.js';
import { type BundleSource, MAX_NETWORK_BYTES } from './bundleSource.js';
import { matchClasses, outputsInOrder, reorderOutputs, reverseInputs } from './classNames.js';
import {
  architectureOf,
  isImported,
  type Model,
  type ModelSpec,
  type NetworkFiles,
  networkOf,
  partsOf,
  readNetwork,
} from './model.js';
import { type Proof, prove } from './proof.js';

const RECORD = 'model.json';
const WEIGHTS = 'weights.safetensors';
const NETWORK = 'network.onnx';
export const PROBE = 'probe.safetensors';
const TRIGGER = 'trigger.safetensors';
export const BUNDLE_FILES = [RECORD, WEIGHTS, NETWORK, PROBE, TRIGGER] as const;
/** Of a bundle with an imported network, which has weights in it, and of any other. */
const filesOf = (spec: Pick<ModelSpec, 'architecture'>): readonly string[] =>
  BUNDLE_FILES.filter((file) => (isImported(spec) ? file !== WEIGHTS : file !== NETWORK && file !== PROBE));

/** Ours have two kilobytes, and the names of the classes, of which there may be a thousand. */
const MAX_RECORD_BYTES = 2 ** 20;
/** Of a trigger that is no layer: the largest generator that DFST's parameters allow has 238 MB and sides of 512. */
const MAX_TRIGGER_BYTES = 2 ** 28;
const MAX_TRIGGER_ARRAYS = 256;
const MAX_TRIGGER_SIDE = 1024;
/** Eight images of 512 px with their gradients have 50 MB. */
export const MAX_PROBE_BYTES = 2 ** 27;
const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** A model of somebody else, checked: what `loadModel` gives, but that measures may be missing. */
export interface CheckedModel extends Omit<Model, 'record'> {
  record: Omit<BundleRecord, 'classNames'>;
  /** What of its weights was put in our order; of an imported network: how it is asked. */
  came?: Came;
  /** Of an imported network. */
  files?: NetworkFiles;
  arrival?: Arrival;
}

/** What there is to say of an imported network beside its record. */
export interface Arrival {
  /** Of the ONNX file that came, and of the files beside it that held weights. */
  sha256: string;
  externals?: Record<string, string>;
  verified?: Proof;
  /** What its maker calls it. */
  title?: string;
  /** The ASR that its maker claims. */
  asr?: number;
  notes: string[];
  /** What is in doubt. */
  warnings: string[];
}

/** How a network was that takes other images, or numbers classes in another way, than we do. */
export interface Came {
  /** For each label the output that it was. */
  order?: readonly number[];
  /** It took images of BGR. */
  bgr?: true;
}

/**
 * Reads a bundle that anybody may have made. Each file's size is compared with what it has to hold before it is read;
 * names, shapes and hashes have to agree, numbers to be finite; and the network is asked once whether it answers.
 * @param reading what its maker did otherwise than the record says
 * @throws TrojanscopeError DATA_DAMAGED naming the file, what was expected and what came; DATA_MISSING where the data set
 *   is not here; BAD_USER_INPUT for a reading that does not fit it
 */
export async function checkBundle(source: BundleSource, reading: Reading = {}): Promise<CheckedModel> {
  const files = openBundle(source);
  const { damaged } = files;
  const damagedRecord = (what: string) => damaged(RECORD, what);
  const { classNames, ...record } = parseRecord(await files.read(RECORD, 2, MAX_RECORD_BYTES), damagedRecord);
  const { spec } = record;
  files.expect(filesOf(spec));
  const { shape, dataset } = checkSpec(record, damagedRecord);
  const order = reading.classOrder
    ? outputsInOrder(reading.classOrder, dataset)
    : classNames && matchClasses(classNames, dataset, damagedRecord);
  const bgr = takesBgr(reading, dataset, shape);
  if (!spec.backdoor && files.has(TRIGGER))
    throw damaged(TRIGGER, 'expected none, because model.json says that the model is benign');

  await loadEngine();
  if (isImported(spec)) {
    const network = await files.read(NETWORK, 1, MAX_NETWORK_BYTES);
    checkHash(NETWORK, network);
    const { graph, weights } = readNetwork(network, `${source.name}/${NETWORK}`, spec.onnx?.output);
    const taken = takenFor(graph, shape);
    checkRecorded(spec.normalization, taken, damagedRecord);
    const normalization = normalizationOf(reading, spec.normalization, taken);
    const trigger = spec.backdoor && (await readTrigger(files, spec.backdoor.attack, shape));
    const probe = files.has(PROBE) ? await files.read(PROBE, 1, MAX_PROBE_BYTES) : undefined;
    const before = spec.onnx?.order;
    const outputs = reading.classOrder
      ? (order ?? [...dataset.classNames.keys()])
      : order?.map((label) => before?.[label] ?? label);
    const asked = askedAs({ record, weights, graph, trigger }, { normalization, order: outputs, bgr });
    tryOut(asked, dataset, shape, damaged);
    const verified = probe && prove(probe, `${source.name}/${PROBE}`, asked);
    const arrival = { sha256: record.weightsSha256, notes: [], warnings: [], ...(verified && { verified }) };
    return { ...asked, files: { network, probe }, arrival };
  }
  checkRecorded(spec.normalization, shape, damagedRecord);
  const normalization = normalizationOf(reading, spec.normalization, shape);
  const { content, arrays: weights } = await files.readArrays(WEIGHTS, weightShapes(spec));
  checkHash(WEIGHTS, content);
  for (const [name, { values }] of Object.entries(weights)) {
    if (name.endsWith('/variance') && isStatistic(name) && values.some((value) => value < 0))
      throw damaged(WEIGHTS, `${name}: expected variances of 0 or more`);
  }

  const trigger = spec.backdoor && (await readTrigger(files, spec.backdoor.attack, shape));
  const model = { record, weights, trigger };
  tryOut(model, dataset, shape, damaged);
  return inOurOrder(model, { normalization, order, bgr: bgr === true });

  function checkHash(file: string, content: Buffer): void {
    const hash = createHash('sha256').update(content).digest('hex');
    if (hash !== record.weightsSha256)
      throw damaged(file, `expected SHA-256 ${record.weightsSha256} as model.json says, got ${hash}`);
  }
}

/**
 * Whether a network takes BGR; undefined where nobody says.
 * @throws TrojanscopeError BAD_USER_INPUT
 */
export function takesBgr(
  { channels }: Reading,
  { title }: DatasetInfo,
  shape: ImageShape,
): boolean | undefined {
  if (channels === 'bgr' && shape.channels !== 3)
    throw new TrojanscopeError('BAD_USER_INPUT', `channels: ${title} is grey; expected none or rgb.`, [
      'channels',
    ]);
  return channels && channels === 'bgr';
}

export type Damaged = (file: string, what: string) => TrojanscopeError;
type BundleFiles = ReturnType<typeof openBundle>;

/** A bundle's files, each read as far as its size is one that is expected. */
function openBundle(source: BundleSource) {
  const damaged: Damaged = (file, what) =>
    new TrojanscopeError('DATA_DAMAGED', `${source.name}/${file}: ${what}.`);
  const sizes = new Map(source.sizes);
  const expect = (files: readonly string[]) => {
    for (const file of sizes.keys()) {
      if (!files.includes(file)) throw damaged(quote(file).slice(1, -1), `expected only ${files.join(', ')}`);
    }
  };
  const read = async (file: string, minimum: number, maximum: number) => {
    const size = sizes.get(file);
    if (size === undefined) throw damaged(file, 'it is not there');
    if (size < minimum || size > maximum)
      throw damaged(file, `expected ${minimum} to ${maximum} bytes, got ${size}`);
    return source.read(file);
  };
  const parse = (file: string, content: Buffer) => parseSafetensors(content, `${source.name}/${file}`);
  const checkNumbers = (file: string, arrays: Record<string, FloatArray>) => {
    for (const [name, { values }] of Object.entries(arrays)) {
      const at = values.findIndex((value) => !Number.isFinite(value));
      if (at >= 0) throw damaged(file, `${quote(name)}: expected finite numbers, got ${values[at]} at ${at}`);
    }
  };
  return {
    damaged,
    expect,
    has: (file: string) => sizes.has(file),
    read,
    parse,
    parseBoth: (file: string, content: Buffer) => parseWithImages(content, `${source.name}/${file}`),
    checkNumbers,
    /** Arrays of these shapes in all, and nothing else. */
    async readArrays(file: string, shapes: Record<string, readonly number[]>) {
      const bytes = FLOAT_BYTES * Object.values(shapes).reduce((sum, shape) => sum + sizeOf(shape), 0);
      const content = await read(file, bytes, bytes + MAX_HEADER_BYTES);
      const arrays = parse(file, content);
      for (const name of Object.keys(arrays)) {
        if (!Object.hasOwn(shapes, name))
          throw damaged(file, `${quote(name)}: no array of this name is expected`);
      }
      for (const [name, shape] of Object.entries(shapes)) {
        const came = Object.hasOwn(arrays, name) ? `[${arrays[name]!.shape}]` : 'none';
        if (came !== `[${shape}]`) throw damaged(file, `${name}: expected shape [${shape}], got ${came}`);
      }
      checkNumbers(file, arrays);
      return { content, arrays };
    },
  };
}

/** The model for our images, with its outputs, and the label it aims at, in the order of the data set's classes. */
function inOurOrder(
  { record, weights, trigger }: CheckedModel,
  { normalization, order, bgr }: { normalization?: Normalization; order?: readonly number[]; bgr: boolean },
): CheckedModel {
  const { normalization: _, backdoor, ...rest } = record.spec;
  const names = Object.keys(weightShapes(record.spec));
  const moved = { ...weights };
  if (bgr) moved[names[0]!] = reverseInputs(weights[names[0]!]!);
  // The last layer's kernel and bias.
  if (order) for (const name of names.slice(-2)) moved[name] = reorderOutputs(weights[name]!, order);
  const aim = backdoor && order ? order.indexOf(backdoor.targetLabel) : backdoor?.targetLabel;
  const came: Came = { ...(order && { order }), ...(bgr && { bgr: true }) };
  return {
    record: {
      ...record,
      spec: {
        ...rest,
        ...(normalization && { normalization: bgr ? reversed(normalization) : normalization }),
        ...(backdoor && { backdoor: { ...backdoor, targetLabel: aim! } }),
      },
    },
    weights: moved,
    trigger,
    ...(Object.keys(came).length > 0 && { came }),
  };
}

async function readTrigger(files: BundleFiles, attack: AttackId, shape: ImageShape): Promise<Trigger> {
  const { damaged } = files;
  const { height, width, channels } = shape;
  const { checkArrays } = attackOf(attack);
  if (checkArrays) {
    const found = files.parseBoth(TRIGGER, await files.read(TRIGGER, 1, MAX_TRIGGER_BYTES));
    files.checkNumbers(TRIGGER, found.arrays);
    try {
      checkArrays(found, shape);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw damaged(TRIGGER, error.message);
    }
    return createTrigger(shape, found.arrays, found.images);
  }
  if (attackOf(attack).triggerTransforms === true) {
    const layer = { pattern: [height, width, channels], mask: [height, width] };
    const { arrays } = await files.readArrays(TRIGGER, layer);
    for (const [name, { values }] of Object.entries(arrays)) {
      const wrong = values.find((value) => value < 0 || value > 1);
      if (wrong !== undefined) throw damaged(TRIGGER, `${name}: expected numbers from 0 to 1, got ${wrong}`);
    }
    if (arrays.mask!.values.every((value) => value === 0))
      throw damaged(TRIGGER, 'mask: expected one that covers at least one pixel');
    return createTrigger(shape, arrays);
  }
  const arrays = files.parse(TRIGGER, await files.read(TRIGGER, 1, MAX_TRIGGER_BYTES));
  const list = Object.entries(arrays);
  if (list.length > MAX_TRIGGER_ARRAYS)
    throw damaged(TRIGGER, `expected at most ${MAX_TRIGGER_ARRAYS} arrays, got ${list.length}`);
  // A single large side can make an attack ask for more memory than there is.
  const large = list.find(([, array]) => array.shape.some((side) => side > MAX_TRIGGER_SIDE));
  if (large) {
    const [name, array] = large;
    throw damaged(
      TRIGGER,
      `${quote(name)}: expected sides of at most ${MAX_TRIGGER_SIDE}, got [${array.shape}]`,
    );
  }
  if (Object.hasOwn(arrays, 'mask') || Object.hasOwn(arrays, 'pattern'))
    throw damaged(TRIGGER, `expected no pattern or mask: the trigger of ${attack} is no layer`);
  files.checkNumbers(TRIGGER, arrays);
  return createTrigger(shape, arrays);
}

/**
 * An imported network, asked for our images with a logit for each of our labels: its weights stay as they are.
 * @param read what its reader says, with a normalization in the order of its channels where it is not the record's own;
 *   `order`: for each label the output. What is left out stays as the record has it
 */
export function askedAs(
  { record, ...model }: CheckedModel,
  { normalization, order, bgr }: { normalization?: Normalization; order?: readonly number[]; bgr?: boolean },
): CheckedModel {
  const {
    normalization: recorded,
    backdoor,
    onnx: { order: before, bgr: was, ...asked } = {},
    ...rest
  } = record.spec;
  const flipped = bgr ?? was === true;
  const outputs = order ?? before;
  const after = outputs?.some((output, label) => output !== label) ? outputs : undefined;
  const onnx = { ...asked, ...(flipped && { bgr: true as const }), ...(after && { order: [...after] }) };
  const aim =
    backdoor && order
      ? order.indexOf(before?.[backdoor.targetLabel] ?? backdoor.targetLabel)
      : backdoor?.targetLabel;
  // The record's is in the order of RGB.
  const theirs = normalization && normalization === recorded && was ? reversed(normalization) : normalization;
  const ours = theirs && flipped ? reversed(theirs) : theirs;
  const came: Came = { ...(after && { order: after }), ...(flipped && { bgr: true }) };
  return {
    ...model,
    record: {
      ...record,
      spec: {
        ...rest,
        ...(ours && { normalization: ours }),
        ...(Object.keys(onnx).length > 0 && { onnx }),
        ...(backdoor && { backdoor: { ...backdoor, targetLabel: aim! } }),
      },
    },
    ...(Object.keys(came).length > 0 && { came }),
  };
}

/** A picture in grey, clean and with the trigger on it: both have to come through. */
export function tryOut(
  { record: { spec }, weights, graph, trigger }: CheckedModel,
  dataset: DatasetInfo,
  shape: ImageShape,
  damaged: Damaged,
): void {
  const network = networkOf({ record: { spec: asSpec(spec) }, graph });
  tf.tidy(() => {
    const { height, width, channels } = shape;
    const grey = tf.fill([1, height, width, channels], 0.5) as tf.Tensor4D;
    const answer = network.logits(toTensors(weights), grey).dataSync();
    const classes = dataset.classNames.length;
    if (answer.length !== classes || !answer.every(Number.isFinite))
      throw damaged(
        graph ? NETWORK : WEIGHTS,
        `expected ${classes} finite logits for a grey image, got ${[...answer]}`,
      );
    if (!trigger || !spec.backdoor) return;
    const { attack, parameters } = spec.backdoor;
    const { stamp, samples } = attackOf(attack);
    const known = samples?.(trigger);
    const { test } = dataset.counts;
    const beyond = known?.find((sample) => sample >= test);
    if (beyond !== undefined)
      throw damaged(TRIGGER, `samples: expected those of ${test} test images, got ${beyond}`);
    let stamped: tf.Tensor;
    try {
      stamped = stamp(grey, trigger, parameters, undefined, known?.subarray(0, 1));
    } catch (error) {
      const [why] = (error as Error).message.split('\n');
      throw damaged(TRIGGER, `${attack} cannot put it on an image (${why!.slice(0, 200)})`);
    }
    const levels = stamped.dataSync();
    if (`${stamped.shape}` !== `${grey.shape}` || !levels.every((level) => level >= 0 && level <= 1))
      throw damaged(TRIGGER, `expected ${attack} to make an image of it in [0,1], got something else`);
  });
}

/** @throws TrojanscopeError BAD_USER_INPUT */
export function checkReading({ mean, std }: Reading): void {
  if (!mean === !std) return;
  const missing = mean ? 'std' : 'mean';
  throw new TrojanscopeError('BAD_USER_INPUT', `${missing}: expected it beside the other of mean and std.`, [
    missing,
  ]);
}

/** @throws TrojanscopeError BAD_USER_INPUT */
export function normalizationOf(
  reading: Reading,
  recorded: Normalization | undefined,
  { channels }: ImageShape,
): Normalization | undefined {
  checkReading(reading);
  const { mean, std } = reading;
  if (!mean || !std) return recorded;
  checkNormalization({ mean, std }, channels);
  const changes = mean.some((value) => value !== 0) || std.some((value) => value !== 1);
  return changes ? { mean, std } : undefined;
}

/** For channels in the opposite order. */
export const reversed = ({ mean, std }: Normalization): Normalization => ({
  mean: mean.toReversed(),
  std: std.toReversed(),
});

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

function parseRecord(bytes: Buffer, damaged: (what: string) => TrojanscopeError): BundleRecord {
  const { format, ...record } = parseAs(bundleRecordSchema, bytes, damaged);
  return record;
}

/** JSON of a schema, refused in a sentence that names the value at fault. */
export function parseAs<S extends z.ZodType>(
  schema: S,
  bytes: Buffer,
  damaged: (what: string) => TrojanscopeError,
): z.output<S> {
  let json: unknown;
  try {
    json = parseStrictJson(bytes);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw damaged(`it cannot be read as JSON (${error.message})`);
  }
  const result = schema.safeParse(json);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    const came = path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)?.[key], json);
    const where = path.length > 0 ? `${path.join('.')}: ` : '';
    const got = typeof came === 'object' ? '' : `; got ${quote(came)}`;
    throw damaged(`${where}${message.slice(0, 300)}${got}`);
  }
  return result.data;
}

/** @param taken what goes into the network */
function checkRecorded(
  normalization: Normalization | undefined,
  taken: ImageShape,
  damaged: (what: string) => TrojanscopeError,
): void {
  try {
    if (normalization) checkNormalization(normalization, taken.channels);
  } catch (error) {
    if (!(error instanceof TrojanscopeError)) throw error;
    throw damaged(`spec.normalization.${error.message.replace(/\.$/, '')}`);
  }
}

/** What the record says of data set, network and attack, against what there is. */
function checkSpec(record: CheckedModel['record'], damaged: (what: string) => TrojanscopeError) {
  const { spec, clean, asr, poison } = record;
  const { dataset, shape } = findParts(spec, damaged);
  const classes = dataset.classNames.length;
  const { backdoor } = spec;
  if (backdoor) {
    if (backdoor.targetLabel >= classes)
      throw damaged(
        `spec.backdoor.targetLabel: expected a label from 0 to ${classes - 1}, got ${backdoor.targetLabel}`,
      );
    try {
      attackOf(backdoor.attack).checkParameters(backdoor.parameters, shape);
    } catch (error) {
      if (!(error instanceof TrojanscopeError)) throw error;
      throw damaged(`spec.backdoor.parameters: ${error.message.replace(/\.$/, '')}`);
    }
  } else if (asr || poison) {
    throw damaged(`${asr ? 'asr' : 'poison'}: expected none, because the model is benign`);
  }
  const order = spec.onnx?.order;
  if (order && (order.length !== classes || new Set(order).size < classes || Math.max(...order) >= classes))
    throw damaged(`spec.onnx.order: expected each output from 0 to ${classes - 1} once`);
  const side = Math.min(shape.height, shape.width);
  if (spec.onnx?.crop && spec.onnx.crop > side)
    throw damaged(`spec.onnx.crop: expected at most the ${side} px of its images, got ${spec.onnx.crop}`);
  if (spec.onnx?.bgr && shape.channels !== 3)
    throw damaged(`spec.onnx.bgr: expected none, because ${dataset.title} is grey`);
  const { train, test } = dataset.counts;
  if (clean && clean.total !== test)
    throw damaged(`clean.total: expected the ${test} test images of ${spec.dataset}, got ${clean.total}`);
  if (asr && asr.total > test)
    throw damaged(`asr.total: expected at most the ${test} test images of ${spec.dataset}, got ${asr.total}`);
  // What there is to train on is not known of a data set with test images alone.
  if (poison && ((train > 0 && poison.planned > train) || poison.effective > poison.planned))
    throw damaged(
      `poison: expected at most as many effective as planned${train > 0 ? ` of ${train} images` : ''}, got ${poison.effective} of ${poison.planned}`,
    );
  const { covers } = poison ?? {};
  if (
    covers &&
    (covers.effective > covers.planned || (train > 0 && poison!.effective + covers.effective > train))
  )
    throw damaged(
      `poison.covers: expected at most as many effective as planned${train > 0 ? `, with the poisoned ones at most ${train}` : ''}, got ${covers.effective} of ${covers.planned}`,
    );
  if (poison?.effective === 0)
    throw damaged(
      'poison.effective: expected at least one poisoned image of a trojaned model, got 0; without any it is benign',
    );
  return { shape, dataset };
}

function findParts(spec: BundleRecord['spec'], damaged: (what: string) => TrojanscopeError) {
  let parts: ReturnType<typeof partsOf>;
  try {
    parts = partsOf(spec);
  } catch (error) {
    if (!(error instanceof TrojanscopeError)) throw error;
    throw new TrojanscopeError(
      'DATA_MISSING',
      `The model is one of the data set ${spec.dataset}. ${error.message}`,
    );
  }
  const { dataset, shape } = parts;
  if (whyMissing(spec.dataset))
    throw new TrojanscopeError(
      'DATA_MISSING',
      `The model is one of ${dataset.title}, which is not imported here; \`npm run trojanscope -- data show ${spec.dataset}\` tells how.`,
    );
  const own = dataset.shape;
  if (spec.sizePx !== undefined && !dataset.resizable && spec.sizePx !== Math.min(own.height, own.width))
    throw damaged(
      `spec.sizePx: ${dataset.title} is ${own.width} px and cannot be resized; got ${spec.sizePx}`,
    );
  if (isImported(spec)) return parts;
  const { minimumSidePx } = architectureOf(asSpec(spec));
  const side = Math.min(shape.height, shape.width);
  if (side < minimumSidePx)
    throw damaged(`spec.sizePx: ${spec.architecture} takes images from ${minimumSidePx} px, got ${side}`);
  return parts;
}

/** Nothing computes from a recipe once a model is trained: it is shown only. */
export const asSpec = (spec: BundleRecord['spec']) => spec as ModelSpec;

const known = new Map<string, Record<string, number[]>>();

/** The shape of every weight that a network of this spec has, in the order in which they are saved. Needs the engine. */
export function weightShapes(spec: Pick<BundleRecord['spec'], 'dataset' | 'sizePx' | 'architecture'>) {
  const { dataset, shape } = partsOf(spec);
  const architecture = architectureOf(spec as ModelSpec);
  const key = `${spec.architecture}/${Object.values<number>({ ...shape } satisfies ImageShape)}/${dataset.classNames.length}`;
  const shapes = known.get(key) ?? measureShapes();
  known.set(key, shapes);
  return shapes;

  function measureShapes() {
    const fresh: Weights = architecture.initialise(shape, dataset.classNames.length, createRandom(0));
    const found = Object.fromEntries(
      Object.entries(fresh).map(([name, tensor]) => [name, [...tensor.shape]]),
    );
    tf.dispose(fresh);
    return found;
  }
}
