import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { TrojanscopeError } from '../lib/errors.js';
import type { DatasetInfo } from './dataset.js';

let root = path.resolve(process.env.TROJANSCOPE_DATA ?? './data', 'datasets');

/** Says once per process where imported data sets lie: `datasets` in the data folder. */
export function useDataFolder(dataFolder: string): void {
  root = path.resolve(dataFolder, 'datasets');
}

export const isInstalled = (id: string) => existsSync(path.join(root, id, 'dataset.json'));

export const installedIds = (): string[] =>
  existsSync(root) ? readdirSync(root).filter((id) => !id.includes('.') && isInstalled(id)) : [];

/** That a data set is not here, and how to get it. */
export const notImported = ({ title, howToGet = [] }: Pick<DatasetInfo, 'title' | 'howToGet'>): string =>
  `${title} is not imported. ${howToGet.length > 0 ? `Run \`${howToGet.join('` or `')}\`` : 'Import it'} (docs/data.md).`;

/** @throws TrojanscopeError DATA_MISSING */
export function installedFolder(id: string, info: Pick<DatasetInfo, 'title' | 'howToGet'>): string {
  if (isInstalled(id)) return path.join(root, id);
  throw new TrojanscopeError('DATA_MISSING', notImported(info));
}
