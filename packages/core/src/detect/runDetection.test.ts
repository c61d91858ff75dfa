import { beforeAll, describe, expect, it, vi } from 'vitest';
import { architectures } from '../architectures/index.js';
import { badnets } from '../attacks/badnets.js';
import { loadSplit } from '../datasets/loadSplit.js';
import { makeModel } from '../implant/makeModel.js';
import type { Model, ModelSpec } from '../implant/model.js';
import { tf } from '../lib/backend.js';
import { warmClassifier } from '../sweep/warmClassifier.js';
import { detectorOf } from './index.js';
import { aurocOf, permuted, type Scored } from './measures.js';
import { type DetectedImage, runDetection } from './runDetection.js';
import type { DetectionSpec, ImageKind } from './views.js';

/** So that there are several batches of the few samples here. */
const BATCH = 32;
vi.mock('../architectures/batches.js', async (original) => {
  const own = await original<typeof import('../architectures/batches.js')>();
  return {
    ...own,
    inferenceBatch: (...of: Parameters<typeof own.inferenceBatch>) => Math.min(BATCH, of[2] ?? BATCH),
  };
});

const clean: ModelSpec = {
  dataset: 'shapes',
  architecture: 'lenet',
  recipe: { ...architectures.lenet.recipes.SCRATCH, epochs: 4 },
  start: 'SCRATCH',
  seed: 1,
};
const backdoor = {
  attack: 'badnets',
  parameters: badnets.parameters.parse({}),
  targetLabel: 0,
  poisonRate: 0.1,
} as const;
let benign: Model;
let trojaned: Model;

async function make(spec: ModelSpec): Promise<Model> {
  const making = makeModel(spec);
  let step = await making.next();
  while (!step.done) step = await making.next();
  const { record, ...model } = step.value;
  return { ...model, record: { ...record, weightsSha256: JSON.stringify(spec) } as Model['record'] };
}
beforeAll(async () => {
  benign = await make(clean);
  trojaned = await make({ ...clean, backdoor });
});

const aDetection = (overrides: Partial<DetectionSpec> = {}): DetectionSpec => ({
  detector: 'geometricConsistency',
  samples: 100,
  seed: 1,
  ...overrides,
  parameters: detectorOf(overrides.detector ?? 'geometricConsistency').parameters.parse(
    overrides.parameters ?? {},
  ),
});
async function images(
  spec: DetectionSpec,
  { beside = benign, ...options }: { beside?: Model | null; from?: number } = {},
): Promise<DetectedImage[]> {
  const all: DetectedImage[] = [];
  for await (const part of runDetection(trojaned, beside, spec, options)) all.push(...part.images);
  return all;
}
const ofKind = (all: readonly DetectedImage[], kind: ImageKind) => all.filter((image) => image.kind === kind);
const scored = (all: readonly DetectedImage[], positive: ImageKind, negative: ImageKind): Scored[] =>
  all
    .filter(({ kind }) => kind === positive || kind === negative)
    .map(({ score, kind, sampleIndex }) => ({ score, trojaned: kind === positive, sample: sampleIndex }));

