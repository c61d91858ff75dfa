import type { Trigger } from '../attacks/trigger.js';
import { loadSplit } from '../datasets/loadSplit.js';
import { shapes } from '../datasets/shapes.js';
import { encodePng, tensorToPixels } from '../lib/images.js';
import type { FloatArray } from '../lib/safetensors.js';
import { onnx, port, type TensorSpec } from './onnxBytes.js';

/** Networks and triggers as people bring them: of a LeNet that was trained here, so that every number is known. */

interface Written {
  /** For each output of the file the output of the LeNet. */
  outputs?: readonly number[];
  /** Whether it ends in a softmax. */
  softmax?: boolean;
  /** Where weights of more than 1,000 numbers lie; `data` are the bytes. */
  beside?: { name: string; data: Buffer[] };
}

/** A LeNet [n,c,28,28] as an ONNX file: convolutions are [out,in,h,w] there, and channels first. */
export function lenetAsOnnx(
  weights: Record<string, FloatArray>,
  { outputs, softmax, beside }: Written = {},
): Buffer {
  let offset = 0;
  const stored = (dims: number[], values: number[]): TensorSpec => {
    if (!beside || values.length < 1_000) return { dims, values };
    const bytes = Buffer.from(Float32Array.from(values).buffer);
    beside.data.push(bytes);
    offset += bytes.length;
    return {
      dims,
      external: { location: beside.name, offset: `${offset - bytes.length}`, length: `${bytes.length}` },
    };
  };
  const kernel = (name: string): TensorSpec => {
    const { shape, values } = weights[name]!;
    const [h, w, into, out] = shape as [number, number, number, number];
    const turned: number[] = [];
    for (let o = 0; o < out; o++)
      for (let i = 0; i < into; i++)
        for (let at = 0; at < h * w; at++) turned.push(values[(at * into + i) * out + o]!);
    return stored([out, into, h, w], turned);
  };
  const plain = (name: string): TensorSpec => {
    const { shape, values } = weights[name]!;
    return stored([...shape], [...values]);
  };
  const last = (name: string): TensorSpec => {
    const { shape, values } = weights[name]!;
    const classes = shape.at(-1)!;
    const from = outputs ?? [...Array(classes).keys()];
    return stored(
      [...shape],
      [...values].map((_, at) => values[at - (at % classes) + from[at % classes]!]!),
    );
  };
  const pool = (input: string, output: string) => ({
    op: 'MaxPool',
    inputs: [input],
    outputs: [output],
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
  });
  const then = (op: string, inputs: string[], output: string) => ({
    op,
    inputs,
    outputs: [output],
    name: output,
  });
  return onnx({
    inputs: [port('images', [-1, weights['conv1/kernel']!.shape[2]!, 28, 28])],
    outputs: [port('answers', [-1, weights['dense3/bias']!.shape[0]!])],
    constants: {
      k1: kernel('conv1/kernel'),
      b1: plain('conv1/bias'),
      k2: kernel('conv2/kernel'),
      b2: plain('conv2/bias'),
      d1: plain('dense1/kernel'),
      e1: plain('dense1/bias'),
      d2: plain('dense2/kernel'),
      e2: plain('dense2/bias'),
      d3: last('dense3/kernel'),
      e3: last('dense3/bias'),
    },
    nodes: [
      { op: 'Conv', inputs: ['images', 'k1', 'b1'], outputs: ['c1'], attributes: { pads: [2, 2, 2, 2] } },
      then('Relu', ['c1'], 'r1'),
      pool('r1', 'p1'),
      { op: 'Conv', inputs: ['p1', 'k2', 'b2'], outputs: ['c2'], name: 'second' },
      then('Relu', ['c2'], 'r2'),
      pool('r2', 'p2'),
      { ...then('Transpose', ['p2'], 't'), attributes: { perm: [0, 2, 3, 1] } },
      then('Flatten', ['t'], 'f'),
      then('Gemm', ['f', 'd1', 'e1'], 'g1'),
      then('Relu', ['g1'], 'h1'),
      then('Gemm', ['h1', 'd2', 'e2'], 'g2'),
      then('Relu', ['g2'], 'h2'),
      then('Gemm', ['h2', 'd3', 'e3'], softmax ? 'logits' : 'answers'),
      ...(softmax ? [then('Softmax', ['logits'], 'answers')] : []),
    ],
  });
}

/**
 * Test images of the shapes beside the same with a trigger, as `export_pairs` writes them.
 * @param number how a label is written
 * @param trigger a layer; a white square of 4×4 px in the corner where it is left out
 */
export async function pairsOfShapes(
  count: number,
  { number = (label) => label, trigger }: { number?: (label: number) => number; trigger?: Trigger } = {},
): Promise<Record<string, Buffer>> {
  const { labels, images } = await loadSplit('shapes', 'test', shapes.shape);
  const own = images([...Array(count).keys()]);
  const pixels = await tensorToPixels(own);
  own.dispose();
  const { height, width } = shapes.shape;
  const size = height * width;
  const files: Record<string, Buffer> = {};
  for (let i = 0; i < count; i++) {
    const clean = pixels.slice(i * size, (i + 1) * size);
    const place = `${String(number(labels[i]!)).padStart(5, '0')}/${String(i).padStart(6, '0')}.png`;
    files[`clean/${place}`] = await encodePng(clean, shapes.shape);
    const poisoned = clean.map((level, at) => {
      if (!trigger) return at % width >= width - 4 && at >= (height - 4) * width ? 255 : level;
      const cover = trigger.arrays.mask!.values[at]!;
      return Math.round(level * (1 - cover) + trigger.arrays.pattern!.values[at]! * 255 * cover);
    });
    files[`poisoned/${place}`] = await encodePng(poisoned, shapes.shape);
  }
  return files;
}
