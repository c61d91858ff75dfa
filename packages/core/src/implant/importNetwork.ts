import { createHash } from 'node:crypto';
import { inferenceBatch } from '../architectures/batches.js';
import { IMPORTED } from '../architectures/index.js';
import type { Normalization } from '../architectures/normalization.js';
import { checkNormalization } from '../architectures/normalization.js';
import { attackOf } from '../attacks/index.js';
import type { DatasetInfo } from '../datasets/dataset.js';
import { datasetIds, datasetOf, whyMissing } from '../datasets/index.js';
import { loadSplit } from '../datasets/loadSplit.js';
import { createClassifier } from '../inference/classifier.js';
import { loadEngine, tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import type { ImageShape } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { quote } from '../lib/strictJson.js';
import { toTensors } from '../lib/tensors.js';
import { VERSION } from '../lib/version.js';
import { importedNetwork, takenFor } from '../onnx/network.js';
import { seenOf } from '../onnx/reading.js';
import type { OnnxNetwork } from '../onnx/readOnnx.js';
import { at } from '../onnx/refusal.js';
import { externalsOf, takeIn } from '../onnx/takeIn.js';
import type { Reading } from '../requests.js';
import {
  type Arrival,
  askedAs,
  asSpec,
  type CheckedModel,
  type Damaged,
  MAX_PROBE_BYTES,
  normalizationOf,
  PROBE,
  parseAs,
  takesBgr,
  tryOut,
} from './bundle.js';
import { type BundleSource, MAX_NETWORK_BYTES } from './bundleSource.js';
import { matchClasses, outputsInOrder } from './classNames.js';
import { type ImportManifest, importManifest } from './importManifest.js';
import { importTrigger, readTarget } from './importTrigger.js';
import { networkOf, readNetwork } from './model.js';
import { areProbabilities, prove } from './proof.js';

const MANIFEST = 'import.json';
const MAX_MANIFEST_BYTES = 2 ** 20;
/** What the readers of triggers take. */
const OF_TRIGGERS = /^(clean|poisoned)[/.]|^[^/]+\.(npy|png)$/i;

/** What the person who imports says, where `import.json` does not or is wrong. */
export interface ImportAnswers {
  dataset?: string;
  /** What the backdoor makes the model say, by the data set's labels. */
  targetLabel?: number;
  reading?: Reading;
}

/** Whether it holds a network from elsewhere, and is no bundle. */
export const holdsNetwork = ({ sizes }: Pick<BundleSource, 'sizes'>): boolean =>
  !sizes.has('model.json') && [...sizes.keys()].some(isNetwork);
const isNetwork = (name: string) => /^[^/]+\.onnx$/i.test(name);

/**
 * Reads a network that anybody may have made: an ONNX file, and beside it what there is of `import.json`,
 * `probe.safetensors`, files with its numbers, and its trigger.
 * @throws TrojanscopeError DATA_DAMAGED, UNSUPPORTED naming the file and the place; DATA_MISSING, NOT_FOUND for a data set
 *   that is not here; BAD_USER_INPUT where something has to be said that nobody said
 */
export async function checkNetwork(source: BundleSource, answers: ImportAnswers = {}): Promise<CheckedModel> {
  const damaged: Damaged = (file, what) =>
    new TrojanscopeError('DATA_DAMAGED', `${whereIs(source, file)}: ${what}.`);
  const read = async (file: string, maximum: number) => {
    const size = source.sizes.get(file)!;
    if (size > maximum) throw damaged(file, `expected at most ${maximum} bytes, got ${size}`);
    return source.read(file);
  };
  const name = networkIn(source, damaged);
  const manifest = source.sizes.has(MANIFEST)
    ? parseAs(importManifest, await read(MANIFEST, MAX_MANIFEST_BYTES), (what) => damaged(MANIFEST, what))
    : parseAs(importManifest, Buffer.from('{"format":"trojanscope-import/1"}'), (what) =>
        damaged(name, what),
      );
  const { id, dataset } = findDataset(answers.dataset ?? manifest.dataset);
  const { reading = {} } = answers;

  await loadEngine();
  const content = await read(name, MAX_NETWORK_BYTES);
  const where = whereIs(source, name);
  const beside = await readBeside(content);
  const external = (file: string) => beside.get(file);
  const onnx = readNetwork(content, where, manifest.outputIndex, external);
  const network = beside.size > 0 ? takeIn(content, external) : content;
  const shape = shapeOf(
    onnx,
    dataset,
    manifest.input,
    (what) => new TrojanscopeError('UNSUPPORTED', `${where}: ${what}.`),
  );
  const sizePx = dataset.resizable && shape.height !== dataset.shape.height ? shape.height : undefined;
  const { classes } = at(where, () => importedNetwork(onnx.graph, seenOf(shape, manifest.input)));
  if (classes !== dataset.classNames.length)
    throw new TrojanscopeError(
      'UNSUPPORTED',
      `${where}: expected ${dataset.classNames.length} outputs, one for each class of ${dataset.title}; got ${classes}. Is it another data set?`,
    );
  const order = orderOf(manifest, reading, dataset, (what) => damaged(MANIFEST, what));
  // What goes into it; `shape` is that of the images.
  const entering = takenFor(onnx.graph, shape);
  const grey = shape.channels === 1;
  // Channels that are alike have no order: only what they are normalised by has, and that is in the network's.
  const bgr = takesBgr(reading, dataset, shape) ?? (!grey && manifest.input.channels === 'bgr');
  const bare = modelOf(onnx, manifest, { id, sizePx, total: dataset.counts.test, sha256: sha256(network) });
  const normalization = normalizationOf(reading, normalizationIn(manifest, entering, damaged), entering);
  const arrival: Arrival = {
    sha256: sha256(content),
    ...(manifest.title?.trim() && { title: manifest.title.trim() }),
    ...(beside.size > 0 && { externals: onnx.externals }),
    notes:
      entering.channels === shape.channels
        ? []
        : [`It takes images of three channels: those of ${dataset.title} are grey, each channel is the one.`],
    warnings: [],
  };
  const model = askedAs(bare, { normalization, order, bgr });
  model.record.spec = await withProbabilities(model, manifest, shape, arrival);
  tryOut(model, dataset, shape, (_, what) => damaged(name, what));
  const probe = source.sizes.has(PROBE) ? await read(PROBE, MAX_PROBE_BYTES) : undefined;
  if (probe) arrival.verified = prove(probe, `${source.name}/${PROBE}`, model);
  const taken = [name, MANIFEST, PROBE, ...beside.keys()];
  const unused = [...source.sizes.keys()].filter(
    (file) => !taken.includes(file) && !(manifest.trigger && OF_TRIGGERS.test(file)),
  );
  if (unused.length > 0)
    arrival.notes.push(
      `Passed over ${unused.length} files that were not asked for, ${quote(unused.slice(0, 3))}${manifest.trigger ? '' : `; a trigger is named in ${MANIFEST}`}.`,
    );
  const complete = { ...model, files: { network, ...(probe && { probe }) }, arrival };
  return manifest.trigger
    ? withTrigger(complete, manifest.trigger, source, answers.targetLabel)
    : withoutTrigger(complete, answers.targetLabel);

  /** The files that the ONNX file names, where they are plain names of files beside it. */
  async function readBeside(bytes: Buffer): Promise<Map<string, Buffer>> {
    const found = new Map<string, Buffer>();
    for (const file of at(where, () => externalsOf(bytes)))
      if (source.sizes.has(file)) found.set(file, await read(file, MAX_NETWORK_BYTES));
    return found;
  }
}

/** What is known of it before anything is measured: as its maker says. */
function modelOf(
  { graph, weights }: OnnxNetwork,
  { exporter, outputIndex, accuracy, input: { crop } }: ImportManifest,
  { id, sizePx, total, sha256 }: { id: string; sizePx: number | undefined; total: number; sha256: string },
): CheckedModel {
  const producer = graph.producer.replace(/\p{C}/gu, '').slice(0, 200);
  const recipe = { trainedElsewhere: exporter ?? (producer || 'unknown') };
  const onnx = { ...(outputIndex !== undefined && { output: outputIndex }), ...(crop && { crop }) };
  return {
    record: {
      spec: {
        dataset: id,
        ...(sizePx && { sizePx }),
        architecture: IMPORTED,
        ...(Object.keys(onnx).length > 0 && { onnx }),
        recipe,
        start: 'SCRATCH',
        seed: 0,
      },
      ...(accuracy !== undefined && { clean: { hits: Math.round(accuracy * total), total } }),
      engine: recipe.trainedElsewhere,
      version: VERSION,
      weightsSha256: sha256,
    },
    weights,
    graph,
  };
}

/** A file that came alone has no folder around it. */
const whereIs = ({ name }: BundleSource, file: string) => (name === file ? name : `${name}/${file}`);

function networkIn({ sizes }: BundleSource, damaged: Damaged): string {
  const [name, ...more] = [...sizes.keys()].filter(isNetwork);
  if (!name || more.length > 0)
    throw damaged(more[0] ?? '', `expected one ONNX file, got ${more.length + Number(name !== undefined)}`);
  return name;
}

/** @throws TrojanscopeError BAD_USER_INPUT, NOT_FOUND, DATA_MISSING */
function findDataset(id: string | undefined) {
  if (id === undefined)
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `dataset: expected the id of the data set that the model is for (--dataset ID, in the API dataset, or dataset in ${MANIFEST}); there are ${datasetIds().join(', ')}.`,
      ['dataset'],
    );
  const dataset = datasetOf(id);
  if (whyMissing(id))
    throw new TrojanscopeError(
      'DATA_MISSING',
      `The model is one of ${dataset.title}, which is not imported here; \`npm run trojanscope -- data show ${id}\` tells how.`,
    );
  return { id, dataset };
}

