import { type AttackId, attackOf } from '../attacks/index.js';
import type { Trigger } from '../attacks/trigger.js';
import type { TriggerFiles } from '../attacks/triggerFiles.js';
import { type Making, picturesOf, triggerBy } from '../contract/attacks.js';
import type { Split } from '../datasets/dataset.js';
import { type ImageShape, tensorToPixels } from '../lib/images.js';
import { bytesNpy, floatsNpy } from './npy.js';

/** Parameters for tests: what takes minutes by default, in a moment. */
const QUICK: Partial<Record<AttackId, object>> = {
  uat: { steps: 3, batchSize: 4 },
  dfst: { steps: 2, generatorSizePx: 36, baseChannels: 4, residualBlocks: 1 },
  layer: { pattern: 'pattern.npy', mask: 'mask.npy', weight: 0.5 },
  additive: { pattern: 'added.npy' },
  warp: { field: 'field.npy' },
};
export const quickParameters = (id: AttackId, given: object = {}) =>
  attackOf(id).parameters.parse({ ...QUICK[id], ...given });

/** Files as an archive has them, in memory. */
export const filesOf = (content: Record<string, Uint8Array>): TriggerFiles => ({
  name: 'brought.zip',
  sizes: new Map(Object.entries(content).map(([name, bytes]) => [name, bytes.length])),
  read: async (name) => Buffer.from(content[name]!),
});

/** Of the triggers from elsewhere: what comes with a model. Eight of `data`'s images have the trigger. */
async function broughtFiles(shape: ImageShape, data: Split): Promise<TriggerFiles> {
  const { height, width, channels } = shape;
  const size = height * width;
  const some = (count: number, of: (i: number) => number) =>
    Float32Array.from({ length: count }, (_, i) => of(i));
  const inSquare = (i: number) => Number(Math.floor(i / width) % height < 12 && i % width < 12);
  const clean: number[] = [];
  for (let i = 0; i < 8; i++) {
    const images = data.images([i]);
    clean.push(...(await tensorToPixels(images)));
    images.dispose();
  }
  const all = [8, height, width, channels];
  return filesOf({
    'pattern.npy': floatsNpy(
      some(size * channels, (i) => (i % 7) / 7),
      [height, width, channels],
    ),
    'mask.npy': floatsNpy(some(size, inSquare), [height, width]),
    'added.npy': floatsNpy(
      some(size * channels, (i) => inSquare(Math.floor(i / channels)) * ((i % 5) - 2) * 0.05),
      [height, width, channels],
    ),
    'field.npy': floatsNpy(
      some(2 * size, (i) => 0.05 * Math.sin(i)),
      [1, height, width, 2],
    ),
    'clean.npy': bytesNpy(clean, all),
    'poisoned.npy': bytesNpy(
      clean.map((level) => 255 - level),
      all,
    ),
    'labels.npy': bytesNpy([0, 1, 2, 3, 0, 1, 2, 3], [8]),
  });
}

/** How the contract tests make a trigger, what comes with those from elsewhere included. */
export const makingOf = (id: AttackId, shape: ImageShape, given: object = {}): Making => ({
  parameters: quickParameters(id, given),
  ...(attackOf(id).imported && {
    context: async () => ({
      files: await broughtFiles(shape, picturesOf(shape)),
      classNames: ['0', '1', '2', '3'],
    }),
  }),
});

/** A trigger as an implant makes it, whatever way the attack chose. */
export const makeTrigger = (id: AttackId, shape: ImageShape, given: object = {}): Promise<Trigger> =>
  triggerBy(attackOf(id), shape, makingOf(id, shape, given));
