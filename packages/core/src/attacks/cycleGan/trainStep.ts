import { tf } from '../../lib/backend.js';
import { type Compiled, compile } from '../../lib/compile.js';
import { type AdamState, adam } from './adam.js';
import { discriminate } from './discriminator.js';
import { generateSigned, toSigned, type Weights } from './generator.js';

/** How much each part of the generators' loss weighs beside the adversarial one. */
export interface LossWeights {
  cycle: number;
  identity: number;
}

/** A network in training: its weights and Adam's means, by the same names. */
export interface Trained {
  weights: Weights;
  first: Weights;
  second: Weights;
}
export interface Networks {
  toStyle: Trained;
  toContent: Trained;
  styleJudge: Trained;
  contentJudge: Trained;
}

export const fresh = (weights: Weights): Trained => {
  const zeros = () =>
    Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, tf.zerosLike(tensor)]));
  return { weights, first: zeros(), second: zeros() };
};

/** Tensors of a pair of networks in one row, as a graph takes and gives them. */
const flatten = (pair: Trained[]): tf.Tensor[] =>
  (['weights', 'first', 'second'] as const).flatMap((part) =>
    pair.flatMap((network) => Object.values(network[part])),
  );

/** The networks of `like` with the tensors of a row. */
function unflatten(row: tf.Tensor[], like: Trained[]): Trained[] {
  const result = like.map((): Trained => ({ weights: {}, first: {}, second: {} }));
  let next = 0;
  for (const part of ['weights', 'first', 'second'] as const) {
    for (const [i, network] of like.entries()) {
      for (const name of Object.keys(network.weights)) result[i]![part][name] = row[next++]!;
    }
  }
  return result;
}

export interface TrainStep {
  /** Improves both generators. `summary` is [adversarial, cycle, identity]. */
  generators(content: tf.Tensor4D, style: tf.Tensor4D, rates: tf.Tensor, networks: Networks): GeneratorsStep;
  /** Improves both discriminators by real images and made ones. `summary` is a scalar. */
  discriminators(real: Images, made: Images, rates: tf.Tensor, networks: Networks): DiscriminatorsStep;
  dispose(): void;
}
export interface Images {
  /** [n,s,s,c] */
  content: tf.Tensor4D;
  style: tf.Tensor4D;
}
export interface GeneratorsStep {
  summary: tf.Tensor;
  /** [n,s,s,c] in [−1,1] */
  made: Images;
  toStyle: Trained;
  toContent: Trained;
}
export interface DiscriminatorsStep {
  summary: tf.Tensor;
  styleJudge: Trained;
  contentJudge: Trained;
}

/**
 * A training step in two graphs, between which the image pools take their turn: from images and weights to new weights.
 * Real images are [n,s,s,c] in [0,1]. What goes in stays the caller's, what comes out is the caller's.
 * @param shape [n,s,s,c]
 */
export function compileTrainStep(
  networks: Networks,
  shape: [number, number, number, number],
  lossWeights: LossWeights,
): TrainStep {
  const generatorPair = [networks.toStyle, networks.toContent];
  const judgePair = [networks.styleJudge, networks.contentJudge];
  // One for each input: a graph tells its inputs apart by their data, which clones share.
  const examples = Array.from({ length: 4 }, () => tf.zeros(shape));
  const rates = tf.zeros([2]);
  const generatorsGraph = compileGenerators(
    generatorPair,
    judgePair,
    examples.slice(0, 2),
    rates,
    lossWeights,
  );
  const discriminatorsGraph = compileDiscriminators(judgePair, examples, rates);
  tf.dispose([examples, rates]);
  const judgeWeights = ({ styleJudge, contentJudge }: Networks) =>
    [styleJudge, contentJudge].flatMap(({ weights }) => Object.values(weights));

  return {
    generators(content, style, rates, networks) {
      const [summary, madeStyle, madeContent, ...row] = generatorsGraph.run(
        content,
        style,
        rates,
        ...judgeWeights(networks),
        ...flatten([networks.toStyle, networks.toContent]),
      );
      const [toStyle, toContent] = unflatten(row, generatorPair);
      const made = { content: madeContent as tf.Tensor4D, style: madeStyle as tf.Tensor4D };
      return { summary: summary!, made, toStyle: toStyle!, toContent: toContent! };
    },
    discriminators(real, made, rates, { styleJudge, contentJudge }) {
      const [summary, ...row] = discriminatorsGraph.run(
        real.content,
        real.style,
        made.content,
        made.style,
        rates,
        ...flatten([styleJudge, contentJudge]),
      );
      const [nextStyle, nextContent] = unflatten(row, judgePair);
      return { summary: summary!, styleJudge: nextStyle!, contentJudge: nextContent! };
    },
    dispose() {
      generatorsGraph.dispose();
      discriminatorsGraph.dispose();
    },
  };
}

