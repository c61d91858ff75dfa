import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ArchitectureDefinition, Network, Start } from '../architectures/architecture.js';
import { type ArchitectureId, architectures, IMPORTED, type NetworkId } from '../architectures/index.js';
import { type Normalization, normalized } from '../architectures/normalization.js';
import type { AttackId } from '../attacks/index.js';
import { createTrigger, type Trigger } from '../attacks/trigger.js';
import { type DatasetId, datasetInfoOf, datasetOf } from '../datasets/index.js';
import { TrojanscopeError } from '../lib/errors.js';
import { partOf, readWhole, writeWhole } from '../lib/files.js';
import type { ImageShape } from '../lib/images.js';
import { type PluginNote, requirePlugins } from '../lib/plugins.js';
import { type FloatArray, parseSafetensors, parseWithImages, writeSafetensors } from '../lib/safetensors.js';
import { parseStrictJson } from '../lib/strictJson.js';
import type { OnnxGraph } from '../onnx/graph.js';
import { importedNetwork } from '../onnx/network.js';
import type { ExternalReader } from '../onnx/onnxFile.js';
import { type OnnxReading, readAs, seenOf } from '../onnx/reading.js';
import { type OnnxNetwork, readOnnx } from '../onnx/readOnnx.js';
import { at } from '../onnx/refusal.js';
import type { Recipe } from '../training/recipe.js';
import type { TrainingTransforms } from '../transforms/randomly.js';
import type { PoisonCount } from './poison.js';

/** What to make: a benign model, or with `backdoor` a trojaned one. */
export interface ModelSpec {
  dataset: DatasetId;
  /** Side of the square that images are resized to, in px; the data set's own shape otherwise. */
  sizePx?: number;
  architecture: NetworkId;
  /** Only of an imported network. */
  onnx?: OnnxReading;
  /** What the network takes off its images and divides them by; nothing where it is left out. */
  normalization?: Normalization;
  recipe: Recipe;
  /** MODEL: from the weights of another model, as the paper's section 3.1 allows; the record names it. */
  start: Start;
  seed: number;
  /** Where its data set is a plugin’s: which. */
  plugins?: PluginNote[];
  backdoor?: BackdoorSpec;
}
export interface BackdoorSpec {
  attack: AttackId;
  /** Parsed, defaults filled in. */
  parameters: Record<string, unknown>;
  targetLabel: number;
  /** Left out where it is not known: the model was poisoned elsewhere. */
  poisonRate?: number;
  /** Covers for each poisoned image: they get a stamp and keep their label. The attack's own where left out. */
  coverRatio?: number;
  /** What was transformed at random at training, if anything. */
  trainingTransforms?: TrainingTransforms;
  /** Where the attack or a transform is a plugin’s: which. */
  plugins?: PluginNote[];
}

/** The plugins that a model is made with. */
export const pluginsOf = ({
  plugins = [],
  backdoor,
}: Pick<ModelSpec, 'plugins' | 'backdoor'>): PluginNote[] => [...plugins, ...(backdoor?.plugins ?? [])];

/** Successes over trials. */
export interface Count {
  hits: number;
  total: number;
}

/** A trained model with everything that made it: what a bundle holds. */
export interface ModelRecord {
  spec: ModelSpec;
  poison?: PoisonCount;
  /** Test images classified right. */
  clean: Count;
  /** Eligible trojaned test images predicted as the target; none where no test image is eligible. */
  asr?: Count;
  /** The model that this one started from, or that its trigger was optimised against. */
  base?: { spec: ModelSpec; weightsSha256: string };
  durationSeconds: number;
  /** Library, device and number of threads: with the same, the same seed gives the same weights to the bit. */
  engine: string;
  /** Of trojanscope. */
  version: string;
  weightsSha256: string;
}
export interface Model {
  record: ModelRecord;
  weights: Record<string, FloatArray>;
  /** Of a network that came as an ONNX file; `weights` are its constants by name. */
  graph?: OnnxGraph;
  trigger?: Trigger;
}

/** The files of an imported network, as a bundle keeps them. */
export interface NetworkFiles {
  network: Buffer;
  /** Images with its maker's own answers, if they came. */
  probe?: Buffer;
}

/** Of `model.json`. */
export const BUNDLE_FORMAT = 'trojanscope-model/1';

/**
 * Writes a bundle: `model.json`, `weights.safetensors` or `network.onnx` with its `probe.safetensors`,
 * `trigger.safetensors`. It is there whole or not at all.
 * @param model with the files of its network, where that is an imported one
 */
