import { attackOf } from '../attacks/index.js';
import type { Trigger } from '../attacks/trigger.js';
import type { Split } from '../datasets/dataset.js';
import { loadSplit } from '../datasets/loadSplit.js';
import { createClassifier } from '../inference/classifier.js';
import { loadEngine, tf } from '../lib/backend.js';
import { imagesToTensor } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { toArrays } from '../lib/tensors.js';
import { VERSION } from '../lib/version.js';
import { type Checkpoint, type TrainingReport, train } from '../training/train.js';
import { type Count, type Model, type ModelSpec, partsOf } from './model.js';
import { type PoisonCount, poison } from './poison.js';

export type MakingProgress =
  | { stage: 'preparing' | 'evaluating' }
  | { stage: 'poisoned'; count: PoisonCount; trigger: Trigger }
  | ({ stage: 'training' } & TrainingReport);

const EVALUATION_BATCH = 500;

/** Trains a model, with a backdoor if the spec has one, and measures it on the whole test set (paper, Table 2). */
export async function* makeModel(
  spec: ModelSpec,
  options: { signal?: AbortSignal; resume?: Checkpoint } = {},
): AsyncGenerator<
  MakingProgress,
  Omit<Model, 'record'> & { record: Omit<Model['record'], 'weightsSha256'> }
> {
  const started = performance.now();
  const { engine, device, threads } = await loadEngine();
  const { dataset, architecture } = partsOf(spec);
  const { shape, classNames } = dataset;
  const random = createRandom(spec.seed);

  yield { stage: 'preparing' };
  let data = await loadSplit(spec.dataset, 'train');
  let trigger: Trigger | undefined;
  let count: PoisonCount | undefined;
  if (spec.backdoor) {
    const attack = attackOf(spec.backdoor.attack);
    const { parameters, targetLabel, poisonRate } = spec.backdoor;
    trigger = await attack.createTrigger(parameters, {
      shape,
      random: random.fork('trigger'),
      signal: options.signal,
    });
    const poisonRandom = random.fork('poison');
    ({ data, count } = await poison(data, shape, attack, trigger, targetLabel, poisonRate, poisonRandom));
    yield { stage: 'poisoned', count, trigger };
  }

  const training = train({
    architecture,
    shape,
    classes: classNames.length,
    data,
    recipe: spec.recipe,
    random: random.fork('training'),
    ...options,
  });
  let step = await training.next();
  while (!step.done) {
    yield { stage: 'training', ...step.value };
    step = await training.next();
  }
  const weights = step.value;

  yield { stage: 'evaluating' };
  const classifier = createClassifier(architecture, weights, shape, EVALUATION_BATCH);
  try {
    const test = await loadSplit(spec.dataset, 'test');
    const everything = [...test.labels.keys()];
    const right = await predict(everything, test);
    const clean = tally(everything, (i) => right[i] === test.labels[everything[i]!]);
    let asr: Count | undefined;
    if (spec.backdoor && trigger) {
      const { attack, targetLabel } = spec.backdoor;
      const eligible = everything.filter((index) => test.labels[index] !== targetLabel);
      const fired = await predict(eligible, test, (images) => attackOf(attack).stamp(images, trigger));
      asr = tally(eligible, (i) => fired[i] === targetLabel);
    }
    const durationSeconds = (performance.now() - started) / 1000;
    return {
      record: {
        spec,
        poison: count,
        clean,
        asr,
        durationSeconds,
        engine: `${engine} on the ${device}, ${threads} threads`,
        version: VERSION,
      },
      weights: await toArrays(weights),
      trigger,
    };
  } finally {
    classifier.dispose();
    tf.dispose(weights);
  }

  async function predict(
    indices: number[],
    { pixels }: Split,
    change?: (images: tf.Tensor4D) => tf.Tensor4D,
  ): Promise<Int32Array> {
    const labels = new Int32Array(indices.length);
    for (let start = 0; start < indices.length; start += EVALUATION_BATCH) {
      const images = imagesToTensor(pixels, shape, indices.slice(start, start + EVALUATION_BATCH));
      const changed = change ? change(images) : images;
      labels.set((await classifier.classify(changed, options.signal)).labels, start);
      tf.dispose([images, changed]);
    }
    return labels;
  }
}

const tally = (items: number[], hit: (i: number) => boolean): Count => ({
  hits: items.reduce((hits, _, i) => hits + Number(hit(i)), 0),
  total: items.length,
});
