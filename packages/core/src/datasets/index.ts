import { TrojanscopeError } from '../lib/errors.js';
import { cifar10 } from './cifar10.js';
import type { DatasetDefinition } from './dataset.js';
import { fashionMnist } from './fashionMnist.js';
import { gtsrb } from './gtsrb.js';
import { installedFolder, installedIds, isInstalled, notImported } from './installed.js';
import { mnist } from './mnist.js';
import { packedDataset } from './packed.js';
import { shapes } from './shapes.js';

/** THE LIST of data sets that trojanscope knows by itself. The key is the id everywhere: database, API, page. */
export const datasets = {
  mnist,
  'fashion-mnist': fashionMnist,
  gtsrb,
  'cifar-10': cifar10,
  shapes,
} satisfies Record<string, DatasetDefinition>;

/** A key of `datasets`, or the id of an imported image folder. */
export type DatasetId = keyof typeof datasets | (string & {});

/** Every data set there is, imported image folders last. */
export const datasetIds = (): DatasetId[] => [
  ...Object.keys(datasets),
  ...installedIds().filter((id) => !Object.hasOwn(datasets, id)),
];

const imported = new Map<string, DatasetDefinition>();

/** @throws TrojanscopeError NOT_FOUND naming those that exist */
export function datasetOf(id: DatasetId): DatasetDefinition {
  if (Object.hasOwn(datasets, id)) return datasets[id as keyof typeof datasets];
  const known = imported.get(id);
  if (known) return known;
  if (/^[a-z0-9-]+$/.test(id) && isInstalled(id)) {
    const definition = packedDataset(installedFolder(id, { title: id }));
    imported.set(id, definition);
    return definition;
  }
  throw new TrojanscopeError(
    'NOT_FOUND',
    `There is no data set ${id}; there are ${datasetIds().join(', ')}.`,
  );
}

/** That the images of a data set are not here, and how to get them; undefined where they are. @throws as `datasetOf` */
export function whyMissing(id: DatasetId): string | undefined {
  const definition = datasetOf(id);
  return definition.resizable && !isInstalled(id) ? notImported(definition) : undefined;
}
