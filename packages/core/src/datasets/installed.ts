import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { TrojanscopeError } from '../lib/errors.js';

let root = path.resolve(process.env.TROJANSCOPE_DATA ?? './data', 'datasets');

/** Says once per process where imported data sets lie: `datasets` in the data folder. */
export function useDataFolder(dataFolder: string): void {
  root = path.resolve(dataFolder, 'datasets');
}

export const isInstalled = (id: string) => existsSync(path.join(root, id, 'dataset.json'));

export const installedIds = (): string[] =>
  existsSync(root) ? readdirSync(root).filter((id) => !id.includes('.') && isInstalled(id)) : [];

/** @throws TrojanscopeError DATA_MISSING */
export function installedFolder(id: string): string {
  if (isInstalled(id)) return path.join(root, id);
  throw new TrojanscopeError(
    'DATA_MISSING',
    `The data set ${id} is not imported. Run \`npm run trojanscope -- data ${id === 'gtsrb' ? 'fetch' : 'import'} ${id}\`.`,
  );
}
