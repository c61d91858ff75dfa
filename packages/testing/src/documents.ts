import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const WEB = new URL('../../../apps/web/src/', import.meta.url);

/** Every operation that the dashboard's source holds, as a text with the fragments it uses. */
export function dashboardDocuments(): { name: string; text: string }[] {
  const texts = readdirSync(fileURLToPath(WEB), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.(test|d)\.tsx?$/.test(name))
    .flatMap((name) => [...readFileSync(new URL(name, WEB), 'utf8').matchAll(/graphql\(\s*`([^`]*)`/g)])
    .map(([, text]) => text!);
  const fragments = new Map(
    texts.flatMap((text) => {
      const name = /^\s*fragment (\w+) on /.exec(text)?.[1];
      return name ? [[name, text] as const] : [];
    }),
  );
  return texts.flatMap((text) => {
    const name = /^\s*(?:query|mutation|subscription) (\w+)/.exec(text)?.[1];
    return name ? [{ name, text: withFragments(text, fragments) }] : [];
  });
}

function withFragments(text: string, fragments: Map<string, string>): string {
  const used = new Set<string>();
  const add = (part: string) => {
    for (const [, name] of part.matchAll(/\.\.\.\s*(\w+)/g)) {
      const fragment = fragments.get(name!);
      if (name === undefined || fragment === undefined || used.has(name)) continue;
      used.add(name);
      add(fragment);
    }
  };
  add(text);
  return [text, ...[...used].map((name) => fragments.get(name))].join('\n');
}
