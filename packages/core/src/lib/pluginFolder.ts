import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** A folder of plugins as files. Nothing is loaded by importing this, so that one can say first which folder it is. */

/** The folder; a server's and command's `--plugins` set it. */
export const PLUGINS = 'TROJANSCOPE_PLUGINS';
/** What the server found of it (`CheckedPlugins`): for the processes that it starts. */
export const PLUGINS_CHECKED = 'TROJANSCOPE_PLUGINS_CHECKED';

/** Who tries plugins is told which is asked for its definitions, in case that does not come to an end. */
export const trial: { asking?(file: string): void } = {};

/** What a server that starts found amiss, and the code that it found it in. */
export interface CheckedPlugins {
  /** SHA-256 of each file. */
  files: Record<string, string>;
  /** Why a file, or a definition as `attacks.mine`, is left out. */
  leftOut: Record<string, string>;
}

/** The plugins in a folder, in alphabetical order. @throws as the file system does */
export const pluginNames = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => /^[^._].*\.m?js$/.test(name) && statSync(path.join(folder, name)).isFile())
    .sort();

/** @throws whatever the module does */
export async function importPlugin(folder: string, name: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(path.join(folder, name)).href);
  } catch (error) {
    // Before 22.7 Node takes what ends in .js for CommonJS, unless a package.json says otherwise.
    const hint =
      name.endsWith('.js') && error instanceof SyntaxError
        ? ' (is it an ES module? Then end its name in .mjs)'
        : '';
    throw new Error(`${wordsOf(error)}${hint}`, { cause: error });
  }
}

/** Of a plugin with all that stands beside it and is no plugin: what it may import or read. @returns hexadecimal SHA-256 */
export function hashOfPlugin(folder: string, name: string): string {
  const plugins = new Set(pluginNames(folder));
  const hash = createHash('sha256');
  const add = (relative: string) => {
    hash.update(`${relative}\0`);
    hash.update(
      createHash('sha256')
        .update(readFileSync(path.join(folder, relative)))
        .digest(),
    );
  };
  const walk = (relative: string) => {
    for (const entry of readdirSync(path.join(folder, relative), { withFileTypes: true }).sort(byName)) {
      const at = path.join(relative, entry.name);
      if (entry.name.startsWith('.') || entry.name === 'node_modules' || plugins.has(at)) continue;
      if (entry.isDirectory()) walk(at);
      else if (entry.isFile()) add(at);
    }
  };
  add(name);
  walk('');
  return hash.digest('hex');
}
const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);

/** What was thrown, in a line. */
export const wordsOf = (error: unknown): string =>
  (error instanceof Error ? error.message || error.name : String(error)).split('\n', 1)[0]!.slice(0, 500);