/** content, style, rates, weights of both judges, generators → summary, made style, made content, generators. */
function compileGenerators(
  pair: Trained[],
  judges: Trained[],
  images: tf.Tensor[],
  rates: tf.Tensor,
  lossWeights: LossWeights,
): Compiled {
  const judgeNames = judges.map(({ weights }) => Object.keys(weights));
  const judgeCount = judgeNames.flat().length;
  const names = pair.map(({ weights }) => Object.keys(weights));
  const step = (...inputs: tf.Tensor[]) => {
    const [content, style] = [toSigned(inputs[0] as tf.Tensor4D), toSigned(inputs[1] as tf.Tensor4D)];
    const [styleJudge, contentJudge] = named(judgeNames, inputs.slice(3, 3 + judgeCount));
    const state = adamState(inputs.slice(3 + judgeCount));
    let outputs: tf.Tensor[] = [];
    const { grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
      const [toStyle, toContent] = named(names, values);
      const [adversarial, cycle, identity]: tf.Tensor[][] = [[], [], []];
      const made = [];
      for (const [generator, back, judge, from, to] of [
        [toStyle!, toContent!, styleJudge!, content, style],
        [toContent!, toStyle!, contentJudge!, style, content],
      ] as const) {
        // What has to change and what has to stay go through a generator together: larger batches cost less.
        const stays = lossWeights.identity > 0;
        const both = generateSigned(generator, stays ? tf.concat([from, to]) : from);
        const [changed, same] = stays ? tf.split(both, 2) : [both];
        const verdict = discriminate(judge, changed as tf.Tensor4D);
        adversarial!.push(tf.mean(tf.squaredDifference(verdict, 1)));
        cycle!.push(distance(generateSigned(back, changed as tf.Tensor4D), from));
        identity!.push(same ? distance(same as tf.Tensor4D, to) : tf.scalar(0));
        made.push(changed!);
      }
      const parts = [adversarial!, cycle!, identity!].map((pair) => tf.addN(pair));
      outputs = [tf.stack(parts), ...made].map((tensor) => tf.keep(tensor.clone()));
      return tf.addN([
        parts[0]!,
        tf.mul(parts[1]!, lossWeights.cycle),
        tf.mul(parts[2]!, lossWeights.identity),
      ]) as tf.Scalar;
    })(state.weights);
    const next = adam(state, grads, inputs[2]!);
    const results = [
      ...outputs.map((tensor) => tensor.clone()),
      ...next.weights,
      ...next.first,
      ...next.second,
    ];
    tf.dispose(outputs);
    return results;
  };
  const judgeTensors = judges.flatMap(({ weights }) => Object.values(weights));
  return compile(step, [...images, rates, ...judgeTensors, ...flatten(pair)]);
}

/** content, style, made content, made style, rates, judges → summary, judges. */
function compileDiscriminators(pair: Trained[], images: tf.Tensor[], rates: tf.Tensor): Compiled {
  const names = pair.map(({ weights }) => Object.keys(weights));
  const step = (...inputs: tf.Tensor[]) => {
    const [content, style] = [toSigned(inputs[0] as tf.Tensor4D), toSigned(inputs[1] as tf.Tensor4D)];
    const [madeContent, madeStyle] = inputs.slice(2, 4) as [tf.Tensor4D, tf.Tensor4D];
    const state = adamState(inputs.slice(5));
    const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
      const [styleJudge, contentJudge] = named(names, values);
      const loss = (judge: Weights, real: tf.Tensor4D, made: tf.Tensor4D) => {
        const [forReal, forMade] = tf.split(discriminate(judge, tf.concat([real, made])), 2);
        return tf.add(tf.mean(tf.squaredDifference(forReal!, 1)), tf.mean(tf.square(forMade!)));
      };
      const both = tf.add(loss(styleJudge!, style, madeStyle), loss(contentJudge!, content, madeContent));
      // Halved, so that the discriminators learn no faster than the generators (Zhu et al. 2017, section 4).
      return tf.mul(both, 0.5) as tf.Scalar;
    })(state.weights);
    const next = adam(state, grads, inputs[4]!);
    return [value, ...next.weights, ...next.first, ...next.second];
  };
  return compile(step, [...images, rates, ...flatten(pair)]);
}

/** The mean absolute difference. */
const distance = (a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor => tf.mean(tf.abs(tf.sub(a, b)));

/** A row of tensors as the weights of networks that have these names. */
function named(names: string[][], row: tf.Tensor[]): Weights[] {
  let next = 0;
  return names.map((own) => Object.fromEntries(own.map((name) => [name, row[next++]!])));
}

function adamState(row: tf.Tensor[]): AdamState {
  const count = row.length / 3;
  return { weights: row.slice(0, count), first: row.slice(count, 2 * count), second: row.slice(2 * count) };
}
