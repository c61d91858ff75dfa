import { imagesAtOnce, inferenceBatch } from '../architectures/batches.js';
import { attackOf } from '../attacks/index.js';
import type { Split } from '../datasets/dataset.js';
import { createSmoothGrad, smoothGrad as definition, seededNoise } from '../explainers/smoothGrad.js';
import { architectureOf, type ModelSpec, partsOf } from '../implant/model.js';
import { createClassifier } from '../inference/classifier.js';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
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
  const weightBytes = 4 * Object.values(weights).reduce((sum, { size }) => sum + size, 0);
  try {
    const recipe = { ...spec.recipe, epochs: 100 };
    const start = Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, tensor.clone()]));
    const training = train({ architecture, shape, classes, data, recipe, random, start });
    const secondsPerTrainedImage = (await secondsPerStep(training)) / batchSize;

    const classifier = createClassifier(
      architecture,
      weights,
      shape,
      inferenceBatch({ network: architecture, weights }, shape),
    );
    const batch = tf.randomUniform<tf.Rank.R4>([classifier.batchSize, height, width, channels]);
    const secondsPerClassifiedImage =
      (await secondsOf(() => classifier.classify(batch))) / classifier.batchSize;
    classifier.dispose();
    batch.dispose();

    const copies = 25;
    const smoothGrad = createSmoothGrad(architecture, weights, shape, classes);
    const image = tf.zeros<tf.Rank.R3>([height, width, channels]);
    const settings = { ...definition.parameters.parse({}), copies };
    const noise = seededNoise(1, shape);
    const secondsPerGradient =
      (await secondsOf(() => smoothGrad.explain(image, 0, settings, noise))) / copies;
    smoothGrad.dispose();
    image.dispose();

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
      secondsPerClassifiedImage,
      secondsPerGradient,
      secondsPerTriggerStep,
      memoryBytes: process.resourceUsage().maxRSS * 1024,
      weightBytes,
    };
  } finally {
    tf.dispose([weights, pool]);
  }
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
