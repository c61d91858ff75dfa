import type { Split, SplitName } from './dataset.js';
import { type DatasetId, datasets } from './index.js';

const loaded = new Map<string, WeakRef<Split>>();

/** A split, read once for as long as somebody holds it. */
export async function loadSplit(dataset: DatasetId, split: SplitName): Promise<Split> {
  const key = `${dataset}/${split}`;
  const known = loaded.get(key)?.deref();
  if (known) return known;
  const fresh = await datasets[dataset].load(split);
  loaded.set(key, new WeakRef(fresh));
  return fresh;
}