/**
 * The images that it is asked about: as `import.json` says, else as the file has it, else as the data set is; of a grey
 * data set they stay grey, whatever it takes.
 */
function shapeOf(
  { graph: { image } }: OnnxNetwork,
  { title, shape, resizable }: DatasetInfo,
  input: ImportManifest['input'],
  unsupported: (what: string) => TrojanscopeError,
): ImageShape {
  const { crop } = input;
  const height = input.height ?? (crop ? undefined : image.height) ?? shape.height;
  const width = input.width ?? (crop ? undefined : image.width) ?? shape.width;
  const channels = input.channels ? (input.channels === 'grey' ? 1 : 3) : (image.channels ?? shape.channels);
  if (crop && crop > Math.min(height, width))
    throw unsupported(
      `${MANIFEST} cuts ${crop}×${crop} px out of the middle of images of ${width}×${height} px; expected at most as many as there are`,
    );
  for (const [side, said, fixed] of [
    ['height', crop ?? height, image.height],
    ['width', crop ?? width, image.width],
    ['channels', channels, image.channels],
  ] as const)
    if (fixed !== undefined && fixed !== said)
      throw unsupported(`its input has ${side} ${fixed}, ${MANIFEST} says ${said}`);
  if (channels !== shape.channels && !(image.channels === 3 && shape.channels === 1))
    throw unsupported(
      `it takes images of ${channels} channels, those of ${title} have ${shape.channels}: is it another data set?`,
    );
  const same = height === shape.height && width === shape.width;
  if (!same && !(resizable && height === width))
    throw unsupported(
      `it takes images of ${width}×${height} px, those of ${title} have ${shape.width}×${shape.height} and ` +
        `${resizable ? 'are resized to squares alone' : 'cannot be resized'}`,
    );
  if (height > 512) throw unsupported(`it takes images of ${height} px; expected at most 512`);
  return { height, width, channels: shape.channels };
}

