import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, it } from 'vitest';

const require = createRequire(import.meta.url);
const library = path.dirname(require.resolve('@mantine/core/styles.css'));
const sources = path.join(import.meta.dirname, '..');

/** Names that the sources import from the library. */
function imported(): Set<string> {
  const names = new Set<string>();
  for (const file of readdirSync(sources, { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(file)) continue;
    const text = readFileSync(path.join(sources, file), 'utf8');
    for (const [, list] of text.matchAll(/import \{([^}]*)\} from '@mantine\/core'/g))
      for (const name of list!.split(',')) names.add(name.trim().replace(/ as .*/, ''));
  }
  return names;
}

/** Components whose styles these need, by what the library's modules import. */
function styled(names: Iterable<string>): Set<string> {
  const modules = new Map<string, string>();
  const index = readFileSync(path.join(library, 'esm/index.mjs'), 'utf8');
  for (const [, list, from] of index.matchAll(/(?:im|ex)port \{([^}]*)\} from "([^"]+)"/g))
    for (const name of list!.split(',')) modules.set(name.trim(), from!);
  const [found, seen] = [new Set<string>(), new Set<string>()];
  const enter = (file: string): void => {
    if (seen.has(file) || !existsSync(file)) return;
    seen.add(file);
    const own = path.basename(file).match(/^(.+)\.module\.mjs$/);
    if (own) found.add(own[1]!);
    for (const [, from] of readFileSync(file, 'utf8').matchAll(/from "(\.[^"]+)"/g))
      enter(path.resolve(path.dirname(file), from!));
  };
  for (const name of names) {
    const from = modules.get(name);
    if (from) enter(path.resolve(library, 'esm', from));
  }
  return found;
}

it('the styles of every component in use are there, and no others', () => {
  const list = readFileSync(path.join(import.meta.dirname, 'mantineStyles.ts'), 'utf8');
  const there = [...list.matchAll(/styles\/([A-Z]\w*)\.css/g)].map(([, name]) => name!);
  const needed = styled(imported());
  expect(needed.size).toBeGreaterThan(20);
  expect(there.toSorted()).toEqual([...needed].sort());
});
