import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TrojanscopeError } from '../lib/errors.js';
import { bytes, floats, int, int64s, node, type OnnxSpec, onnx, port } from '../testing/onnxBytes.js';
import { importedNetwork, summaryOf } from './network.js';
import { type ExternalReader, parseOnnx } from './onnxFile.js';
import { readOnnx } from './readOnnx.js';

/** Files that are broken, or made to break their reader. None of them needs the engine to be refused. */

const shape = { height: 4, width: 4, channels: 1 };
const open = (file: Buffer, external?: ExternalReader) => {
  const { graph } = readOnnx(file, external);
  return summaryOf(graph, shape);
};

/** A classifier of 16 numbers: what is wrong is put into it. */
const dense = { w: { dims: [16, 3], values: Array.from({ length: 48 }, (_, i) => i / 48) } };
const flat = { op: 'Flatten', inputs: ['x'], outputs: ['f'], name: 'flat' };
const last = { op: 'MatMul', inputs: ['f', 'w'], name: 'dense' };
const sound: OnnxSpec = { nodes: [flat, last], constants: dense };
const inFront = (...nodes: OnnxSpec['nodes']): OnnxSpec => ({
  nodes: [...nodes, { ...flat, inputs: ['h'] }, last],
  constants: dense,
});
const weight = (spec: object): Buffer =>
  onnx({ ...sound, constants: { w: { dims: [16, 3], raw: floats(Array(48).fill(1)), ...spec } } });
const outside = (location: string, more: Record<string, string> = {}): Buffer =>
  weight({ external: { location, ...more } });
const huge = 2 ** 31;
const chain = (count: number, op: string, more: string[] = []) =>
  Array.from({ length: count }, (_, i) =>
    node({
      op,
      inputs: [i === 0 ? 'x' : `h${i}`, ...more],
      outputs: [i === count - 1 ? 'h' : `h${i + 1}`],
      name: `n${i}`,
    }),
  );
const conv = (attributes: Record<string, number | string | number[]>, dims = [2, 1, 3, 3]): Buffer =>
  onnx({
    ...inFront({ op: 'Conv', inputs: ['x', 'k'], outputs: ['h'], name: 'first', attributes }),
    constants: { ...dense, k: { dims, values: Array(dims.reduce((n, d) => n * d)).fill(1) } },
  });
const unary = (
  op: string,
  attributes: Record<string, number | string | number[]> = {},
  more: string[] = [],
): Buffer => onnx(inFront({ op, inputs: ['x', ...more], outputs: ['h'], name: 'odd', attributes }));

