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
 * `tf.function` does. Inputs become placeholders; every other tensor that `fn` meets is taken as it is now, and what is
 * computed of such alone is computed once. So what changes from call to call must be an input or state (weights in
 * training, seeds of random kernels), and `fn` must not read values back or decide by them.
 */
export function compile(
  fn: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[],
  examples: tf.Tensor[],
): Compiled {
  const { run, dispose } = compileSteps([{ fn: (inputs) => [fn(...inputs)].flat(), examples }], []);
  return { run: (...inputs) => run(0, ...inputs), dispose };
}

/** Steps with tensors of their own, which they change in place: weights and momenta need not come and go. */
export interface CompiledSteps {
  /**
   * @param step which of the steps, from 0
   * @param inputs of the shapes and types it was compiled for
   * @returns new tensors, the caller's to dispose
   * @throws RangeError when another shape comes
   */
  run(step: number, ...inputs: tf.Tensor[]): tf.Tensor[];
  /** The first `count` tensors of the state as they are now: copies, the caller's to dispose. */
  state(count: number): tf.Tensor[];
  /** Frees the graph. */
  dispose(): void;
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

/** Computes from `inputs` and `state` and says by `update` how the state changes: when it is run, not while it is recorded. */
export interface Step {
  fn(inputs: tf.Tensor[], state: tf.Tensor[], update: Update): tf.Tensor[];
  examples: tf.Tensor[];
}

/**
 * As `compile`, for steps that change the state they share. Each gives at least one tensor.
 * @param state what it begins with; the tensors stay the caller's
 */
export function compileSteps(steps: readonly Step[], state: tf.Tensor[]): CompiledSteps {
  tf.engine().startScope();
  let recorded: ReturnType<typeof record>;
  try {
    recorded = record(steps, state);
  } finally {
    tf.engine().endScope();
  }
  const { nodes, variables, parts } = recorded;
  const endpoints = (of: 'inputs' | 'outputs') => parts.flatMap((part) => part[of]);
  const graph = load(encodeSavedModel(nodes, endpoints('inputs'), endpoints('outputs'), TAG));
  const feedsOf = (tensors: tf.Tensor[], names: string[]) =>
    tensors.map(({ dtype, shape }, i) => ({ name: names[i]!, dtype, shape: [...shape] }));
  const runnable = parts.map(({ inputs, outputs }, i) => ({
    feeds: feedsOf(
      steps[i]!.examples,
      inputs.map(({ name }) => name),
    ),
    fetches: outputs.map(({ name }) => name),
  }));
  if (variables.length > 0) {
    const feeds = feedsOf(
      variables,
      variables.map((_, i) => `initial${i}:0`),
    );
    tf.dispose(nodeBackend().runSavedModel(graph, variables, feeds, ['initialised:0']));
    tf.dispose(variables.slice(state.length));
  }
  return {
    run(step, ...values) {
      const { feeds, fetches } = runnable[step]!;
      feeds.forEach(({ shape }, i) => {
        const came = values[i]?.shape;
        if (came?.length === shape.length && shape.every((size, axis) => size === came[axis])) return;
        throw new RangeError(`Compiled for input ${i} of shape [${shape}]; got [${came}].`);
      });
      return nodeBackend().runSavedModel(graph, values, feeds, fetches);
    },
    // Copied: what the session hands out is the variable's own memory, which the next step writes to.
    state: (count) =>
      nodeBackend().runSavedModel(
        graph,
        [],
        [],
        Array.from({ length: count }, (_, i) => `current${i}:0`),
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

/**
 * A constant is held some eight times over, in the file, the graph, the optimised graph, …: what is as large as this is
 * kept as a variable, which is there once. Measured: slower by 4 % for a ResNet-34, whose kernels are packed anew in each
 * run, but ready in a third of the time.
 */
const LARGE_BYTES = 2 ** 20;

let graphs = 0;

/**
 * Long for one function: while it records it stands in for the engine, and everything it does writes to the same tables of
 * what was recorded, which nobody else is to see.
 */
function record(steps: readonly Step[], state: tf.Tensor[]) {
  const backend = nodeBackend();
  const nodes: NodeDef[] = [];
  /** The state, and large constants behind it. */
  const variables: tf.Tensor[] = [];
  const handles = new Map<object, string>();
  const graphNumber = graphs++;
  /** Which output of which node a tensor is, by its data. */
  const sources = new Map<object, string>();
  /** The data of those that are the same in every run. */
  const constants = new Set<object>();
  const isConstant = ({ dataId }: tf.Tensor) => !sources.has(dataId) || constants.has(dataId);
  const add = (op: string, name: string, input: string[], attr: NodeDef['attr'], made: tf.Tensor[]) => {
    nodes.push({ name, op, input, attr });
    for (const [i, tensor] of made.entries()) sources.set(tensor.dataId, i === 0 ? name : `${name}:${i}`);
  };
  const placeholder = (tensor: tf.Tensor, name: string) => {
    const attr = { dtype: { type: dataType(tensor) }, shape: { shape: shapeOf(tensor.shape) } };
    add('Placeholder', name, [], attr, [tensor]);
  };
  const addVariable = (tensor: tf.Tensor) => {
    const i = variables.push(tensor) - 1;
    const dtype = { type: dataType(tensor) };
    placeholder(tensor, `initial${i}`);
    const shared = { s: Buffer.from(`graph${graphNumber}/variable${i}`) };
    const handle = `variable${i}`;
    const shape = { shape: shapeOf(tensor.shape) };
    add('VarHandleOp', handle, [], { dtype, shape, shared_name: shared }, []);
    add('AssignVariableOp', `initialise${i}`, [handle, `initial${i}`], { dtype }, []);
    add('ReadVariableOp', `read${i}`, [handle], { dtype }, [tensor]);
    handles.set(tensor.dataId, handle);
  };
  const addConstant = (tensor: tf.Tensor) => {
    if (tensor.dtype === 'float32' && 4 * tensor.size >= LARGE_BYTES) addVariable(tf.keep(tensor.clone()));
    else {
      const { buffer, byteOffset, byteLength } = backend.readSync(tensor.dataId);
      const content = new Uint8Array(buffer, byteOffset, byteLength).slice();
      const [dtype, shape] = [dataType(tensor), shapeOf(tensor.shape)];
      const attr = { dtype: { type: dtype }, value: { tensor: { dtype, shape, content } } };
      add('Const', `constant${nodes.length}`, [], attr, [tensor]);
    }
    constants.add(tensor.dataId);
  };
  const sourceOf = (tensor: tf.Tensor): string => {
    if (!sources.has(tensor.dataId)) addConstant(tensor);
    return sources.get(tensor.dataId)!;
  };
  const { executeSingleOutput, executeMultipleOutputs } = backend;
  /**
   * What is recorded needs shapes, not values: all floats of one shape share their memory, where the whole pass would lie
   * in it otherwise.
   */
  const shared = new Map<string, tf.Tensor>();
  const shareMemory = (tensor: tf.Tensor): tf.Tensor => {
    if (tensor.dtype !== 'float32') return tensor;
    const key = `${tensor.shape}`;
    const known = shared.get(key);
    if (!known) {
      shared.set(key, tf.keep(tensor.clone()));
      return tensor;
    }
    tensor.dispose();
    const { binding } = backend;
    const attributes = [{ name: 'T', type: binding.TF_ATTR_TYPE!, value: binding.TF_FLOAT }];
    return executeSingleOutput.call(backend, 'Identity', attributes, [known]);
  };
  const recordOperation = (
    op: string,
    attributes: Attribute[],
    inputs: tf.Tensor[],
    results: tf.Tensor[],
  ) => {
    // Computed once, here.
    if (inputs.length > 0 && inputs.every(isConstant)) return results;
    const made = results.map(shareMemory);
    const attr = Object.fromEntries(attributes.map((a) => [a.name, attributeValue(a)]));
    // Where the eager engine infers the type from the inputs, the call carries no attribute; a graph needs it.
    if (attributes.length === 0 && inputs[0]) attr.T = { type: dataType(inputs[0]) };
    add(op, `operation${nodes.length}`, inputs.map(sourceOf), attr, made);
    return made;
  };

  for (const [i, tensor] of state.entries()) {
    addVariable(tensor);
    // A kernel that copies, because a variable's memory is handed out as it is.
    add('DeepCopy', `current${i}`, [`read${i}`], { T: { type: dataType(tensor) } }, []);
  }
  backend.executeSingleOutput = (op, attributes, inputs) => {
    const made = executeSingleOutput.call(backend, op, attributes, inputs);
    return recordOperation(op, attributes, inputs, [made])[0]!;
  };
  backend.executeMultipleOutputs = (op, attributes, inputs, count) => {
    const made = executeMultipleOutputs.call(backend, op, attributes, inputs, count);
    return recordOperation(op, attributes, inputs, made);
  };
  try {
    const parts = steps.map(({ fn, examples }, step) => {
      examples.forEach((tensor, i) => {
        placeholder(tensor, `input${step}/${i}`);
      });
      const updates: string[] = [];
      const update: Update = (op, attributes, variables, values) => {
        const attr = Object.fromEntries(attributes.map((a) => [a.name, attributeValue(a)]));
        const targets = variables.map(({ dataId }) => {
          const handle = handles.get(dataId);
          if (!handle || constants.has(dataId))
            throw new RangeError(`${op} changes a tensor that is not of the state.`);
          return handle;
        });
        // After the values that the step computes from were read.
        const reads = targets.map((handle) => `^read${handle.slice('variable'.length)}`);
        const name = `update${nodes.length}`;
        add(op, name, [...targets, ...values.map(sourceOf), ...reads], attr, []);
        updates.push(`^${name}`);
      };
      const results = fn(examples, state, update);
      const endpoint = (name: string, tensor: tf.Tensor): Endpoint => ({
        name: `${name}:0`,
        dtype: dataType(tensor),
        shape: shapeOf(tensor.shape),
      });
      results.forEach((tensor, i) => {
        const attr = { T: { type: dataType(tensor) } };
        add('Identity', `output${step}/${i}`, [sourceOf(tensor), ...updates], attr, []);
      });
      return {
        inputs: examples.map((tensor, i) => endpoint(`input${step}/${i}`, tensor)),
        outputs: results.map((tensor, i) => endpoint(`output${step}/${i}`, tensor)),
      };
    });
    if (variables.length > 0) {
      const after = variables.map((_, i) => `^initialise${i}`);
      const value = { tensor: { dtype: 1, shape: shapeOf([]), content: new Uint8Array(4) } };
      add('Const', 'initialised', after, { dtype: { type: 1 }, value }, []);
    }
    return { nodes, variables, parts };
  } catch (error) {
    tf.dispose(variables.slice(state.length));
    throw error;
  } finally {
    tf.dispose([...shared.values()]);
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
