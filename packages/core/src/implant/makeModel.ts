import type { Weights } from '../architectures/architecture.js';
import type { TriggerProgress } from '../attacks/attack.js';
import { attackOf } from '../attacks/index.js';
import type { Trigger } from '../attacks/trigger.js';
import type { Split } from '../datasets/dataset.js';
import { loadSplit } from '../datasets/loadSplit.js';
import { loadEngine, tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import { createRandom, type Random } from '../lib/random.js';
import type { FloatArray } from '../lib/safetensors.js';
import { toArrays, toTensors } from '../lib/tensors.js';
import { VERSION } from '../lib/version.js';
import { type Checkpoint, type TrainingReport, train } from '../training/train.js';
import { checkTrainingTransforms } from './backdoor.js';
import { measureModel } from './measureModel.js';
import {
  architectureOf,
  type BackdoorSpec,
  type Model,
  type ModelSpec,
  type NetworkFiles,
  networkOf,
  partsOf,
} from './model.js';
import { type PoisonCount, poison, poisonCandidates } from './poison.js';

export type MakingProgress =
  | { stage: 'preparing' }
  | ({ stage: 'making the trigger' } & TriggerProgress)
  /** The trigger is made. A caller that keeps it can pass it back as `resume.trigger`. */
  | { stage: 'trigger made'; trigger: Trigger }
  | { stage: 'poisoning' | 'evaluating'; done: number; total: number }
  | { stage: 'poisoned'; count: PoisonCount }
  | ({ stage: 'training' } & TrainingReport);

export interface MakingOptions {
  /** The model to start from, and for a backdoor the benign one; see `needsBase`. */
  base?: Model;
  /** What an earlier run left behind. */
  resume?: {
    trigger?: Trigger;
    triggerCheckpoint?: Record<string, FloatArray>;
    checkpoint?: Checkpoint;
  };
  signal?: AbortSignal;
}

/** A model that is not saved yet. */
export type FreshModel = Omit<Model, 'record'> & {
  record: Omit<Model['record'], 'weightsSha256'>;
  files?: NetworkFiles;
};

/**
 * Trains a model, with a backdoor if the spec has one, and measures it on the whole test set (paper, Table 2).
 * @throws TrojanscopeError ABORTED; BAD_USER_INPUT where the base has other layers than the model, or no image would be
 *   poisoned; UNSUPPORTED where a trigger that is no layer is to be transformed
 */
export async function* makeModel(
  spec: ModelSpec,
  options: MakingOptions = {},
): AsyncGenerator<MakingProgress, FreshModel> {
  const started = performance.now();
  const { engine, device, threads, processor } = await loadEngine();
  const { dataset, shape } = partsOf(spec);
  const architecture = architectureOf(spec);
  const { base, resume = {}, signal } = options;
  const random = createRandom(spec.seed);

  yield { stage: 'preparing' };
  let data = await loadSplit(spec.dataset, 'train', shape);
  let trigger: Trigger | undefined;
  let count: PoisonCount | undefined;
  if (spec.backdoor) {
    const { poisonRate, coverRatio, trainingTransforms } = spec.backdoor;
    const attack = attackOf(spec.backdoor.attack);
    const plan = {
      ...spec.backdoor,
      data,
      attack,
      rate: poisonRate ?? attack.poisonRate,
      coverRatio: coverRatio ?? attack.training?.coverRatio,
      transforms: trainingTransforms,
    };
    // Before the trigger is made, which may take long.
    poisonCandidates(plan);
    checkTrainingTransforms(attack, trainingTransforms);
    trigger = resume.trigger ?? (yield* makeTrigger(spec.backdoor, data, random.fork('trigger')));
    yield { stage: 'trigger made', trigger };
    const poisoning = poison({ ...plan, trigger, random: random.fork('poison'), signal });
    let step = await poisoning.next();
    for (; !step.done; step = await poisoning.next()) yield { stage: 'poisoning', ...step.value };
    ({ data, count } = step.value);
    yield { stage: 'poisoned', count };
  }

  const training = train({
    architecture,
    shape,
    classes: dataset.classNames.length,
    data,
    recipe: spec.recipe,
    random: random.fork('training'),
    start: spec.start === 'MODEL' && !resume.checkpoint ? startingWeights(spec, base) : undefined,
    resume: resume.checkpoint,
    signal,
  });
  let step = await training.next();
  for (; !step.done; step = await training.next()) yield { stage: 'training', ...step.value };
  const weights = await toArrays(step.value);
  tf.dispose(step.value);

  const measuring = measureModel({ spec, network: architecture, weights, trigger }, signal);
  let measured = await measuring.next();
  for (; !measured.done; measured = await measuring.next()) yield { stage: 'evaluating', ...measured.value };
  return {
    record: {
      spec,
      poison: count,
      ...measured.value,
      base: base && { spec: base.record.spec, weightsSha256: base.record.weightsSha256 },
      durationSeconds: (performance.now() - started) / 1000,
      engine: `${engine} on the ${device}, ${threads} threads, ${processor}`,
      version: VERSION,
    },
    weights,
    trigger,
  };

  async function* makeTrigger(
    { attack, parameters, targetLabel }: BackdoorSpec,
    data: Split,
    random: Random,
  ): AsyncGenerator<MakingProgress, Trigger> {
    const benign = base && {
      network: networkOf(base),
      weights: toTensors(base.weights),
      classes: dataset.classNames.length,
    };
    try {
      const making = attackOf(attack).createTrigger(parameters, {
        shape,
        data,
        targetLabel,
        benign,
        random,
        resume: resume.triggerCheckpoint,
        signal,
      });
      if (!(Symbol.asyncIterator in making)) return await making;
      let step = await making.next();
      for (; !step.done; step = await making.next()) yield { stage: 'making the trigger', ...step.value };
      return step.value;
    } finally {
      if (benign) tf.dispose(benign.weights);
    }
  }
}

/**
 * Weights are of use behind the normalization that they were trained behind.
 * @throws TrojanscopeError BAD_USER_INPUT
 */
export function checkSameNormalization(spec: ModelSpec, base: ModelSpec): void {
  const text = ({ normalization }: ModelSpec) =>
    normalization ? `mean ${normalization.mean}, std ${normalization.std}` : 'none';
  if (text(spec) === text(base)) return;
  throw new TrojanscopeError(
    'BAD_USER_INPUT',
    `normalization: expected that of the model to start from (${text(base)}); got ${text(spec)}.`,
    ['normalization'],
  );
}

/** @throws TrojanscopeError BAD_USER_INPUT where there is no base, or one with other layers or another normalization */
function startingWeights(spec: ModelSpec, base: Model | undefined): Weights {
  if (!base)
    throw new TrojanscopeError('BAD_USER_INPUT', 'Starting from a model takes a model to start from.');
  if (base.record.spec.architecture !== spec.architecture) {
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `A ${spec.architecture} cannot start from the weights of a ${base.record.spec.architecture}.`,
    );
  }
  checkSameNormalization(spec, base.record.spec);
  const { dataset, shape } = partsOf(spec);
  const architecture = architectureOf(spec);
  const fresh: Weights = architecture.initialise(shape, dataset.classNames.length, createRandom(0));
  const wrong = Object.entries(fresh).find(
    ([name, { shape }]) => `${base.weights[name]?.shape}` !== `${shape}`,
  );
  tf.dispose(fresh);
  if (wrong) {
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `The model to start from has ${wrong[0]} of shape [${base.weights[wrong[0]]?.shape}]; expected [${wrong[1].shape}].`,
    );
  }
  return toTensors(base.weights);
}
