import { readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  datasets,
  PACKED_FORMAT,
  parseStrictJson,
  SPLITS,
  type SplitName,
  TrojanscopeError,
} from '@trojanscope/core';
import { damaged } from '../archives/sourceFile.js';
import { checkId, datasetsFolder, leftoverName } from './install.js';
import { type Imported, type PackedInfo, type SplitIndex } from './packedWriter.js';

interface Known extends Omit<PackedInfo, 'format' | 'imported'> {
  id: string;
}

/** Built in is what comes with trojanscope or is drawn by it; what is not imported is known, but not there. */
export type KnownDataset = Known &
  ({ state: 'imported'; imported: Imported } | { state: 'built in' | 'not imported' });

type BuiltInId = keyof typeof datasets;
const isBuiltIn = (id: string): id is BuiltInId => Object.hasOwn(datasets, id);

/** Of the built-in data sets the one that has to be imported. */
const FETCHED: readonly BuiltInId[] = ['gtsrb'];

/** Every data set there is, those that trojanscope knows by itself first. @throws TrojanscopeError DATA_DAMAGED */
export async function listDatasets(dataFolder: string): Promise<KnownDataset[]> {
  const entries = await readdir(datasetsFolder(dataFolder)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const imported = entries.filter((id) => !id.startsWith('.') && !isBuiltIn(id)).sort();
  return Promise.all([...Object.keys(datasets), ...imported].map((id) => findDataset(dataFolder, id)));
}

/** @throws TrojanscopeError NOT_FOUND, DATA_DAMAGED */
export async function findDataset(dataFolder: string, id: string): Promise<KnownDataset> {
  checkId(id);
  const file = path.join(datasetsFolder(dataFolder), id, 'dataset.json');
  const text = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (text !== undefined) {
    const { format, ...info } = parse<PackedInfo>(text, file);
    if (format !== PACKED_FORMAT) throw damaged(file, `expected ${PACKED_FORMAT}, got ${format}.`);
    // There was no other order once; GTSRB has an order of its own.
    const classOrder = info.classOrder ?? (isBuiltIn(id) ? undefined : 'numeric');
    return { id, state: 'imported', ...info, classOrder };
  }
  if (isBuiltIn(id)) {
    const { load, resizable, ...info } = datasets[id];
    return { id, state: FETCHED.includes(id) ? 'not imported' : 'built in', ...info };
  }
  throw noSuch(id);
}

/** Images of each class in each split, of a data set that is there. @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED */
export async function countClasses(
  dataFolder: string,
  dataset: KnownDataset,
): Promise<Record<SplitName, number[]> | undefined> {
  if (dataset.state === 'not imported') return undefined;
  const counts = { train: dataset.classNames.map(() => 0), test: dataset.classNames.map(() => 0) };
  for (const split of SPLITS) {
    const labels = await labelsOf(dataFolder, dataset, split);
    for (let i = 0; i < labels.length; i++) counts[split][labels[i]!]!++;
  }
  return counts;
}

/** Labels of a split of a data set that is there. @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED */
export async function labelsOf(
  dataFolder: string,
  { id, state }: KnownDataset,
  split: SplitName,
): Promise<ArrayLike<number>> {
  if (state === 'imported') {
    const file = path.join(datasetsFolder(dataFolder), id, `${split}.json`);
    return parse<SplitIndex>(await readFile(file), file).labels;
  }
  const { load, shape } = datasets[id as BuiltInId];
  return (await load(split, shape)).labels;
}

/** Also one whose files are damaged. @throws TrojanscopeError NOT_FOUND, CONFLICT for what was never imported */
export async function removeDataset(dataFolder: string, id: string): Promise<void> {
  checkId(id);
  const all = datasetsFolder(dataFolder);
  // Aside first: a kill in the middle of the removal leaves no half data set.
  const aside = path.join(all, leftoverName(id, 'part'));
  await rename(path.join(all, id), aside).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    if (isBuiltIn(id))
      throw new TrojanscopeError('CONFLICT', `${id} was not imported: there is nothing to remove.`, ['id']);
    throw noSuch(id);
  });
  await rm(aside, { recursive: true });
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
