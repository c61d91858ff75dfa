import type { ImageShape } from '../lib/images.js';
import type { Split, SplitName } from './dataset.js';
import { type DatasetId, datasetOf } from './index.js';

const loaded = new Map<string, WeakRef<Split>>();

/** A split, read once for as long as somebody holds it. */
export async function loadSplit(
  dataset: DatasetId,
  split: SplitName,
  shape: ImageShape = datasetOf(dataset).shape,
): Promise<Split> {
  const key = `${dataset}/${split}/${shape.height}×${shape.width}`;
  const known = loaded.get(key)?.deref();
  if (known) return known;
  const fresh = await datasetOf(dataset).load(split, shape);
  loaded.set(key, new WeakRef(fresh));
  return fresh;
}
