import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { attackOf } from '../attacks/index.js';
import { layerOf, stampLayer, type Trigger } from '../attacks/trigger.js';
import type { Split } from '../datasets/dataset.js';
import type { Predictions } from '../inference/classifier.js';
import { tf } from '../lib/backend.js';
import type { ImageShape } from '../lib/images.js';
import type { Plan } from '../transforms/transform.js';
import type { Backdoored } from './subjects.js';

/*
 * A network is asked once about each series of pictures. The key of a series says all that its answers depend on: the
 * classifier (weights, specification, batch), the split and which of its images, in which batches, and what was made of
 * them: clean, trojaned by a trigger of this content, under a plan of these values. Only whole series are kept, so that
 * what is kept is to the bit what asking again would give; the oldest are forgotten.
 */
const KEPT_BYTES = 32e6;

const kept = new LRUCache<string, Predictions>({
  maxSize: KEPT_BYTES,
  sizeCalculation: ({ labels, confidences }) => labels.byteLength + confidences.byteLength + 1_000,
});

export const keptAnswers = {
  get: (key: string) => kept.get(key),
  /** @param answers whoever gets them changes nothing in them */
  set: (key: string, answers: Predictions) => void kept.set(key, answers),
  /** Forgets all; for tests and measurements. */
  clear: () => kept.clear(),
};

/** Which images: of a split, at a size. */
export const imagesKey = (dataset: string, { version = '' }: Split, { height, width }: ImageShape): string =>
  `${dataset} ${version} ${height}×${width}`;

export const hashOf = (...parts: (string | ArrayBufferView)[]): string => {
  const hash = createHash('sha256');
  // The length before each, so that two lists do not run into one.
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    hash
      .update(`${bytes.byteLength} `)
      .update(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
  return hash.digest('base64');
};

const contents = new WeakMap<Trigger, string>();

/** What a trojaned model's trigger makes of an image, by content. */
export function triggerKey({ trigger, backdoor: { attack, parameters } }: Backdoored): string {
  const known = contents.get(trigger);
  if (known) return known;
  const arrays = Object.entries({ ...trigger.arrays, ...trigger.images });
  const key = hashOf(
    JSON.stringify([attack, parameters, arrays.map(([name, { shape }]) => [name, shape])]),
    ...arrays.map(([, { values }]) => values),
  );
  contents.set(trigger, key);
  return key;
}

/** More variants of a layer take longer to compare than to ask about. */
const MOST_VARIANTS = 16;

/**
 * The same where a plan changes a layer: what each sample gets put on, by content, because a square that is turned by
 * 90° is the same picture. Nothing where that is not known, or takes long.
 */
export function layerKey(model: Backdoored, plan?: Plan): string | undefined {
  const { trigger, backdoor } = model;
  if (attackOf(backdoor.attack).stamp !== stampLayer) return undefined;
  const variants = plan?.variants ?? [{ steps: [], parameters: {} }];
  if (variants.length > MOST_VARIANTS) return undefined;
  const layers = tf.tidy(() => {
    const own = { variants, variantOf: Int32Array.from(variants.keys()) };
    const { weighted, mask } = layerOf(trigger, own);
    return variants.map((_, i) =>
      hashOf(tf.slice(weighted, i, 1).dataSync(), tf.slice(mask, i, 1).dataSync()),
    );
  });
  const used = new Set(layers);
  // One layer for all, as an untransformed trigger is.
  if (used.size === 1) return layers[0];
  return hashOf(...Array.from(plan!.variantOf, (variant) => layers[variant]!));
}
