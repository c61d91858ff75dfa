import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Attribute, nodeBackend, tf } from './backend.js';
import { type AttrValue, type Endpoint, encodeSavedModel, type NodeDef, shapeOf } from './graphDef.js';

/** A function of tensors as one TensorFlow graph: one call instead of one per operation. */
export interface Compiled {
  /**
   * @param inputs of the shapes and types it was compiled for
   * @returns new tensors, the caller's to dispose
   * @throws RangeError when another shape comes: compile once per batch size
   */
  run(...inputs: tf.Tensor[]): tf.Tensor[];
  /** Frees the graph. */
  dispose(): void;
}

/**
 * Records the TensorFlow operations that `fn` runs once on `examples` and makes a graph of them, as Python's
 * `tf.function` does. Inputs become placeholders; every other tensor that `fn` meets becomes a constant, which is what
 * lets TensorFlow fold and pack weights. So what changes from call to call must be an input or state (weights in
 * training, seeds of random kernels), and `fn` must not read values back or decide by them.
 */
export function compile(
  fn: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[],
  examples: tf.Tensor[],
): Compiled {
  return build((inputs) => [fn(...inputs)].flat(), examples, []);
}

/** A graph with tensors of its own, which it changes in place: weights and momenta need not come and go. */
export interface CompiledStep extends Compiled {
  /** The state's values as they are now: copies, the caller's to dispose. */
  state(): tf.Tensor[];
}

/**
 * One of TensorFlow's kernels that change variables, e.g. `ResourceApplyMomentum`: called while a step is recorded.
 * @param variables tensors of the state
 * @param values what the kernel takes behind them
 */
export type Update = (
  op: string,
  attributes: Attribute[],
  variables: readonly tf.Tensor[],
  values: readonly tf.Tensor[],
) => void;

/**
 * As `compile`, for a step that changes state: `fn` computes from `inputs` and `state` and says by `update` how the
 * state changes. Changes happen when `run` is called, not while `fn` is recorded.
 * @param state what it begins with; the tensors stay the caller's
 */
export function compileStep(
  fn: (inputs: tf.Tensor[], state: tf.Tensor[], update: Update) => tf.Tensor[],
  examples: tf.Tensor[],
  state: tf.Tensor[],
): CompiledStep {
  return build(fn, examples, state);
}

function build(
  fn: (inputs: tf.Tensor[], state: tf.Tensor[], update: Update) => tf.Tensor[],
  examples: tf.Tensor[],
  state: tf.Tensor[],
): CompiledStep {
  tf.engine().startScope();
  let recorded: ReturnType<typeof record>;
  try {
    recorded = record(fn, examples, state);
  } finally {
    tf.engine().endScope();
  }
  const { nodes, inputs, outputs } = recorded;
  const graph = load(encodeSavedModel(nodes, inputs, outputs, TAG));
  const feedsOf = (tensors: tf.Tensor[], prefix: string) =>
    tensors.map(({ dtype, shape }, i) => ({ name: `${prefix}${i}:0`, dtype, shape: [...shape] }));
  const feeds = feedsOf(examples, 'input');
  const fetches = outputs.map(({ name }) => name);
  if (state.length > 0) {
    const done = nodeBackend().runSavedModel(graph, state, feedsOf(state, 'initial'), ['initialised:0']);
    tf.dispose(done);
  }
  return {
    run(...values) {
      feeds.forEach(({ shape }, i) => {
        const came = values[i]?.shape;
        if (came?.length === shape.length && shape.every((size, axis) => size === came[axis])) return;
        throw new RangeError(`Compiled for input ${i} of shape [${shape}]; got [${came}].`);
      });
      return nodeBackend().runSavedModel(graph, values, feeds, fetches);
    },
    // Copied: what the session hands out is the variable's own memory, which the next step writes to.
    state: () =>
      nodeBackend().runSavedModel(
        graph,
        [],
        [],
        state.map((_, i) => `current${i}:0`),
      ),
    dispose: () => nodeBackend().deleteSavedModel(graph),
  };
}

const TAG = 'serve';
/** TensorFlow's DataType numbers. */
const DATA_TYPES: Partial<Record<tf.DataType, number>> = { float32: 1, int32: 3, bool: 10 };
const dataType = ({ dtype }: tf.Tensor) => {
  const number = DATA_TYPES[dtype];
  if (number === undefined) throw new RangeError(`A graph takes no tensor of type ${dtype}.`);
  return number;
};

let graphs = 0;