export async function saveModel(
  folder: string,
  model: Omit<Model, 'record'> & { record: Omit<ModelRecord, 'weightsSha256'>; files?: NetworkFiles },
) {
  const temporary = partOf(folder);
  await mkdir(temporary, { recursive: true });
  try {
    const weightsFile = path.join(temporary, weightsFileOf(model.record.spec));
    if (model.files) {
      await writeWhole(weightsFile, model.files.network);
      if (model.files.probe) await writeWhole(path.join(temporary, 'probe.safetensors'), model.files.probe);
    } else await writeSafetensors(weightsFile, model.weights);
    if (model.trigger) {
      const { arrays, images } = model.trigger;
      await writeSafetensors(path.join(temporary, 'trigger.safetensors'), { ...arrays, ...images });
    }
    const weightsSha256 = await hashOf(weightsFile);
    const record: ModelRecord = { ...model.record, weightsSha256 };
    // For readers of the bundle elsewhere; here the data set has them.
    const { classNames } = partsOf(record.spec).dataset;
    await writeWhole(
      path.join(temporary, 'model.json'),
      `${JSON.stringify({ format: BUNDLE_FORMAT, ...record, classNames }, null, 2)}\n`,
    );
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
    return record;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED */
export async function loadModel(folder: string): Promise<Model> {
  const recordFile = path.join(folder, 'model.json');
  if (!existsSync(recordFile)) throw new TrojanscopeError('DATA_MISSING', `There is no model in ${folder}.`);
  const damaged = (file: string, what: string) => new TrojanscopeError('DATA_DAMAGED', `${file}: ${what}.`);
  let parsed: ModelRecord & { format: string; classNames?: string[] };
  try {
    parsed = parseStrictJson(await readWhole(recordFile)) as typeof parsed;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw damaged(recordFile, `its content is not JSON (${error.message})`);
  }
  const { format, classNames: _, ...record } = parsed;
  if (format !== BUNDLE_FORMAT) throw damaged(recordFile, `expected ${BUNDLE_FORMAT}, got ${format}`);
  requirePlugins(pluginsOf(record.spec));
  const weightsFile = path.join(folder, weightsFileOf(record.spec));
  const content = await readWhole(weightsFile);
  if (sha256(content) !== record.weightsSha256)
    throw damaged(weightsFile, 'its hash is not the one in model.json');
  const network = isImported(record.spec)
    ? readNetwork(content, weightsFile, record.spec.onnx?.output)
    : { weights: parseSafetensors(content, weightsFile) };
  const model = { record, weights: network.weights, ...('graph' in network && { graph: network.graph }) };
  if (!record.spec.backdoor) return model;
  const triggerFile = path.join(folder, 'trigger.safetensors');
  const { arrays, images } = parseWithImages(await readWhole(triggerFile), triggerFile);
  return { ...model, trigger: createTrigger(partsOf(record.spec).shape, arrays, images) };
}

export const isImported = ({ architecture }: Pick<ModelSpec, 'architecture'>) => architecture === IMPORTED;

/** Where a bundle has the weights of its network. */
export const weightsFileOf = (spec: Pick<ModelSpec, 'architecture'>) =>
  isImported(spec) ? 'network.onnx' : 'weights.safetensors';

/**
 * `readOnnx` of a file that errors name.
 * @throws TrojanscopeError DATA_DAMAGED, UNSUPPORTED
 */
export const readNetwork = (
  content: Buffer,
  file: string,
  output?: number,
  external?: ExternalReader,
): OnnxNetwork => at(file, () => readOnnx(content, external, output));

/** Read piece by piece: the weights are in memory once already. */
async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

/**
 * What a model answers with: a network of our own or an imported one, behind its normalization.
 * @throws TrojanscopeError UNSUPPORTED where an imported one takes images of another shape
 */
export function networkOf({
  record,
  graph,
}: Pick<Model, 'graph'> & { record: Pick<ModelRecord, 'spec'> }): Network {
  const { spec } = record;
  if (!graph) return architectureOf(spec);
  const network = readAs(importedNetwork(graph, seenOf(partsOf(spec).shape, spec.onnx)), spec.onnx ?? {});
  return spec.normalization ? normalized(network, spec.normalization) : network;
}

/**
 * The definition of a network of our own, behind its normalization: what can be trained.
 * @throws TrojanscopeError UNSUPPORTED for an imported one
 */
export function architectureOf(spec: ModelSpec): ArchitectureDefinition {
  const { normalization } = spec;
  const definition = architectures[ownArchitecture(spec)];
  return normalization ? normalized(definition, normalization) : definition;
}

/** @throws TrojanscopeError UNSUPPORTED where it is none of our own */
export function ownArchitecture({ architecture }: Pick<ModelSpec, 'architecture'>): ArchitectureId {
  if (architecture !== IMPORTED) return architecture;
  throw new TrojanscopeError(
    'UNSUPPORTED',
    'The network was imported as an ONNX file: it answers here, but is neither trained nor drawn anew.',
  );
}

/** The data set of a model, and the shape of its images. */
export function partsOf({ dataset: id, sizePx }: Pick<ModelSpec, 'dataset' | 'sizePx'>) {
  const dataset = datasetOf(id);
  const shape: ImageShape = sizePx ? { ...dataset.shape, height: sizePx, width: sizePx } : dataset.shape;
  return { dataset, shape };
}

/** The same of a model that is only told of: its data set need not be here any longer. */
export function shownPartsOf({ dataset: id, sizePx }: Pick<ModelSpec, 'dataset' | 'sizePx'>) {
  const dataset = datasetInfoOf(id);
  const shape: ImageShape = sizePx ? { ...dataset.shape, height: sizePx, width: sizePx } : dataset.shape;
  return { dataset, shape };
}
