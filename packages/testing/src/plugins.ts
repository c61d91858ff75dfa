import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PAGE = fileURLToPath(new URL('../../../docs/plugins.md', import.meta.url));

/** Writes the plugins that docs/plugins.md shows into a folder. @returns the names of their files */
export async function writeShownPlugins(folder: string): Promise<string[]> {
  const blocks = [...(await readFile(PAGE, 'utf8')).matchAll(/^```js (\S+)\n([\s\S]*?)^```/gm)];
  for (const [, name, text] of blocks) await writeFile(path.join(folder, name!), text!);
  return blocks.map(([, name]) => name!);
}
