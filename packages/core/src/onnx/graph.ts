import type { FloatArray } from '../lib/safetensors.js';
import {
  type Constant,
  numberType,
  type OnnxModel,
  type OnnxNode,
  type Port,
  placeOf,
  typeName,
} from './onnxFile.js';
import { checkNode } from './operator.js';
import { operatorOf } from './operators/index.js';
import { at, damaged, shown, unsupported } from './refusal.js';
import { inOwnOperators } from './scikitLearn.js';
import { known, sizeOf } from './shapes.js';

/** What a network of an ONNX file computes, as data, checked: nothing here depends on how many images go through. */
export interface OnnxGraph {
  producer: string;
  opset: number;
  input: Port;
  image: GraphImage;
  /** The number of images that the file was exported for, where it fixes one. */
  fixedBatch?: number;
  /** Whether what came out were probabilities: the softmax at the end is left away. */
  softmax: boolean;
  /** The tensor that holds the logits. */
  output: string;
  /** In the order of their use, as the file has them; constants are among `constants`. */
  nodes: OnnxNode[];
  /** The same with batch normalisations folded into the convolutions before them. */
  steps: OnnxNode[];
  constants: ReadonlyMap<string, Constant>;
}

/** The images that a network takes; a side is undefined where the file leaves it open. */
export interface GraphImage {
  channels?: number;
  height?: number;
  width?: number;
  /** How they lie: as PyTorch has them, as Keras has them, or all numbers of an image in a row. */
  order: 'channelsFirst' | 'channelsLast' | 'flat';
}

/** Opsets whose operators are read as they are meant. */
const OPSETS = [7, 23] as const;

/**
 * @param output which of its outputs holds the logits, by its place; the first of numbers where it is left out
 * @throws TrojanscopeError DATA_DAMAGED, UNSUPPORTED naming the node and what was expected
 */
export function graphOf(model: OnnxModel, output = firstOfNumbers(model.outputs)): OnnxGraph {
  const { opset, producer } = model;
  const [first, last] = OPSETS;
  if (!opset)
    throw damaged(
      'Expected an opset of ONNX’s own operators, got none: the file does not say which it was made with.',
    );
  if (!(opset >= first && opset <= last))
    throw unsupported(`Expected an opset from ${first} to ${last}, got ${opset}.`);
  const input = inputOf(model);
  const result = model.outputs[output];
  if (!result) throw damaged(`Expected an output numbered ${output}, got ${model.outputs.length} in all.`);
  const own = inOwnOperators(model);
  const constants = new Map(own.constants);
  const all = onlyUsed(neededFor(result.name, own.nodes), result.name);
  checkSupported(all);
  for (const node of all) at(placeOf(node), () => checkNode(node, operatorOf(node.op)!));
  checkOrder(all, input.name, constants);
  const nodes = liftConstants(all, constants);
  const end = logitsOf(nodes, result.name);
  const needed = neededFor(end.name, nodes);
  const image = imageOf(input);
  const [batch] = input.dims;
  return {
    producer,
    opset,
    input,
    image,
    ...(batch !== undefined && batch > 0 && { fixedBatch: batch }),
    softmax: end.softmax,
    output: end.name,
    nodes: needed,
    steps: foldNormalisations(needed, end.name, constants),
    constants,
  };
}

/** scikit-learn's first output is the label. */
function firstOfNumbers(outputs: readonly Port[]): number {
  const saysLabels = ({ type }: Port) => type !== 0 && numberType(type) !== 'float';
  return Math.max(
    0,
    outputs.findIndex((output) => !saysLabels(output)),
  );
}

/** Without outputs that nobody takes: older exporters name masks, indices and running statistics all the same. */
function onlyUsed(nodes: readonly OnnxNode[], result: string): OnnxNode[] {
  const used = new Set([result, ...nodes.flatMap(({ inputs }) => inputs)]);
  return nodes.map((node) => ({
    ...node,
    outputs: node.outputs.map((name, i) => (i === 0 || used.has(name) ? name : '')),
  }));
}

