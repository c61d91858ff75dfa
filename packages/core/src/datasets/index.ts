import type { DatasetDefinition } from './dataset.js';
import { mnist } from './mnist.js';
import { shapes } from './shapes.js';

/** THE LIST of data sets. The key is the id everywhere: database, API, page. */
export const datasets = { mnist, shapes } satisfies Record<string, DatasetDefinition>;

export type DatasetId = keyof typeof datasets;