/** For each label the output that says it; undefined where the two are the same. */
function orderOf(
  { classNames }: ImportManifest,
  { classOrder }: Reading,
  dataset: DatasetInfo,
  refuse: (what: string) => TrojanscopeError,
): number[] | undefined {
  if (classOrder) return outputsInOrder(classOrder, dataset);
  if (!classNames) return undefined;
  try {
    return matchClasses(classNames, dataset, refuse);
  } catch (error) {
    // Numbers in place of names, as BackdoorBench and TrojAI have them, say nothing that the place does not.
    const areNumbers = classNames.every((name, i) => /^\d+$/.test(name) && Number(name) === i);
    if (areNumbers && classNames.length === dataset.classNames.length) return undefined;
    throw error;
  }
}

/** What it takes off images in [0,1], in the order of its channels. */
function normalizationIn(
  { input: { white, mean, std } }: ImportManifest,
  { channels }: ImageShape,
  damaged: Damaged,
): Normalization | undefined {
  const normalization = {
    mean: (mean ?? [0]).map((value) => value / white),
    std: (std ?? [1]).map((value) => value / white),
  };
  try {
    checkNormalization(normalization, channels);
  } catch (error) {
    if (!(error instanceof TrojanscopeError)) throw error;
    throw damaged(MANIFEST, `input.${error.message.replace(/\.$/, '')}`);
  }
  const changes =
    normalization.mean.some((value) => value !== 0) || normalization.std.some((value) => value !== 1);
  return changes ? normalization : undefined;
}

/** Images that tell whether a network answers with probabilities. */
const ASKED = 4;

/** The spec, saying that the network answers with probabilities where it does and no softmax could be left away. */
async function withProbabilities(
  { record, weights, graph }: CheckedModel,
  { output }: ImportManifest,
  shape: ImageShape,
  { notes }: Arrival,
): Promise<CheckedModel['record']['spec']> {
  const { spec } = record;
  if (graph!.softmax) return spec;
  const split = await loadSplit(spec.dataset, 'test', shape);
  const count = Math.min(ASKED, split.labels.length);
  const answers = tf.tidy(() =>
    networkOf({ record: { spec: asSpec(spec) }, graph })
      .logits(toTensors(weights), split.images([...Array(count).keys()]))
      .dataSync(),
  );
  if (areProbabilities(answers, answers.length / count)) {
    notes.push(
      'It answers with probabilities: their logarithms are taken for logits, and explanations are of the logarithm.',
    );
    return { ...spec, onnx: { ...spec.onnx, probabilities: true } };
  }
  if (output === 'probabilities')
    throw new TrojanscopeError(
      'DATA_DAMAGED',
      `${MANIFEST}: output: expected probabilities as it says, but what the network answers does not add up to 1 or is below 0.`,
    );
  return spec;
}