/** The numbers that were learnt, by their names in the file; what is left are shapes, indices and single numbers. */
export function weightsOf({ nodes, constants }: OnnxGraph): Record<string, FloatArray> {
  const weights: Record<string, FloatArray> = Object.create(null);
  for (const name of new Set(nodes.flatMap(({ inputs }) => inputs))) {
    const constant = constants.get(name);
    if (constant && isWeight(constant))
      weights[name] = { shape: constant.dims, values: constant.data as Float32Array };
  }
  return weights;
}
export const isWeight = ({ type, dims }: Constant): boolean => type === 'float' && dims.length > 0;

function inputOf({ inputs }: OnnxModel): Port {
  const [input] = inputs;
  if (!input || inputs.length > 1)
    throw unsupported(
      `Expected one input, the images; got ${
        inputs
          .map(({ name }) => shown(name))
          .join(', ')
          .slice(0, 300) || 'none'
      }.`,
    );
  if (numberType(input.type) !== 'float')
    throw unsupported(`Input ${shown(input.name)}: expected floats, got ${typeName(input.type)}.`);
  return input;
}

/** Which axis is which: files do not say, but channels are one or three, and first where both would do. */
function imageOf({ name, dims }: Port): GraphImage {
  const open = (size: number | undefined) => (size !== undefined && size > 0 ? size : undefined);
  if (dims.length === 2) return { order: 'flat' };
  const [, a, b, c] = dims;
  if (dims.length === 3)
    return { channels: 1, height: open(a)!, width: open(b)!, order: 'channelsLast' } as GraphImage;
  if (dims.length !== 4)
    throw unsupported(
      `Input ${shown(name)}: expected images, [n,c,h,w] or [n,h,w,c]; got ${dims.length} axes.`,
    );
  const few = (size: number | undefined) => size === 1 || size === 3;
  if (few(c) && !few(a)) return sides(c, a, b, 'channelsLast');
  return sides(a, b, c, 'channelsFirst');

  function sides(channels = -1, height = -1, width = -1, order: GraphImage['order']): GraphImage {
    return {
      ...(channels > 0 && { channels }),
      ...(height > 0 && { height }),
      ...(width > 0 && { width }),
      order,
    };
  }
}

/** The nodes that an output takes, in the file's order. */
function neededFor(output: string, nodes: readonly OnnxNode[]): OnnxNode[] {
  const makers = new Map<string, OnnxNode>();
  for (const node of nodes)
    for (const name of node.outputs) {
      if (name === '') continue;
      if (makers.has(name)) throw damaged(`${placeOf(node)}: ${shown(name)} is made by another node too.`);
      makers.set(name, node);
    }
  const wanted = new Set<OnnxNode>();
  const queue = [output];
  while (queue.length > 0) {
    const node = makers.get(queue.pop()!);
    if (!node || wanted.has(node)) continue;
    wanted.add(node);
    queue.push(...node.inputs);
  }
  return nodes.filter((node) => wanted.has(node));
}

/** All that is not supported at once, so that nobody learns of it one export after the other. */
function checkSupported(nodes: readonly OnnxNode[]): void {
  const strange = [...new Set(nodes.map(({ op }) => op))].filter((op) => !operatorOf(op));
  if (strange.length === 0) return;
  const listed = strange.slice(0, 30).map((op) => (/^[\w.]{1,60}$/.test(op) ? op : shown(op)));
  const more = strange.length > 30 ? ` and ${strange.length - 30} more` : '';
  throw unsupported(
    `It takes operators that are not supported: ${listed.join(', ')}${more}. docs/own-models.md lists those that are.`,
  );
}

