import type { Network, Tap, Weights } from '../architectures/architecture.js';
import { tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import type { ImageShape } from '../lib/images.js';
import { type OnnxGraph, weightsOf } from './graph.js';
import { type Attribute, type OnnxNode, placeOf } from './onnxFile.js';
import { isGiven, type Plan, planOf } from './plan.js';
import { damaged, shown, unsupported } from './refusal.js';
import { sizeOf } from './shapes.js';
import { channelsLast, type Lying, lying, plain, tensorOf } from './tensors.js';

/** A network that was made elsewhere. Its weights are the file's constants by name. */
export interface ImportedNetwork extends Network {
  classes: number;
  /**
   * Whether any number of images goes through at once; else they go one by one, because the file was exported for one
   * image and says so in more places than its input.
   */
  batched: boolean;
}

/** Multiplications of a batch that takes a second at most: some 50 images of a ResNet-34 at 96 px. */
const WORK_PER_BATCH = 33e9;
/** As many as of the smallest network of our own. */
const MOST_AT_ONCE = 500;
/** Plans of so many sizes of batch are kept. */
const KEPT_PLANS = 8;

/** The images that a graph is given for images of this shape: of grey ones, where it takes colours, each channel is the one. */
export const takenFor = ({ image }: OnnxGraph, shape: ImageShape): ImageShape =>
  shape.channels === 1 && image.channels === 3 ? { ...shape, channels: 3 } : shape;

/**
 * A graph that answers for images of this shape.
 * @throws TrojanscopeError UNSUPPORTED where the file fixes another shape, or as nobody here can run it; DATA_DAMAGED
 *   naming the node and what was expected
 */
export function importedNetwork(graph: OnnxGraph, images: ImageShape): ImportedNetwork {
  const shape = takenFor(graph, images);
  checkShape(graph, shape);
  const plans = new Map<number, Plan>();
  const planFor = (batch: number) => {
    const known = plans.get(batch);
    if (known) return known;
    const plan = planOf(graph, inputDims(graph, shape, batch));
    if (plans.size >= KEPT_PLANS) plans.delete(plans.keys().next().value!);
    plans.set(batch, plan);
    return plan;
  };
  const single = planFor(graph.fixedBatch ?? 1);
  const batched = isBatched();
  if (!batched && graph.fixedBatch !== undefined && graph.fixedBatch > 1)
    throw unsupported(
      `It was exported for ${graph.fixedBatch} images at once; export it for one, or with a dynamic number of images.`,
    );
  const perImage = batched ? planFor(2).activations / 2 : single.activations;
  const bytes = (4 * perImage) / (shape.height * shape.width);
  return {
    classes: single.classes,
    batched,
    inferenceBatch: Math.max(
      1,
      Math.min(MOST_AT_ONCE, Math.floor(WORK_PER_BATCH / Math.max(1, single.work / (graph.fixedBatch ?? 1)))),
    ),
    // All that an image makes, as if nothing were freed; gradients take as much again. A ResNet-34, which was measured
    // to take 600 and 1,000 bytes a pixel, makes some 580.
    bytesPerPixel: { forward: bytes, backward: 2 * bytes },
    logits: (weights, images, tap) =>
      tf.tidy(() => {
        const count = images.shape[0];
        // A normalization with a number for each channel has made them three already.
        const alike = images.shape[3] < shape.channels;
        const given = alike ? tf.tile(images, [1, 1, 1, shape.channels]) : images;
        if (batched || count === 1) return run(graph, planFor(count), weights, given, tap);
        const each = tf
          .split(given, count)
          .map((image) => run(graph, planFor(1), weights, image as tf.Tensor4D, tap));
        return tf.concat(each, 0);
      }),
  };

  /** Whether the graph is one of two images as well, and gives each of them as many numbers. */
  function isBatched(): boolean {
    try {
      return planFor(2).classes === single.classes && planFor(3).classes === single.classes;
    } catch (error) {
      if (error instanceof TrojanscopeError) return false;
      throw error;
    }
  }
}

function checkShape({ image, input }: OnnxGraph, shape: ImageShape): void {
  const { order, ...sides } = image;
  if (order === 'flat') {
    const size = input.dims[1]!;
    const wanted = sizeOf(Object.values({ ...shape }));
    if (shape.channels > 1)
      throw unsupported(
        `Input ${shown(input.name)}: expected images of [n,c,h,w]; got numbers in a row, which does not tell where colours lie.`,
      );
    if (size > 0 && size !== wanted)
      throw unsupported(
        `Input ${shown(input.name)}: expected ${wanted} numbers for images of ${shape.width}×${shape.height}, got ${size}.`,
      );
    return;
  }
  for (const [side, size] of Object.entries(sides) as [keyof ImageShape, number | undefined][])
    if (size !== undefined && size !== shape[side])
      throw unsupported(
        `Input ${shown(input.name)}: expected images of ${side} ${shape[side]}, as they come; the network takes ${size}.`,
      );
}

function inputDims(
  { image: { order }, input }: OnnxGraph,
  { height, width, channels }: ImageShape,
  batch: number,
): number[] {
  if (order === 'flat') return [batch, height * width];
  if (input.dims.length === 3) return [batch, height, width];
  return order === 'channelsLast' ? [batch, height, width, channels] : [batch, channels, height, width];
}

/**
 * Of what comes of the last convolution whose maps have a height and a width, the last tensor of their size: behind its
 * activation, and in a residual block behind the shortcut. Undefined where there is no such convolution.
 */
function lastMapsOf({ steps, values }: Plan): string | undefined {
  const made = ({ node }: Plan['steps'][number]) => values.get(node.outputs[0]!)!;
  const last = steps.findLastIndex((step) => {
    const { dims, constant } = made(step);
    return step.node.op === 'Conv' && !constant && dims.length === 4 && dims[2]! * dims[3]! > 1;
  });
  if (last < 0) return;
  const size = `${made(steps[last]!).dims}`;
  let maps = steps[last]!.node.outputs[0]!;
  const behind = new Set([maps]);
  for (const step of steps.slice(last + 1)) {
    const { inputs, outputs } = step.node;
    if (!inputs.some((name) => behind.has(name))) continue;
    for (const name of outputs) behind.add(name);
    if (`${made(step).dims}` === size) maps = outputs[0]!;
  }
  return maps;
}

function run(graph: OnnxGraph, plan: Plan, weights: Weights, images: tf.Tensor4D, tap?: Tap): tf.Tensor2D {
  const tapped = tap && lastMapsOf(plan);
  const made = new Map<string, Lying>();
  const { name, dims } = graph.input;
  made.set(
    name,
    dims.length === 4
      ? lying(images, graph.image.order === 'channelsFirst')
      : lying(tf.reshape(images, plan.values.get(name)!.dims)),
  );
  const tensorFor = (name: string): Lying | undefined => {
    if (name === '') return;
    const found = made.get(name);
    if (found) return found;
    let tensor: tf.Tensor;
    if (isGiven(graph, name)) {
      const weight = weights[name];
      if (!weight) throw damaged(`Weights: expected ${shown(name)}, got none.`);
      tensor = weight;
    } else tensor = tensorOf(plan.values.get(name) as { dims: number[]; data: ArrayLike<number> });
    const own = lying(tensor);
    made.set(name, own);
    return own;
  };
  for (const { node, run: compute } of plan.steps) {
    const results = compute(node.inputs.map(tensorFor));
    node.outputs.forEach((name, i) => {
      if (name === '' || !results[i]) return;
      made.set(name, tap && name === tapped ? lying(tap(channelsLast(results[i])), true) : results[i]);
    });
  }
  const result = plain(made.get(graph.output)!);
  return tf.reshape(result, [images.shape[0], plan.classes]);
}

/** What there is to see of an imported network. */
export interface NetworkSummary {
  producer: string;
  opset: number;
  /** Numbers that were learnt. */
  parameters: number;
  /** Nodes that compute on the image, as the file has them. */
  nodes: SummaryNode[];
  /** From the node at the first place to that at the second, both of `nodes`; −1 is the input. */
  edges: [number, number][];
  /** How often it takes each operator, the most frequent first. */
  operators: Record<string, number>;
  /** Multiplications for one image. */
  multiplications: number;
  softmax: boolean;
  fixedBatch?: number;
  batched: boolean;
  classes: number;
}
export interface SummaryNode {
  op: string;
  name: string;
  /** Of its first output for one image, where it is not part of a convolution here. */
  shape: number[];
  parameters: number;
  /** As the file has them, in words. */
  attributes: { name: string; value: string }[];
  /** Constants that it takes, and their shapes. */
  weights: { name: string; shape: number[] }[];
}

/** Layers, parameters and what leads where. */
export function summaryOf(graph: OnnxGraph, shape: ImageShape): NetworkSummary {
  const { batched, classes } = importedNetwork(graph, shape);
  const taken = takenFor(graph, shape);
  const { values, work } = planOf(graph, inputDims(graph, taken, batched ? 1 : (graph.fixedBatch ?? 1)));
  const weights = weightsOf(graph);
  const sizeOfWeight = (name: string) => (weights[name] ? sizeOf(weights[name].shape) : 0);
  /** A folded normalisation has the shape of what it normalises, and the convolution before it that of the normalisation. */
  const shapes = new Map(
    graph.steps.map((node) => [node.name || placeOf(node), values.get(node.outputs[0]!)!.dims]),
  );
  const seen = graph.nodes.filter((node) =>
    node.outputs.some((name) => !(values.get(name)?.constant ?? false)),
  );
  const places = new Map(seen.flatMap((node, i) => node.outputs.map((name) => [name, i] as const)));
  const edges = seen.flatMap((node, to) =>
    [...new Set(node.inputs)].flatMap((name): [number, number][] => {
      if (name === graph.input.name) return [[-1, to]];
      const from = places.get(name);
      return from === undefined ? [] : [[from, to]];
    }),
  );
  const counts = new Map<string, number>();
  for (const { op } of seen) counts.set(op, (counts.get(op) ?? 0) + 1);
  const shapeOf = (node: OnnxNode) => values.get(node.outputs[0]!)?.dims ?? shapes.get(node.name) ?? [];
  return {
    producer: graph.producer,
    opset: graph.opset,
    parameters: Object.keys(weights).reduce((sum, name) => sum + sizeOfWeight(name), 0),
    nodes: seen.map((node) => ({
      op: node.op,
      name: node.name,
      shape: shapeOf(node),
      parameters: node.inputs.reduce((sum, name) => sum + sizeOfWeight(name), 0),
      attributes: [...node.attributes].map(([name, attribute]) => ({ name, value: inWords(attribute) })),
      weights: node.inputs.flatMap((name) => (weights[name] ? [{ name, shape: weights[name].shape }] : [])),
    })),
    edges,
    operators: Object.fromEntries([...counts].sort(([, a], [, b]) => b - a)),
    multiplications: work,
    softmax: graph.softmax,
    ...(graph.fixedBatch !== undefined && { fixedBatch: graph.fixedBatch }),
    batched,
    classes,
  };
}

/** Of a list that a person looks at. */
const MOST_SHOWN = 12;

function inWords(attribute: Attribute): string {
  switch (attribute.kind) {
    case 'string':
      return attribute.value.replace(/\p{C}/gu, '').slice(0, 200);
    case 'int':
      return String(attribute.value);
    case 'float':
      return shortly(attribute.value);
    case 'ints':
      return listed(attribute.value.map(String));
    case 'floats':
      return listed(attribute.value.map(shortly));
    case 'tensor':
      return `${attribute.value.type} [${attribute.value.dims.join(', ')}]`;
    default:
      return '…';
  }
}

const listed = (values: string[]) =>
  [...values.slice(0, MOST_SHOWN), ...(values.length > MOST_SHOWN ? ['…'] : [])].join(', ');
/** A 32-bit float has no more digits. */
const shortly = (value: number) => String(Number(value.toPrecision(7)));
