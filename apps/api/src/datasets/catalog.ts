import {
  datasets,
  PACKED_FORMAT,
  parseStrictJson,
  SPLITS,
  type SplitName,
  TrojanscopeError,
} from '@trojanscope/core';
import { damaged } from '../archives/sourceFile.js';
import type { Blobs } from '../blobs/blobs.js';
import { checkId, DATASETS, datasetKey } from './install.js';
import { type Imported, type PackedInfo, type SplitIndex } from './packedWriter.js';

interface Known extends Omit<PackedInfo, 'format' | 'imported'> {
  id: string;
  /** As a definition has it. */
  howToGet?: readonly string[];
}

/** Built in is what comes with trojanscope or is drawn by it; what is not imported is known, but not there. */
export type KnownDataset = Known &
  ({ state: 'imported'; imported: Imported } | { state: 'built in' | 'not imported' });

type BuiltInId = keyof typeof datasets;
const isBuiltIn = (id: string): id is BuiltInId => Object.hasOwn(datasets, id);

/** Every data set there is, those that trojanscope knows by itself first. @throws TrojanscopeError DATA_DAMAGED */
export async function listDatasets(blobs: Blobs): Promise<KnownDataset[]> {
  const imported = (await blobs.list(DATASETS)).filter((id) => !isBuiltIn(id));
  return Promise.all([...Object.keys(datasets), ...imported].map((id) => findDataset(blobs, id)));
}

/** @throws TrojanscopeError NOT_FOUND, DATA_DAMAGED */
export async function findDataset(blobs: Blobs, id: string): Promise<KnownDataset> {
  checkId(id);
  const key = `${datasetKey(id)}/dataset.json`;
  if (await blobs.version(key)) {
    const [text, file] = [await blobs.read(key), await blobs.localPath(key)];
    const { format, ...info } = parse<PackedInfo>(text, file);
    if (format !== PACKED_FORMAT) throw damaged(file, `expected ${PACKED_FORMAT}, got ${format}.`);
    // There was no other order once; GTSRB has an order of its own.
    const classOrder = info.classOrder ?? (isBuiltIn(id) ? undefined : 'numeric');
    return { id, state: 'imported', ...info, classOrder };
  }
  if (isBuiltIn(id)) {
    const { load, resizable, ...info } = datasets[id];
    return { id, state: info.howToGet ? 'not imported' : 'built in', ...info };
  }
  throw noSuch(id);
}

/** Images of each class in each split, of a data set that is there. @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED */
export async function countClasses(
  blobs: Blobs,
  dataset: KnownDataset,
): Promise<Record<SplitName, number[]> | undefined> {
  if (dataset.state === 'not imported') return undefined;
  const counts = { train: dataset.classNames.map(() => 0), test: dataset.classNames.map(() => 0) };
  for (const split of SPLITS) {
    const labels = await labelsOf(blobs, dataset, split);
    for (let i = 0; i < labels.length; i++) counts[split][labels[i]!]!++;
  }
  return counts;
}

/** Labels of a split of a data set that is there. @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED */
export async function labelsOf(
  blobs: Blobs,
  { id, state }: KnownDataset,
  split: SplitName,
): Promise<ArrayLike<number>> {
  if (state === 'imported') {
    const key = `${datasetKey(id)}/${split}.json`;
    return parse<SplitIndex>(await blobs.read(key), await blobs.localPath(key)).labels;
  }
  const { load, shape } = datasets[id as BuiltInId];
  return (await load(split, shape)).labels;
}

/** Also one whose files are damaged. @throws TrojanscopeError NOT_FOUND, CONFLICT for what was never imported */
export async function removeDataset(blobs: Blobs, id: string): Promise<void> {
  checkId(id);
  if (!(await blobs.version(datasetKey(id)))) {
    if (isBuiltIn(id))
      throw new TrojanscopeError('CONFLICT', `${id} was not imported: there is nothing to remove.`, ['id']);
    throw noSuch(id);
  }
  await blobs.remove(datasetKey(id));
}

const noSuch = (id: string) =>
  new TrojanscopeError('NOT_FOUND', `There is no data set ${id}. \`data list\` shows all.`, ['id']);

function parse<T>(bytes: Buffer, file: string): T {
  try {
    return parseStrictJson(bytes) as T;
  } catch (error) {
    const { message } = error as SyntaxError;
    throw damaged(file, `expected JSON: ${message}. Import the data set again with --replace.`);
  }
}