/** What each is refused with: the sentence has to name the place. */
const HOSTILE: Record<string, [file: () => Buffer, sentence: RegExp, external?: ExternalReader]> = {
  'an empty file': [() => Buffer.alloc(0), /expected a graph, got none/],
  'a text': [() => Buffer.from('<html><body>Not found</body></html>'), /no ONNX file/],
  'a pickle of PyTorch': [() => Buffer.from('PK\u0003\u0004archive/data.pkl'), /no ONNX file/],
  'the first half of a file': [() => onnx(sound).subarray(0, 150), /no ONNX file, or a part of one/],
  'a message that says to be longer than the file': [
    () => Buffer.concat([onnx(sound), Buffer.from([0x3a, 0xff, 0xff, 0xff, 0x7f])]),
    /268435455 bytes are said to begin/,
  ],
  'a length of 2⁶³': [() => Buffer.from([0x3a, 255, 255, 255, 255, 255, 255, 255, 255, 127]), /no ONNX file/],
  'a number without an end': [() => Buffer.alloc(20, 0xff), /no ONNX file/],
  'two graphs': [() => Buffer.concat([onnx(sound), onnx(sound)]), /one graph, got another/],
  'no opset': [() => onnx({ ...sound, opset: null }), /an opset .* got none/],
  'opset 6': [() => onnx({ ...sound, opset: 6 }), /opset from 7 to 23, got 6/],
  'opset 10⁶': [() => onnx({ ...sound, opset: 1e6 }), /opset from 7 to 23, got 1000000/],
  'a circle': [
    () =>
      onnx(
        inFront(
          { op: 'Add', inputs: ['x', 'b'], outputs: ['a'], name: 'one' },
          { op: 'Relu', inputs: ['a'], outputs: ['b'] },
          { op: 'Relu', inputs: ['b'], outputs: ['h'] },
        ),
      ),
    /Add "one": it takes "b" before that is made; .* in a circle/,
  ],
  'a node that takes what nothing makes': [
    () => onnx(inFront({ op: 'Relu', inputs: ['ghost'], outputs: ['h'], name: 'r' })),
    /Relu "r": it takes "ghost", which nothing makes/,
  ],
  'two nodes that make the same': [
    () =>
      onnx(
        inFront(
          { op: 'Relu', inputs: ['x'], outputs: ['h'], name: 'r' },
          { op: 'Abs', inputs: ['x'], outputs: ['h'], name: 's' },
        ),
      ),
    /Abs "s": "h" is made by another node too/,
  ],
  'a million nodes': [
    () => {
      const relu = bytes(1, node({ op: 'Relu', inputs: ['x'], outputs: ['x'] }));
      return bytes(7, Buffer.alloc(1e6 * relu.length, relu));
    },
    /at most 20000 nodes/,
  ],
  'constants of 2³¹ rows': [
    () => weight({ dims: [huge, 3], values: [] }),
    /Constant "w": .*\[2147483648,3\]/,
  ],
  'a constant of −1 rows': [() => weight({ dims: [-1, 3] }), /Constant "w": .*\[-1,3\]/],
  'a constant of 40 axes': [() => weight({ dims: Array(40).fill(1) }), /more than 8 numbers/],
  'a constant with too few numbers': [
    () => weight({ raw: floats([1, 2]) }),
    /Constant "w": expected 192 bytes for \[16,3\] of float, got 8/,
  ],
  'weights that are no numbers': [
    () => weight({ raw: floats(Array(48).fill(Number.NaN)) }),
    /Constant "w": expected numbers, got NaN at 0/,
  ],
  'weights of texts': [() => weight({ type: 8 }), /Constant "w": numbers of type string/],
  'quantised weights': [
    () => onnx(inFront({ op: 'QLinearConv', inputs: ['x'], outputs: ['h'] })),
    /not supported: QLinearConv/,
  ],
  'weights in ../../etc/passwd': [
    () => outside('../../etc/passwd'),
    /Constant "w": .*plain name; got "\.\.\/\.\.\/etc\/passwd"/,
  ],
  'weights in /etc/passwd': [() => outside('/etc/passwd'), /plain name; got "\/etc\/passwd"/],
  'weights in a folder below': [() => outside('a/b.bin'), /plain name; got "a\/b\.bin"/],
  'weights in C:\\': [() => outside('C:\\weights'), /plain name/],
  'weights in ..': [() => outside('..'), /plain name/],
  'weights in a file that is not there': [() => outside('w.data'), /"w\.data", which is not there/],
  'weights beyond the end of their file': [
    () => outside('w.data', { offset: '100', length: '192' }),
    /from byte 100 to 292 of "w\.data", which has 192 bytes/,
    () => Buffer.alloc(192),
  ],
  'weights at byte −1': [() => outside('w.data', { offset: '-1' }), /from byte -1/, () => Buffer.alloc(192)],
  'two inputs': [
    () => onnx({ ...sound, inputs: [port('x', [-1, 1, 4, 4]), port('z', [1])] }),
    /one input, the images; got "x", "z"/,
  ],
  'no input': [() => onnx({ ...sound, inputs: [] }), /one input, the images; got none/],
  'whole numbers as images': [
    () => onnx({ ...sound, inputs: [port('x', [-1, 1, 4, 4], 7)] }),
    /Input "x": expected floats, got int64/,
  ],
  'an input of five axes': [
    () => onnx({ ...sound, inputs: [port('x', [-1, 1, 1, 4, 4])] }),
    /Input "x": expected images/,
  ],
  'an input of another size': [
    () => onnx({ ...sound, inputs: [port('x', [-1, 1, 224, 224])] }),
    /Input "x": expected images of height 4, .* takes 224/,
  ],
  'an input of 2³¹ rows': [
    () => onnx({ ...sound, inputs: [port('x', [-1, 1, huge, huge])] }),
    /Input "x".*2147483648/,
  ],
  'no output': [() => onnx({ ...sound, outputs: [] }), /output numbered 0, got 0/],
  'an output that nothing makes': [
    () => onnx({ ...sound, outputs: [port('elsewhere', [1])] }),
    /"elsewhere": nothing makes it/,
  ],
  'an output that is a constant': [
    () => onnx({ ...sound, outputs: [port('w', [1])] }),
    /"w": it does not depend on the image/,
  ],
  'an output of one class': [
    () => onnx({ nodes: [flat, last], constants: { w: { dims: [16, 1], values: Array(16).fill(1) } } }),
    /Output "y": expected \[1,classes\] .* got \[1,1\]/,
  ],
  'an output for each pixel': [
    () => onnx({ nodes: [{ op: 'Relu', inputs: ['x'] }] }),
    /Output "y": expected \[1,classes\]/,
  ],
  'a branch': [
    () =>
      onnx(
        inFront(
          Buffer.concat([
            node({ op: 'If', inputs: ['x'], outputs: ['h'] }),
            bytes(5, bytes(1, 'then_branch'), bytes(6, bytes(2, 'g')), int(20, 5)),
          ]),
        ),
      ),
    /not supported: If/,
  ],
  'loops and unknown operators, all named at once': [
    () =>
      onnx(
        inFront(
          { op: 'Loop', inputs: ['x'], outputs: ['a'] },
          { op: 'Frobnicate', inputs: ['a'], outputs: ['b'] },
          { op: 'Sneaky', inputs: ['b'], outputs: ['h'], domain: 'com.evil' },
        ),
      ),
    /not supported: Loop, Frobnicate, com\.evil\.Sneaky/,
  ],
  'operators of the names of JavaScript’s own': [
    () =>
      onnx(
        inFront(
          { op: '__proto__', inputs: ['x'], outputs: ['a'] },
          { op: 'constructor', inputs: ['a'], outputs: ['h'] },
        ),
      ),
    /not supported: __proto__, constructor/,
  ],
  'functions of its own': [
    () => Buffer.concat([onnx(sound), bytes(25, bytes(1, 'f'))]),
    /functions of its own/,
  ],
  'a name of a megabyte': [
    () => onnx(inFront({ op: 'Relu', inputs: ['x'], outputs: ['h'], name: 'n'.repeat(1e6) })),
    /names of at most 1000 bytes/,
  ],
  'a node of 5000 inputs': [
    () => onnx(inFront({ op: 'Sum', inputs: Array(5_000).fill('x'), outputs: ['h'] })),
    /at most 4096 inputs/,
  ],
  'a ReLU of two inputs': [() => unary('Relu', {}, ['x']), /Relu "odd": expected 1 inputs, got 2/],
  'a convolution without a kernel': [() => unary('Conv'), /Conv "odd": expected 2 to 3 inputs, got 1/],
  'an attribute of another kind': [
    () => unary('Transpose', { perm: 'abc' }),
    /Transpose "odd": attribute "perm": expected ints, got string/,
  ],
  'an attribute that there is none of': [
    () => unary('Relu', { speed: 3 }),
    /Relu "odd": attribute "speed": expected none/,
  ],
  'an order of axes that is none': [
    () => unary('Transpose', { perm: [0, 0, 1, 2] }),
    /Transpose "odd": attribute "perm"/,
  ],
  'an axis that there is not': [
    () => unary('Softmax', { axis: 7 }),
    /Softmax "odd": expected an axis of the 4 there are, got 7/,
  ],
  'a convolution in three groups': [
    () => conv({ group: 3 }),
    /Conv "first": expected a kernel for 1 channels in 3 groups/,
  ],
  'a stride of 0': [() => conv({ strides: [0, 1] }), /Conv "first": attribute "strides"/],
  'a dilation of 10⁹': [() => conv({ dilations: [1e9, 1] }), /Conv "first": attribute "dilations"/],
  'a padding of 10⁹': [() => conv({ pads: [1e9, 0, 0, 0] }), /Conv "first": attribute "pads"/],
  'a kernel larger than the image': [
    () => conv({}, [2, 1, 9, 9]),
    /Conv "first": expected a window that fits 4×4, got 9×9/,
  ],
  'a kernel of three axes': [() => conv({}, [2, 1, 9]), /Conv "first": input 1: expected a kernel of images/],
  'a matrix that does not fit': [
    () => onnx({ nodes: [flat, last], constants: { w: { dims: [15, 3], values: Array(45).fill(1) } } }),
    /MatMul "dense": expected matrices that can be multiplied, got \[1,16\] and \[15,3\]/,
  ],
  'a batch normalisation in training': [
    () =>
      onnx({
        ...inFront({
          op: 'BatchNormalization',
          inputs: ['x', 'o', 'o', 'o', 'o'],
          outputs: ['h'],
          attributes: { training_mode: 1 },
        }),
        constants: { ...dense, o: { dims: [1], values: [1] } },
      }),
    /training mode: call model\.eval\(\)/,
  ],
  'a reshape to 2⁴⁰ numbers': [
    () =>
      onnx({
        ...inFront({ op: 'Reshape', inputs: ['x', 's'], outputs: ['h'], name: 'r' }),
        constants: { ...dense, s: { dims: [1], type: 7, raw: int64s([2 ** 40]) } },
      }),
    /Reshape "r": expected a shape of 16 numbers/,
  ],
  'a thousandfold tiling, again and again': [
    () =>
      onnx({
        ...inFront(...chain(20, 'Tile', ['s'])),
        constants: { ...dense, s: { dims: [4], type: 7, values: [1, 1, 100, 100] } },
      }),
    /Tile "n\d+": expected at most/,
  ],
  'constants that grow to gigabytes': [
    () =>
      onnx({
        nodes: [
          { op: 'ConstantOfShape', inputs: ['s'], outputs: ['c'], name: 'c' },
          { op: 'Add', inputs: ['x', 'c'], outputs: ['h'] },
          { ...flat, inputs: ['h'] },
          last,
        ],
        constants: { ...dense, s: { dims: [2], type: 7, values: [100_000, 100_000] } },
      }),
    /ConstantOfShape "c": expected at most 1048576 numbers/,
  ],
  'a range of 10¹² numbers': [
    () =>
      onnx({
        nodes: [
          { op: 'Range', inputs: ['a', 'b', 'c'], outputs: ['r'], name: 'r' },
          { op: 'Add', inputs: ['x', 'r'], outputs: ['h'] },
          { ...flat, inputs: ['h'] },
          last,
        ],
        constants: {
          ...dense,
          a: { dims: [], type: 7, values: [0] },
          b: { dims: [], type: 7, values: [1e12] },
          c: { dims: [], type: 7, values: [1] },
        },
      }),
    /Range "r"/,
  ],
  'twenty thousand sums of a million known numbers': [
    () => {
      const nodes = Array.from({ length: 10_000 }, (_, i) => ({
        op: 'Add',
        inputs: ['a', `c${i}`],
        outputs: [`c${i + 1}`],
        name: `n${i}`,
      }));
      return onnx({
        nodes: [
          { op: 'ConstantOfShape', inputs: ['s'], outputs: ['c0'] },
          { op: 'Identity', inputs: ['c0'], outputs: ['a'] },
          ...nodes,
          { op: 'Add', inputs: ['x', 'c10000'], outputs: ['h'] },
          { ...flat, inputs: ['h'] },
          last,
        ],
        constants: { ...dense, s: { dims: [1], type: 7, values: [60_000] } },
      });
    },
    /Add "n\d+": .*millions of numbers/,
  ],
  'a shape that the image’s own numbers decide': [
    () => onnx(inFront({ op: 'Reshape', inputs: ['x', 'x'], outputs: ['h'], name: 'r' })),
    /Reshape "r": a shape depends on the image/,
  ],
  'an index beyond the end': [
    () =>
      onnx({
        ...inFront({ op: 'Gather', inputs: ['x', 'i'], outputs: ['h'], name: 'g' }),
        constants: { ...dense, i: { dims: [1], type: 7, values: [9] } },
      }),
    /Gather "g": expected indices of the 1 there are, got 9/,
  ],
  'whole numbers divided by 0': [
    () =>
      onnx({
        nodes: [
          { op: 'Div', inputs: ['i', 'i'], outputs: ['s'], name: 'd' },
          { op: 'Reshape', inputs: ['x', 's'], outputs: ['h'] },
          { ...flat, inputs: ['h'] },
          last,
        ],
        constants: { ...dense, i: { dims: [1], type: 7, values: [0] } },
      }),
    /Div "d"/,
  ],
};
// Two of one name cannot be written by an object's keys.
HOSTILE['two constants of one name'] = [
  () => {
    const file = onnx({ ...sound, constants: { ...dense, v: { dims: [1], values: [1] } } });
    // The name of the second, of one letter, becomes that of the first.
    file[file.lastIndexOf(Buffer.from('\u0042\u0001v')) + 2] = 'w'.charCodeAt(0);
    return file;
  },
  /Constant "w": expected one of this name, got two/,
];