describe('a detection', () => {
  it('judges the same samples clean and trojaned, and others of the same classes', async () => {
    const all = await images(aDetection());
    const [own, bad, others] = (['CLEAN', 'TROJANED', 'OTHER_CLEAN'] as const).map((kind) =>
      ofKind(all, kind),
    );
    const indices = (of: DetectedImage[]) => of.map(({ sampleIndex }) => sampleIndex);
    expect(indices(bad!)).toEqual(indices(own!));
    expect(new Set([...indices(own!), ...indices(others!)]).size).toBe(200);
    for (const { trueLabel } of all) expect(trueLabel).not.toBe(0);
    expect(bad!.filter(({ predicted }) => predicted === 0).length).toBeGreaterThan(90);
    // The first view is the image as it is.
    for (const { predicted, confidence, answers, benign: floor, kind } of all) {
      expect(predicted).toBe(answers.labels[0]);
      expect(confidence).toBe(answers.confidences[0]);
      expect(answers.labels).toHaveLength(7);
      expect(floor === null).toBe(kind === 'OTHER_CLEAN');
    }
  });

  it('gives the same twice and wherever it goes on, to the bit, and leaves no tensor', async () => {
    for (const spec of [
      aDetection({ samples: 70 }),
      aDetection({ samples: 70, detector: 'strip', parameters: { overlays: 5 } }),
      aDetection({ samples: 70, detector: 'teco', parameters: { corruptions: 'CUMULATIVE' } }),
    ]) {
      const whole = await images(spec);
      const before = tf.memory().numTensors;
      expect(await images(spec)).toEqual(whole);
      expect(tf.memory().numTensors).toBe(before);
      for (const from of [BATCH, 2 * BATCH, spec.samples])
        expect(await images(spec, { from })).toEqual(whole.filter(({ position }) => position >= from));
    }
  });

  it('without a benign model comes to the same without a floor', async () => {
    const spec = aDetection({ samples: 40 });
    const beside = await images(spec);
    expect(await images(spec, { beside: null })).toEqual(beside.map((image) => ({ ...image, benign: null })));
  });

  it('entropies are those of the softmax', async () => {
    const { dataset } = clean;
    const test = await loadSplit(dataset, 'test', { height: 28, width: 28, channels: 1 });
    const classifier = warmClassifier(trojaned, 8, { entropies: true });
    const pictures = test.images([...Array(8).keys()]);
    const { confidences, entropies } = await classifier.classify(pictures);
    pictures.dispose();
    for (const [i, confidence] of confidences.entries()) {
      // Between what is left for one other class and what is left evenly for all three.
      const rest = 1 - confidence;
      const part = (share: number) => (share > 0 ? -share * Math.log(share) : 0);
      expect(entropies![i]!).toBeGreaterThanOrEqual(part(confidence) + part(rest) - 1e-5);
      expect(entropies![i]!).toBeLessThanOrEqual(part(confidence) + 3 * part(rest / 3) + 1e-5);
    }
  });

  it('corruptions that pile up go on from the one before', async () => {
    const shares = await Promise.all(
      (['INDEPENDENT', 'CUMULATIVE'] as const).map(async (corruptions) => {
        const all = ofKind(
          await images(aDetection({ detector: 'teco', parameters: { corruptions } })),
          'CLEAN',
        );
        // The last corruption at its mildest: JPEG at quality 25, alone and behind twenty others.
        return all.filter(({ answers: { labels } }) => labels[21] === labels[0]).length / all.length;
      }),
    );
    expect(shares[0]).toBeGreaterThan(0.9);
    expect(shares[1]).toBeLessThan(0.6);
  });

  it('controls come to one half, for every detector and variant', async () => {
    let missed = 0;
    for (const [detector, parameters] of [
      ['geometricConsistency', {}],
      ['strip', { overlays: 10 }],
      ['strip', { overlays: 10, blend: 'AVERAGE' }],
      ['scaleUp', {}],
      ['teco', {}],
      ['teco', { corruptions: 'CUMULATIVE' }],
    ] as const) {
      const all = await images(aDetection({ detector, parameters, samples: 150 }));
      for (const control of [
        permuted(scored(all, 'TROJANED', 'CLEAN'), 1),
        scored(all, 'OTHER_CLEAN', 'CLEAN'),
      ]) {
        const { value, low, high } = aurocOf(control);
        expect(Math.abs(value - 0.5)).toBeLessThan(0.15);
        missed += Number(low > 0.5 || high < 0.5);
      }
    }
    // Of twelve intervals at 95 %, three miss in 2 of 100 such tests.
    expect(missed).toBeLessThanOrEqual(2);
  });

  it('refuses a benign model, and samples that leave nothing to lay over', async () => {
    await expect(runDetection(benign, benign, aDetection()).next()).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
    // 375 of 500 test images are eligible, and all of these are judged: 125 are left.
    const spec = aDetection({ detector: 'strip', parameters: { overlays: 150 }, samples: 375 });
    await expect(images(spec)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      field: ['samples'],
      message: expect.stringContaining('at least 150 test images that are not judged'),
    });
  });

  it('stops between batches when told', async () => {
    const abort = new AbortController();
    abort.abort();
    await expect(
      runDetection(trojaned, benign, aDetection(), { signal: abort.signal }).next(),
    ).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