function record(
  fn: (inputs: tf.Tensor[], state: tf.Tensor[], update: Update) => tf.Tensor[],
  examples: tf.Tensor[],
  state: tf.Tensor[],
) {
  const backend = nodeBackend();
  const nodes: NodeDef[] = [];
  /** Which output of which node a tensor is, by its data. */
  const sources = new Map<object, string>();
  const add = (op: string, name: string, input: string[], attr: NodeDef['attr'], made: tf.Tensor[]) => {
    nodes.push({ name, op, input, attr });
    for (const [i, tensor] of made.entries()) sources.set(tensor.dataId, i === 0 ? name : `${name}:${i}`);
  };
  const sourceOf = (tensor: tf.Tensor): string => {
    if (!sources.has(tensor.dataId)) {
      const { buffer, byteOffset, byteLength } = backend.readSync(tensor.dataId);
      const content = new Uint8Array(buffer, byteOffset, byteLength).slice();
      const [dtype, shape] = [dataType(tensor), shapeOf(tensor.shape)];
      const attr = { dtype: { type: dtype }, value: { tensor: { dtype, shape, content } } };
      add('Const', `constant${nodes.length}`, [], attr, [tensor]);
    }
    return sources.get(tensor.dataId)!;
  };
  const recordOperation = (op: string, attributes: Attribute[], inputs: tf.Tensor[], made: tf.Tensor[]) => {
    const attr = Object.fromEntries(attributes.map((a) => [a.name, attributeValue(a)]));
    // Where the eager engine infers the type from the inputs, the call carries no attribute; a graph needs it.
    if (attributes.length === 0 && inputs[0]) attr.T = { type: dataType(inputs[0]) };
    add(op, `operation${nodes.length}`, inputs.map(sourceOf), attr, made);
  };

  const placeholder = (tensor: tf.Tensor, name: string) => {
    const attr = { dtype: { type: dataType(tensor) }, shape: { shape: shapeOf(tensor.shape) } };
    add('Placeholder', name, [], attr, [tensor]);
  };
  examples.forEach((tensor, i) => {
    placeholder(tensor, `input${i}`);
  });
  const handles = new Map<object, string>();
  const graphNumber = graphs++;
  state.forEach((tensor, i) => {
    const dtype = { type: dataType(tensor) };
    placeholder(tensor, `initial${i}`);
    const shared = { s: Buffer.from(`graph${graphNumber}/variable${i}`) };
    const handle = `variable${i}`;
    add(
      'VarHandleOp',
      handle,
      [],
      { dtype, shape: { shape: shapeOf(tensor.shape) }, shared_name: shared },
      [],
    );
    add('AssignVariableOp', `initialise${i}`, [handle, `initial${i}`], { dtype }, []);
    add('ReadVariableOp', `read${i}`, [handle], { dtype }, [tensor]);
    // A kernel that copies, because a variable's memory is handed out as it is.
    add('DeepCopy', `current${i}`, [`read${i}`], { T: dtype }, []);
    handles.set(tensor.dataId, handle);
  });
  if (state.length > 0) {
    const after = state.map((_, i) => `^initialise${i}`);
    const content = new Uint8Array(4);
    const value = { tensor: { dtype: 1, shape: shapeOf([]), content } };
    add('Const', 'initialised', after, { dtype: { type: 1 }, value }, []);
  }
  const updates: string[] = [];
  const update: Update = (op, attributes, variables, values) => {
    const name = `update${updates.length}`;
    const attr = Object.fromEntries(attributes.map((a) => [a.name, attributeValue(a)]));
    const targets = variables.map(({ dataId }) => {
      const handle = handles.get(dataId);
      if (!handle) throw new RangeError(`${op} changes a tensor that is not of the state.`);
      return handle;
    });
    // After the values that the step computes from were read.
    const reads = targets.map((handle) => `^read${handle.slice('variable'.length)}`);
    add(op, name, [...targets, ...values.map(sourceOf), ...reads], attr, []);
    updates.push(`^${name}`);
  };
  const { executeSingleOutput, executeMultipleOutputs } = backend;
  backend.executeSingleOutput = (op, attributes, inputs) => {
    const made = executeSingleOutput.call(backend, op, attributes, inputs);
    recordOperation(op, attributes, inputs, [made]);
    return made;
  };
  backend.executeMultipleOutputs = (op, attributes, inputs, count) => {
    const made = executeMultipleOutputs.call(backend, op, attributes, inputs, count);
    recordOperation(op, attributes, inputs, made);
    return made;
  };
  try {
    const results = fn(examples, state, update);
    const endpoint = (name: string, tensor: tf.Tensor): Endpoint => ({
      name: `${name}:0`,
      dtype: dataType(tensor),
      shape: shapeOf(tensor.shape),
    });
    results.forEach((tensor, i) => {
      nodes.push({
        name: `output${i}`,
        op: 'Identity',
        input: [sourceOf(tensor), ...updates],
        attr: { T: { type: dataType(tensor) } },
      });
    });
    return {
      nodes,
      inputs: examples.map((tensor, i) => endpoint(`input${i}`, tensor)),
      outputs: results.map((tensor, i) => endpoint(`output${i}`, tensor)),
    };
  } finally {
    backend.executeSingleOutput = executeSingleOutput;
    backend.executeMultipleOutputs = executeMultipleOutputs;
  }
}

function attributeValue({ name, type, value }: Attribute): AttrValue {
  const { binding } = nodeBackend();
  const list = Array.isArray(value);
  switch (type) {
    case binding.TF_ATTR_STRING:
      return { s: Buffer.from(value as string) };
    case binding.TF_ATTR_INT:
      return list ? { list: { i: value as number[] } } : { i: value as number };
    case binding.TF_ATTR_FLOAT:
      return list ? { list: { f: value as number[] } } : { f: value as number };
    case binding.TF_ATTR_BOOL:
      return { b: value as boolean };
    case binding.TF_ATTR_TYPE:
      return list ? { list: { type: value as number[] } } : { type: value as number };
    case binding.TF_ATTR_SHAPE:
      return { shape: shapeOf(value as number[]) };
  }
  throw new RangeError(`Attribute ${name} is of a kind that graphs here do not know.`);
}

/** Hands the graph to TensorFlow, which reads it from a file. */
function load(savedModel: Uint8Array): number {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'trojanscope-graph-'));
  try {
    writeFileSync(path.join(folder, 'saved_model.pb'), savedModel);
    return nodeBackend().loadSavedModelMetaGraph(folder, TAG);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