/** ONNX wants nodes in the order of their use. */
function checkOrder(
  nodes: readonly OnnxNode[],
  input: string,
  constants: ReadonlyMap<string, Constant>,
): void {
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const ready = new Set<string>([input, '']);
  for (const node of nodes) {
    for (const name of node.inputs) {
      if (ready.has(name) || constants.has(name)) continue;
      throw damaged(
        made.has(name)
          ? `${placeOf(node)}: it takes ${shown(name)} before that is made; the nodes are out of order or go in a circle.`
          : `${placeOf(node)}: it takes ${shown(name)}, which nothing makes.`,
      );
    }
    for (const name of node.outputs) ready.add(name);
  }
}

/** Some exporters write weights as nodes. */
function liftConstants(nodes: OnnxNode[], constants: Map<string, Constant>): OnnxNode[] {
  return nodes.filter((node) => {
    if (node.op !== 'Constant') return true;
    const attribute = node.attributes.values().next().value;
    if (attribute?.kind !== 'tensor') return true;
    constants.set(node.outputs[0]!, attribute.value);
    return false;
  });
}

/**
 * A softmax at the end changes no label, but what gradients are taken of: the logits before it are what counts. What
 * divides probabilities by their sum, 1, is let go with it.
 */
function logitsOf(nodes: readonly OnnxNode[], output: string): { name: string; softmax: boolean } {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const past = (name: string): OnnxNode | undefined => {
    const maker = makers.get(name);
    return maker?.op === 'Identity' ? past(maker.inputs[0]!) : maker;
  };
  const end = past(output);
  const [probabilities = '', sum = ''] = end?.op === 'Div' ? end.inputs : [];
  const bySum = makers.get(sum)?.op === 'ReduceL1' && makers.get(sum)!.inputs[0] === probabilities;
  const maker = bySum ? past(probabilities) : end;
  if (maker?.op !== 'Softmax' && maker?.op !== 'LogSoftmax')
    return { name: end?.outputs[0] ?? output, softmax: false };
  return { name: maker.inputs[0]!, softmax: true };
}

/** A batch normalisation right behind a convolution becomes part of it: its four inputs are the convolution's too. */
function foldNormalisations(
  nodes: readonly OnnxNode[],
  output: string,
  constants: ReadonlyMap<string, Constant>,
): OnnxNode[] {
  const uses = new Map<string, number>();
  for (const { inputs } of nodes) for (const name of inputs) uses.set(name, (uses.get(name) ?? 0) + 1);
  const convolutions = new Map<string, OnnxNode>();
  for (const node of nodes) if (node.op === 'Conv') convolutions.set(node.outputs[0]!, node);
  const folded = new Map<OnnxNode, OnnxNode>();
  for (const norm of nodes) {
    const [from = '', ...rest] = norm.inputs;
    const conv = convolutions.get(from);
    const mode = norm.attributes.get('training_mode') as { value?: unknown } | undefined;
    if (
      norm.op !== 'BatchNormalization' ||
      mode?.value === 1 ||
      !conv ||
      uses.get(from) !== 1 ||
      from === output
    )
      continue;
    if (![...rest, conv.inputs[1]!].every((name) => constants.has(name))) continue;
    const epsilon = norm.attributes.get('epsilon') ?? ({ kind: 'float', value: 1e-5 } as const);
    const [x, kernel, bias = ''] = conv.inputs;
    folded.set(conv, {
      ...conv,
      inputs: [x!, kernel!, bias, ...rest],
      outputs: norm.outputs.slice(0, 1),
      attributes: new Map(conv.attributes).set('epsilon', epsilon),
    });
    folded.set(norm, norm);
  }
  return nodes.flatMap((node) => {
    const own = folded.get(node);
    if (!own) return [node];
    return own === node ? [] : [own];
  });
}

/** Floats of more numbers than this are not looked at before the network runs. */
const SMALL = 65_536;

/** A constant as a network begins with it. */
export function initialValue(constant: Constant) {
  const { dims, type, data } = constant;
  if (type === 'float' && sizeOf(dims) > SMALL) return { dims, type, constant: true };
  return known(type, dims, data);
}