function withoutTrigger(model: CheckedModel, targetLabel: number | undefined): CheckedModel {
  if (targetLabel === undefined) return model;
  throw new TrojanscopeError(
    'BAD_USER_INPUT',
    `targetLabel: expected none, because ${MANIFEST} names no trigger; \`export_pairs\` of trojanscope_export.py adds one.`,
    ['targetLabel'],
  );
}

/** Stamped images that tell what the model aims at. */
const MOST_ASKED = 1_000;

/** The model with its trigger, and what it aims at as it is said or as its answers say. */
async function withTrigger(
  model: CheckedModel,
  claim: NonNullable<ImportManifest['trigger']>,
  source: BundleSource,
  wanted: number | undefined,
): Promise<CheckedModel> {
  const { record, arrival } = model;
  const spec = asSpec(record.spec);
  const { notes, warnings } = arrival!;
  const order = record.spec.onnx?.order;
  const { attack, parameters, trigger, told } = await importTrigger(
    spec,
    claim.kind,
    claim.parameters,
    source,
    order,
  );
  notes.push(...told);
  const { classNames } = datasetOf(spec.dataset);
  const title = (label: number) => `${label} (${classNames[label]})`;
  const claimed = wanted ?? (order ? order.indexOf(claim.targetLabel ?? -1) : claim.targetLabel);
  const said = claimed === -1 ? undefined : claimed;
  if (said !== undefined && said >= classNames.length)
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `targetLabel: expected a label from 0 to ${classNames.length - 1}, got ${said}.`,
      ['targetLabel'],
    );
  const found = await targetOf({ ...model, trigger }, attack, parameters);
  if (said === undefined) {
    if (!found || found.doubt)
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        `targetLabel: ${found?.doubt ?? 'every image with the trigger is taken for its own class.'} Say what the backdoor aims at (--target LABEL, in the API targetLabel, or trigger.targetLabel in ${MANIFEST}).`,
        ['targetLabel'],
      );
    const { hits, total } = found.count;
    notes.push(
      `The target label, ${title(found.label)}, is read off its answers: ${hits} of ${total} images with the trigger are taken for it.`,
    );
  } else if (!found) {
    warnings.push('Every image with the trigger is taken for its own class: the backdoor does not fire.');
  } else if (found.label !== said) {
    warnings.push(
      `The target label is said to be ${title(said)}, but more images with the trigger are taken for ${title(found.label)}: ${found.count.hits} of ${found.count.total}.`,
    );
  }
  const backdoor = {
    attack,
    parameters,
    targetLabel: said ?? found!.label,
    ...(claim.poisonRate !== undefined && { poisonRate: claim.poisonRate }),
  };
  return {
    ...model,
    record: { ...record, spec: { ...record.spec, backdoor } },
    trigger,
    arrival: { ...arrival!, ...(claim.asr !== undefined && { asr: claim.asr }) },
  };
}

/** What most images of other classes are taken for with the trigger on them. */
async function targetOf(
  { record, weights, graph, trigger }: CheckedModel,
  attack: Parameters<typeof attackOf>[0],
  parameters: Record<string, unknown>,
) {
  const spec = asSpec(record.spec);
  const network = networkOf({ record: { spec }, graph });
  const shape = trigger!.shape;
  const { images, labels } = await loadSplit(spec.dataset, 'test', shape);
  const { samples, stamp } = attackOf(attack);
  const known = samples?.(trigger!) ?? createRandom('target').sample([...labels.keys()], MOST_ASKED);
  const asked = known.slice(0, MOST_ASKED);
  const batchSize = inferenceBatch({ network, weights }, shape, asked.length);
  const tensors = toTensors(weights);
  const classifier = createClassifier(network, tensors, shape, batchSize);
  tf.dispose(tensors);
  const predicted: number[] = [];
  try {
    for (let start = 0; start < asked.length; start += batchSize) {
      const own = asked.slice(start, start + batchSize);
      const stamped = tf.tidy(() => stamp(images(own), trigger!, parameters, undefined, [...own]));
      predicted.push(...(await classifier.classify(stamped).finally(() => stamped.dispose())).labels);
    }
  } finally {
    classifier.dispose();
  }
  return readTarget(
    Array.from(asked, (sample) => labels[sample]!),
    predicted,
  );
}

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
