import type { Network, Weights } from '../architectures/architecture.js';
import { imagesAtOnce, inferenceBatch } from '../architectures/batches.js';
import { attackOf } from '../attacks/index.js';
import type { Split } from '../datasets/dataset.js';
import { createSmoothGrad, smoothGrad as definition, seededNoise } from '../explainers/smoothGrad.js';
import { architectureOf, type Model, type ModelSpec, networkOf, partsOf } from '../implant/model.js';
import { createClassifier } from '../inference/classifier.js';
import { loadEngine, tf } from '../lib/backend.js';
import type { ImageShape } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { toTensors } from '../lib/tensors.js';
import { train } from '../training/train.js';

/** How fast this machine is with one network at one size, and what it takes. */
export interface Pace {
  secondsPerTrainedImage: number;
  secondsPerClassifiedImage: number;
  /** One noisy copy of SmoothGrad. */
  secondsPerGradient: number;
  /** One step of making the trigger, where that takes long. */
  secondsPerTriggerStep: number;
  /** Of this process at its largest, training images not included. */
  memoryBytes: number;
  weightBytes: number;
}

const LONG_ENOUGH_MS = 1_500;

/** The same of a model that is there and is not trained here: an imported network, which only answers. */
export async function measureAnswers(model: Model): Promise<Pace> {
  await loadEngine();
  const { dataset, shape } = partsOf(model.record.spec);
  const weights = toTensors(model.weights);
  try {
    return {
      secondsPerTrainedImage: 0,
      ...(await secondsOfAnswers(networkOf(model), weights, shape, dataset.classNames.length)),
      secondsPerTriggerStep: 0,
      memoryBytes: process.resourceUsage().maxRSS * 1024,
      weightBytes: weightBytesOf(weights),
    };
  } finally {
    tf.dispose(weights);
  }
}

/** Measures a few batches of everything that a study does with such a model, on random images. */
export async function measurePace(spec: ModelSpec): Promise<Pace> {
  await loadEngine();
  const { dataset, shape } = partsOf(spec);
  const architecture = architectureOf(spec);
  const classes = dataset.classNames.length;
  const random = createRandom(1);
  const { batchSize } = spec.recipe;
  const { height, width, channels } = shape;
  const weights = architecture.initialise(shape, classes, random);
  const pooled = imagesAtOnce({ network: architecture, weights }, 'backward', shape, batchSize);
  const pool = tf.randomUniform<tf.Rank.R4>([pooled, height, width, channels], 0, 1, 'float32', 1);
  const data: Split = {
    labels: Int32Array.from({ length: 5 * batchSize }, (_, i) => i % classes),
    images: (indices) =>
      tf.tidy(() =>
        tf.gather(
          pool,
          tf.tensor1d(
            Int32Array.from(indices, (index) => index % pooled),
            'int32',
          ),
        ),
      ),
  };
  try {
    const recipe = { ...spec.recipe, epochs: 100 };
    const start = Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, tensor.clone()]));
    const training = train({ architecture, shape, classes, data, recipe, random, start });
    const secondsPerTrainedImage = (await secondsPerStep(training)) / batchSize;

    const answers = await secondsOfAnswers(architecture, weights, shape, classes);

    let secondsPerTriggerStep = 0;
    if (spec.backdoor) {
      const { attack, parameters, targetLabel } = spec.backdoor;
      const benign = { network: architecture, weights, classes };
      const context = { shape, data, targetLabel, benign, random };
      const making = attackOf(attack).createTrigger(parameters, context);
      if (Symbol.asyncIterator in making) secondsPerTriggerStep = await secondsPerStep(making);
    }
    return {
      secondsPerTrainedImage,
      ...answers,
      secondsPerTriggerStep,
      memoryBytes: process.resourceUsage().maxRSS * 1024,
      weightBytes: weightBytesOf(weights),
    };
  } finally {
    tf.dispose([weights, pool]);
  }
}

const weightBytesOf = (weights: Weights) =>
  4 * Object.values(weights).reduce((sum, { size }) => sum + size, 0);

async function secondsOfAnswers(
  network: Network,
  weights: Weights,
  shape: ImageShape,
  classes: number,
): Promise<Pick<Pace, 'secondsPerClassifiedImage' | 'secondsPerGradient'>> {
  const { height, width, channels } = shape;
  const classifier = createClassifier(network, weights, shape, inferenceBatch({ network, weights }, shape));
  const batch = tf.randomUniform<tf.Rank.R4>([classifier.batchSize, height, width, channels]);
  const secondsPerClassifiedImage =
    (await secondsOf(() => classifier.classify(batch))) / classifier.batchSize;
  classifier.dispose();
  batch.dispose();

  const copies = 25;
  const smoothGrad = createSmoothGrad(network, weights, shape, classes);
  const image = tf.zeros<tf.Rank.R3>([height, width, channels]);
  const settings = { ...definition.parameters.parse({}), copies };
  const noise = seededNoise(1, shape);
  const secondsPerGradient = (await secondsOf(() => smoothGrad.explain(image, 0, settings, noise))) / copies;
  smoothGrad.dispose();
  image.dispose();
  return { secondsPerClassifiedImage, secondsPerGradient };
}

/** The first step, which makes graphs, is not counted. */
async function secondsPerStep(steps: AsyncGenerator<unknown, unknown>): Promise<number> {
  if ((await steps.next()).done) return 0;
  const started = performance.now();
  for (let count = 1; ; count++) {
    const { done } = await steps.next();
    const ms = performance.now() - started;
    if (done || ms > LONG_ENOUGH_MS) {
      await steps.return(undefined);
      return ms / 1000 / count;
    }
  }
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  await work();
  const started = performance.now();
  for (let count = 1; ; count++) {
    await work();
    const ms = performance.now() - started;
    if (ms > LONG_ENOUGH_MS / 3) return ms / 1000 / count;
  }
}
