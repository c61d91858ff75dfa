import { initialValue, isWeight, type OnnxGraph } from './graph.js';
import { type OnnxNode, placeOf } from './onnxFile.js';
import { callOf, isKnown, type KnownCall, type Planned, type Value } from './operator.js';
import { operatorOf } from './operators/index.js';
import { at, damaged, shown, unsupported } from './refusal.js';
import { sizeOf } from './shapes.js';

/** What a graph does with so many images: every shape is known, and what depends on shapes alone is computed. */
export interface Plan {
  steps: { node: OnnxNode; run: NonNullable<Planned['run']> }[];
  values: ReadonlyMap<string, Value>;
  classes: number;
  /** Multiplications. */
  work: number;
  /** Numbers that depend on the image, in all tensors together. */
  activations: number;
}

/** Numbers that are computed in JavaScript for one plan, at most: Swin-v2's masks take a million. */
const KNOWN_NUMBERS = 2 ** 23;
/** Floats of more numbers than this are left to the engine. */
const SMALL = 65_536;
/** In all tensors that one image makes: four gigabytes. */
const MAX_ACTIVATIONS = 2 ** 30;

/**
 * @param dims of the input
 * @throws TrojanscopeError naming the node and what was expected
 */
export function planOf(graph: OnnxGraph, dims: readonly number[]): Plan {
  const batch = dims[0]!;
  const values = new Map<string, Value>();
  for (const [name, constant] of graph.constants) values.set(name, initialValue(constant));
  values.set(graph.input.name, { dims: [...dims], type: 'float', constant: false });
  const around = {
    opset: graph.opset,
    batch,
    ...(graph.fixedBatch !== undefined && { fixedBatch: graph.fixedBatch }),
  };
  const plan = { steps: [] as Plan['steps'], work: 0, activations: 0 };
  let computed = 0;
  for (const node of graph.steps) {
    const operator = operatorOf(node.op)!;
    const inputs = node.inputs.map((name) => (name === '' ? undefined : values.get(name)!));
    at(placeOf(node), () => {
      const call = callOf(node, operator, { ...around, inputs });
      const own = inputs.filter((value) => value !== undefined);
      const small = own.every((value) => value.type !== 'float' || sizeOf(value.dims) <= SMALL);
      if (operator.known && own.every(isKnown) && (small || !operator.plan)) {
        const value = operator.known(call as KnownCall);
        computed += sizeOf(value.dims) + own.reduce((sum, v) => sum + sizeOf(v.dims), 0);
        if (computed > KNOWN_NUMBERS)
          throw damaged('expected shapes and indices to be computed, got millions of numbers.');
        values.set(node.outputs[0]!, value);
        return;
      }
      if (!operator.plan)
        throw unsupported('it is supported on shapes and constants only, not on numbers of the image.');
      const planned = operator.plan(call);
      const constant = own.every((value) => value.constant);
      planned.outputs.forEach((value, i) => {
        const name = node.outputs[i];
        if (name) values.set(name, { ...value, constant: constant || value.data !== undefined });
      });
      plan.work += planned.work ?? 0;
      if (!planned.run) return;
      plan.steps.push({ node, run: planned.run });
      if (constant) return;
      plan.activations += planned.outputs.reduce((sum, value) => sum + sizeOf(value.dims), 0);
      if (plan.activations > MAX_ACTIVATIONS * batch)
        throw damaged('the network makes more than 4 GB of one image.');
    });
  }
  return { ...plan, values, classes: classesOf(graph.output, values, batch) };
}

function classesOf(output: string, values: ReadonlyMap<string, Value>, batch: number): number {
  const value = values.get(output);
  if (!value) throw damaged(`Output ${shown(output)}: nothing makes it.`);
  if (value.constant) throw damaged(`Output ${shown(output)}: it does not depend on the image.`);
  const [n, classes, ...rest] = value.dims;
  if (
    n !== batch ||
    classes === undefined ||
    classes < 2 ||
    rest.some((size) => size !== 1) ||
    value.type !== 'float'
  )
    throw unsupported(
      `Output ${shown(output)}: expected [${batch},classes] for ${batch} images, got [${value.dims}].`,
    );
  return classes;
}

/** Which tensors a run has to be given: weights by name, and what else is known. */
export const isGiven = (graph: OnnxGraph, name: string): boolean => {
  const constant = graph.constants.get(name);
  return constant !== undefined && isWeight(constant);
};
