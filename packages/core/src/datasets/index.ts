import { z } from 'zod';
import { TrojanscopeError } from '../lib/errors.js';
import { imagesToTensor } from '../lib/images.js';
import { absent, ownDefinitions, ownShape } from '../lib/plugins.js';
import { cifar10 } from './cifar10.js';
import { type DatasetDefinition, type DatasetInfo, defineDataset, splitOf } from './dataset.js';
import { fashionMnist } from './fashionMnist.js';
import { gtsrb } from './gtsrb.js';
import { installedFolder, installedIds, isInstalled, notImported } from './installed.js';
import { mnist } from './mnist.js';
import { packedDataset } from './packed.js';
import { shapes } from './shapes.js';

/** THE LIST of data sets that trojanscope knows by itself. The key is the id everywhere: database, API, page. */
const builtIn = {
  mnist,
  'fashion-mnist': fashionMnist,
  gtsrb,
  'cifar-10': cifar10,
  shapes,
} satisfies Record<string, DatasetDefinition>;

const size = z.int().min(1).max(512);
const own = ownDefinitions<DatasetDefinition>(
  'datasets',
  { defineDataset, splitOf, imagesToTensor },
  builtIn,
  z.looseObject({
    title: ownShape.title,
    description: ownShape.description,
    source: ownShape.source,
    shape: z.strictObject({
      height: size,
      width: size,
      channels: z.union([z.literal(1), z.literal(3)], 'expected 1 or 3'),
    }),
    resizable: z.boolean(),
    classNames: z.array(z.string().min(1)).min(2).max(1_000),
    counts: z.strictObject({ train: z.int().min(0), test: z.int().min(1) }),
    howToGet: z.undefined('expected none: a plugin’s data set brings its images').optional(),
    load: ownShape.callable,
  }),
);

/** With the plugins'. */
export const datasets: typeof builtIn = { ...builtIn, ...own };

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
    `There is no data set ${id}; there are ${datasetIds().join(', ')}. One of a plugin’s is there where the server is started with --plugins.`,
  );
}

/** What is known of a data set that something was made with, whether or not it is here still. */
export function datasetInfoOf(id: DatasetId): DatasetInfo {
  try {
    return datasetOf(id);
  } catch (error) {
    if (!(error instanceof TrojanscopeError && error.code === 'NOT_FOUND')) throw error;
  }
  const { title, description, source } = absent('datasets', id);
  const shape = { height: 1, width: 1, channels: 1 };
  return {
    title,
    description,
    source,
    shape,
    resizable: false,
    classNames: [],
    counts: { train: 0, test: 0 },
  };
}

/** That the images of a data set are not here, and how to get them; undefined where they are. @throws as `datasetOf` */
export function whyMissing(id: DatasetId): string | undefined {
  const definition = datasetOf(id);
  return definition.howToGet && !isInstalled(id) ? notImported(definition) : undefined;
}
