import { beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { architectures } from '../architectures/index.js';
import { badnets } from '../attacks/badnets.js';
import { loadSplit } from '../datasets/loadSplit.js';
import { makeModel } from '../implant/makeModel.js';
import type { Model } from '../implant/model.js';
import { tf } from '../lib/backend.js';
import { decodePng } from '../lib/images.js';
import { parseParameters } from '../lib/params.js';
import { type DetectorId, detectorOf, detectors } from './index.js';
import { type DetectedImage, runDetection } from './runDetection.js';
import { showViews, viewPicture } from './shownViews.js';
import { type DetectionSpec, detectionViews, IMAGE_KINDS } from './views.js';

/** So that there are several batches of the few samples here. */
const BATCH = 16;
vi.mock('../architectures/batches.js', async (original) => {
  const own = await original<typeof import('../architectures/batches.js')>();
  return {
    ...own,
    inferenceBatch: (...of: Parameters<typeof own.inferenceBatch>) => Math.min(BATCH, of[2] ?? BATCH),
  };
});

const bytesOf = (tensor: tf.Tensor) => {
  const { buffer, byteOffset, byteLength } = tensor.dataSync();
  return Buffer.from(buffer, byteOffset, byteLength);
};
const SHAPE = { height: 28, width: 28, channels: 1 };
let model: Model;
beforeAll(async () => {
  const making = makeModel({
    dataset: 'shapes',
    architecture: 'lenet',
    recipe: { ...architectures.lenet.recipes.SCRATCH, epochs: 2 },
    start: 'SCRATCH',
    seed: 1,
    backdoor: {
      attack: 'badnets',
      parameters: badnets.parameters.parse({}),
      targetLabel: 0,
      poisonRate: 0.1,
    },
  });
  let step = await making.next();
  while (!step.done) step = await making.next();
  const { record, ...made } = step.value;
  model = { ...made, record: { ...record, weightsSha256: 'of this test' } as Model['record'] };
});

const aDetection = (detector: DetectorId, given: Record<string, unknown> = {}): DetectionSpec => ({
  detector,
  parameters: parseParameters(detectorOf(detector).parameters, given),
  samples: 40,
  seed: 5,
});
async function trial(spec: DetectionSpec): Promise<DetectedImage[]> {
  const all: DetectedImage[] = [];
  for await (const { images } of runDetection(model, null, spec)) all.push(...images);
  return all;
}

/** Every detector, and each choice that a parameter of it offers. */
const contract = (Object.keys(detectors) as DetectorId[]).flatMap((id) => {
  const { properties = {} } = z.toJSONSchema(detectorOf(id).parameters, { io: 'input' });
  const choices = Object.entries(properties).flatMap(([name, schema]) =>
    ((schema as { enum?: string[] }).enum ?? []).map((word) => ({ [name]: word })),
  );
  return [{}, ...choices].map((given) => ({ id, given: given as Record<string, unknown> }));
});

describe.each(contract)('$id with $given, looked at again', ({ id, given }) => {
  const spec = aDetection(id, given);

  it('answers and scores as in the trial, to the bit, at any place of a batch', async () => {
    const judged = await trial(spec);
    for (const kind of IMAGE_KINDS)
      for (const position of [0, 7, BATCH, 39]) {
        const stored = judged.find((image) => image.kind === kind && image.position === position)!;
        const { answers, score, views } = await showViews(model, spec, { kind, position });
        expect(answers).toEqual(stored.answers);
        expect(score).toBe(stored.score);
        expect(views).toHaveLength(stored.answers.labels.length);
      }
  });

  it('has the pictures that a whole batch of the trial has, to the bit', async () => {
    const asked = await detectionViews(model, spec);
    const positions = Int32Array.from({ length: BATCH }, (_, i) => i + 3);
    const row = 4;
    for (const kind of IMAGE_KINDS) {
      const [many, one] = [
        asked.images(kind, positions),
        asked.images(kind, positions.subarray(row, row + 1)),
      ];
      const alone = asked.of(one, positions.subarray(row, row + 1));
      let view = 0;
      for (const batch of asked.of(many, positions)) {
        const [of, directly] = [alone.next().value!, asked.one(view, one, positions.subarray(row, row + 1))];
        const own = tf.tidy(() => bytesOf(tf.slice(batch, row, 1)));
        expect([bytesOf(of).equals(own), bytesOf(directly).equals(own)]).toEqual([true, true]);
        directly.dispose();
        view++;
      }
      alone.return();
      expect(view).toBe(asked.views.length);
      tf.dispose([many, one]);
    }
  });

  it('leaves no tensor', async () => {
    const place = { kind: 'TROJANED', position: 3 } as const;
    await showViews(model, spec, place);
    const before = tf.memory().numTensors;
    await showViews(model, spec, place);
    await viewPicture(model, spec, place, 0);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a view', () => {
  const pixelsOf = async (png: Buffer | undefined) => {
    const { pixels } = await decodePng(png!);
    // Grey, as three equal channels.
    return Array.from({ length: pixels.length / 3 }, (_, i) => pixels[3 * i]!);
  };
  const testImage = async (index: number) => {
    const images = (await loadSplit('shapes', 'test', SHAPE)).images([index]);
    const levels = Array.from(images.dataSync(), (level) => Math.round(255 * level));
    images.dispose();
    return levels;
  };
  const place = { kind: 'CLEAN', position: 2 } as const;

  it.each([
    ['SATURATED_SUM', 'added, cut off at white', (a: number, b: number) => Math.min(255, a + b)],
    // Drawn at white where it is beyond.
    ['SUM', 'added', (a: number, b: number) => Math.min(255, a + b)],
    ['AVERAGE', 'averaged with it', (a: number, b: number) => (a + b) / 2],
  ] as const)('shows the image that it names laid over the sample: %s', async (blend, words, by) => {
    const spec = aDetection('strip', { blend, overlays: 6 });
    const sample = (await detectionViews(model, spec)).samplesOf('CLEAN')[place.position]!;
    const { views } = await showViews(model, spec, place);
    const own = await testImage(sample);
    const named = new Set<number>();
    for (const [view, { text, steps }] of views.entries()) {
      const { overlay } = steps[0]!.draw;
      named.add(overlay!);
      expect(text).toBe(`test image ${overlay} ${words}`);
      const [seen, over] = [
        await pixelsOf(await viewPicture(model, spec, place, view)),
        await testImage(overlay!),
      ];
      for (const [i, level] of seen.entries())
        expect(Math.abs(level - by(own[i]!, over[i]!))).toBeLessThanOrEqual(0.5);
    }
    expect(named.size).toBeGreaterThan(3);
  });

  it('shows the shift that it tells', async () => {
    const spec = aDetection('geometricConsistency', { rotationsDeg: [], factors: [], shiftsPx: [3, 3] });
    const sample = (await detectionViews(model, spec)).samplesOf('CLEAN')[place.position]!;
    const own = await testImage(sample);
    const { views } = await showViews(model, spec, place);
    expect(views[0]).toEqual({ text: 'as it is', steps: [] });
    expect(await pixelsOf(await viewPicture(model, spec, place, 0))).toEqual(own);
    for (const view of [1, 2]) {
      const { shiftXPx, shiftYPx } = views[view]!.steps[0]!.draw.parameters!;
      const words = [
        shiftXPx! < 0 && `${-shiftXPx!} left`,
        shiftXPx! > 0 && `${shiftXPx} right`,
        shiftYPx! < 0 && `${-shiftYPx!} up`,
        shiftYPx! > 0 && `${shiftYPx} down`,
      ];
      expect(views[view]!.text).toBe(`translation 3 px, ${words.filter(Boolean).join(' and ')}`);
      // An image wraps around.
      const at = (y: number, x: number) => own[((y + 28) % 28) * 28 + ((x + 28) % 28)]!;
      const moved = own.map((_, i) => at(Math.floor(i / 28) - shiftYPx!, (i % 28) - shiftXPx!));
      expect(await pixelsOf(await viewPicture(model, spec, place, view))).toEqual(moved);
    }
  });

  it('is told in words: each step, or what it adds to the view before', async () => {
    const texts = async (detector: DetectorId, given = {}) =>
      (await showViews(model, aDetection(detector, given), place)).views.map(({ text }) => text);
    expect(await texts('scaleUp')).toEqual([
      'as it is',
      ...[3, 5, 7, 9, 11].map((by) => `brightness ${by} ×`),
    ]);
    expect(
      await texts('composedConsistency', { factor: 1, shiftPx: 0, shrinkPadPx: 0, jpegQuality: 100 }),
    ).toEqual(['as it is', 'rotation 15 °', 'blur 1 px', 'rotation 15 °, then blur 1 px']);
    const cumulative = await texts('teco', { corruptions: 'CUMULATIVE' });
    expect(cumulative.slice(0, 4)).toEqual([
      'as it is',
      'noise 20.4 levels',
      'noise 20.4 levels, then noise 30.6 levels',
      'the one before, then noise 45.9 levels',
    ]);
    expect(cumulative.at(-1)).toBe('the one before, then jpeg 7 %');
  });

  it('that is not there is none, and of an image that is not there an error', async () => {
    const spec = aDetection('scaleUp');
    expect(await viewPicture(model, spec, place, 6)).toBeUndefined();
    await expect(showViews(model, spec, { kind: 'CLEAN', position: 40 })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('0 to 39; got 40'),
    });
  });
});