describe('a file that is broken or hostile', () => {
  let largest = 0;
  beforeAll(() => {
    expect(open(onnx(sound)).classes).toBe(3);
  });
  afterAll(() => expect(largest).toBeLessThan(500e6));

  it.each(Object.entries(HOSTILE))('%s', (_, [make, sentence, external]) => {
    const file = make();
    const [started, before] = [performance.now(), process.memoryUsage().rss];
    let refused: unknown;
    try {
      open(file, external);
    } catch (error) {
      refused = error;
    }
    expect(performance.now() - started).toBeLessThan(2_000);
    largest = Math.max(largest, process.memoryUsage().rss - before);
    expect(refused).toBeInstanceOf(TrojanscopeError);
    const { message, code } = refused as TrojanscopeError;
    expect(['DATA_DAMAGED', 'UNSUPPORTED']).toContain(code);
    expect(message).toMatch(sentence);
    expect(message.length).toBeLessThan(600);
  });

  it('are at least 40', () => expect(Object.keys(HOSTILE).length).toBeGreaterThanOrEqual(40));
});

describe('what is right', () => {
  it.each([
    ['half floats', 10, (x: number) => (x === 1 ? 0x3c00 : 0xc200), 2],
    ['bfloat16', 16, (x: number) => (x === 1 ? 0x3f80 : 0xc040), 2],
  ] as const)('weights of %s are read', (_, type, bits, size) => {
    const raw = Buffer.alloc(48 * size);
    for (let i = 0; i < 48; i++) raw.writeUInt16LE(bits(i % 2 === 0 ? 1 : -3), i * size);
    const { weights } = readOnnx(weight({ type, raw }));
    expect([...weights.w!.values.subarray(0, 4)]).toEqual([1, -3, 1, -3]);
  });

  it('weights of doubles and of whole numbers are read', () => {
    const raw = Buffer.from(Float64Array.from({ length: 48 }, (_, i) => i / 4).buffer);
    expect(readOnnx(weight({ type: 11, raw })).weights.w!.values[5]).toBe(1.25);
    const whole = onnx({
      nodes: [{ op: 'Cast', inputs: ['i'], outputs: ['w'], attributes: { to: 1 } }, flat, last],
      constants: { i: { dims: [16, 3], type: 7, values: Array.from({ length: 48 }, (_, i) => i) } },
    });
    expect(open(whole).classes).toBe(3);
  });

  it('weights beside the file are read, and their hash told', () => {
    const data = Buffer.concat([Buffer.alloc(8), floats(Array(48).fill(2))]);
    const { weights, externals } = readOnnx(outside('w.data', { offset: '8', length: '192' }), (name) =>
      name === 'w.data' ? data : undefined,
    );
    expect(weights.w).toEqual({ shape: [16, 3], values: new Float32Array(48).fill(2) });
    expect(externals['w.data']).toMatch(/^[0-9a-f]{64}$/);
  });

  it('a summary tells layers, parameters and what leads where', () => {
    const { graph } = readOnnx(onnx(inFront({ op: 'Relu', inputs: ['x'], outputs: ['h'], name: 'act' })));
    const { nodes, edges, parameters, operators, multiplications, batched } = summaryOf(graph, shape);
    const bare = { parameters: 0, attributes: [], weights: [] };
    expect(nodes).toEqual([
      { ...bare, op: 'Relu', name: 'act', shape: [1, 1, 4, 4] },
      { ...bare, op: 'Flatten', name: 'flat', shape: [1, 16] },
      {
        ...bare,
        op: 'MatMul',
        name: 'dense',
        shape: [1, 3],
        parameters: 48,
        weights: [{ name: 'w', shape: [16, 3] }],
      },
    ]);
    expect(edges).toEqual([
      [-1, 0],
      [0, 1],
      [1, 2],
    ]);
    expect({ parameters, operators, multiplications, batched }).toEqual({
      parameters: 48,
      operators: { Relu: 1, Flatten: 1, MatMul: 1 },
      multiplications: 48,
      batched: true,
    });
  });

  it('a summary tells attributes as the file has them, long lists cut off', () => {
    const attributes = { axis: -1, alpha: { float: 0.1 }, mode: 'a\u001bb', pads: Array(16).fill(3) };
    const { graph } = readOnnx(onnx(inFront({ op: 'Relu', inputs: ['x'], outputs: ['h'], name: 'act' })));
    const read = parseOnnx(onnx({ nodes: [{ op: 'Pad', inputs: ['x'], attributes }] })).nodes[0]!;
    graph.nodes[0]!.attributes = read.attributes;
    expect(summaryOf(graph, shape).nodes[0]!.attributes).toEqual([
      { name: 'axis', value: '-1' },
      { name: 'alpha', value: '0.1' },
      { name: 'mode', value: 'ab' },
      { name: 'pads', value: `${Array(12).fill(3).join(', ')}, …` },
    ]);
  });

  it('how many images go through at once follows from what one makes', () => {
    const { graph } = readOnnx(onnx(inFront({ op: 'Relu', inputs: ['x'], outputs: ['h'], name: 'act' })));
    const { bytesPerPixel, inferenceBatch } = importedNetwork(graph, shape);
    // 16 numbers of the ReLU, 16 in a row, 3 logits; 4 bytes each, of 16 pixels.
    expect(bytesPerPixel).toEqual({ forward: (4 * 35) / 16, backward: (8 * 35) / 16 });
    expect(inferenceBatch).toBe(500);
  });
});
