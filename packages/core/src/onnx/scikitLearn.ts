import { type Constant, type OnnxModel, type OnnxNode, placeOf } from './onnxFile.js';
import { at, damaged, shown, unsupported } from './refusal.js';

/**
 * What scikit-learn's exporter writes of linear models and around networks, in ONNX's own operators: so layers, gradients
 * and pictures of the graph need know nothing of it. Trees and support vector machines are not among these.
 * Source: the operators of the domain ai.onnx.ml in ONNX's documentation.
 */
export function inOwnOperators({ nodes, constants }: OnnxModel): Pick<OnnxModel, 'nodes' | 'constants'> {
  const added = new Map(constants);
  return {
    nodes: nodes.flatMap((node) => {
      const translate = Object.hasOwn(translations, node.op) ? translations[node.op] : undefined;
      return translate ? at(placeOf(node), () => translate(node, partsOf(node, added))) : [node];
    }),
    constants: added,
  };
}

interface Parts {
  /** Between the node's ends, under a name that nothing else has. */
  step(op: string, inputs: string[], output: string, attributes?: OnnxNode['attributes']): OnnxNode;
  /** A constant. @returns its name */
  constant(what: string, dims: number[], data: Float32Array): string;
  floats(attribute: string): number[];
  text(attribute: string, fallback: string): string;
}

function partsOf(node: OnnxNode, constants: Map<string, Constant>): Parts {
  return {
    step: (op, inputs, output, attributes = new Map()) => ({
      op,
      name: `${node.name}/${op}`,
      inputs,
      outputs: [output],
      attributes,
    }),
    constant(what, dims, data) {
      const name = `${node.outputs.join('/')}/${what}`;
      if (constants.has(name)) throw damaged(`expected no other constant called ${shown(name)}.`);
      constants.set(name, { dims, type: 'float', data });
      return name;
    },
    floats(name) {
      const attribute = node.attributes.get(name);
      if (attribute?.kind !== 'floats' || attribute.value.some(Number.isNaN))
        throw damaged(`attribute ${shown(name)}: expected numbers.`);
      return attribute.value;
    },
    text(name, fallback) {
      const attribute = node.attributes.get(name);
      if (attribute && attribute.kind !== 'string')
        throw damaged(`attribute ${shown(name)}: expected a text.`);
      return attribute?.value ?? fallback;
    },
  };
}

const axisOfClasses: OnnxNode['attributes'] = new Map([['axis', { kind: 'int', value: 1 }]]);
const overClasses: OnnxNode['attributes'] = new Map([['axes', { kind: 'ints', value: [1] }]]);

const translations: Record<string, (node: OnnxNode, parts: Parts) => OnnxNode[]> = {
  /** (x − offset)·scale, by feature. */
  'ai.onnx.ml.Scaler'({ inputs: [x = ''], outputs: [y = ''] }, { step, constant, floats }) {
    const by = (name: string) => {
      const values = floats(name);
      return constant(name, [values.length], Float32Array.from(values));
    };
    const centred = `${y}/centred`;
    return [step('Sub', [x, by('offset')], centred), step('Mul', [centred, by('scale')], y)];
  },

  /** Scores of each class; its other output, the label of the largest, is theirs to say. */
  'ai.onnx.ml.LinearClassifier'(node, { step, constant, floats, text }) {
    const [x = ''] = node.inputs;
    const scores = node.outputs[1];
    if (!scores)
      throw unsupported('expected two outputs, of which the scores are the second: export with scores.');
    const [weights, offsets] = [floats('coefficients'), floats('intercepts')];
    const classes = offsets.length;
    const features = weights.length / classes;
    if (classes < 2 || !Number.isInteger(features))
      throw unsupported(
        `expected a row of coefficients for each of two or more classes, got ${weights.length} for ${classes} intercepts.`,
      );
    const columns = Float32Array.from(
      { length: weights.length },
      (_, i) => weights[(i % classes) * features + Math.floor(i / classes)]!,
    );
    const post = text('post_transform', 'NONE');
    const last: Record<string, [string, OnnxNode['attributes']?]> = {
      NONE: ['Identity'],
      SOFTMAX: ['Softmax', axisOfClasses],
      LOGISTIC: ['Sigmoid'],
    };
    if (!Object.hasOwn(last, post))
      throw unsupported(
        `attribute "post_transform": expected ${Object.keys(last).join(' or ')}, got ${shown(post)}.`,
      );
    const [product, sum] = [`${scores}/product`, `${scores}/sum`];
    const [op, attributes] = last[post]!;
    return [
      step('MatMul', [x, constant('coefficients', [features, classes], columns)], product),
      step('Add', [product, constant('intercepts', [classes], Float32Array.from(offsets))], sum),
      step(op, [sum], scores, attributes),
    ];
  },

  /** To a norm of 1, by image. */
  'ai.onnx.ml.Normalizer'({ inputs: [x = ''], outputs: [y = ''] }, { step, text }) {
    const norm = text('norm', 'MAX');
    const reductions: Record<string, string> = { L1: 'ReduceL1', L2: 'ReduceL2' };
    if (!Object.hasOwn(reductions, norm))
      throw unsupported(`attribute "norm": expected L1 or L2, got ${shown(norm)}.`);
    const size = `${y}/norm`;
    return [step(reductions[norm]!, [x], size, overClasses), step('Div', [x, size], y)];
  },

  /** A dictionary of what came in, by class. */
  'ai.onnx.ml.ZipMap': ({ inputs: [x = ''], outputs: [y = ''] }, { step }) => [step('Identity', [x], y)],
};
