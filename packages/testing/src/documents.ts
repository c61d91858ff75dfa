import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const WEB = new URL('../../../web/src/', import.meta.url);

/** Every operation that the dashboard's source holds, as a text with the fragments it uses. */
export function dashboardDocuments() {
  const texts = readdirSync(fileURLToPath(WEB), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.(test|d)\.tsx?$/.test(name))
    .flatMap((name) => [...readFileSync(new URL(name, WEB), 'utf8').matchAll(/graphql\(\s*`([^`]*)`/g)])
    .map(([, text]) => text);
  const fragments = new Map(
    texts.flatMap((text) => {
      const name = /^\s*fragment (\w+) on /.exec(text)?.[1];
      return name ? [[name, text]] : [];
    }),
  );
  return texts.flatMap((text) => {
    const name = /^\s*(?:query|mutation|subscription) (\w+)/.exec(text)?.[1];
    return name ? [{ name, text: withFragments(text, fragments) }] : [];
  });
}

function withFragments(text, fragments) {
  const used = new Set();
  const add = (part) => {
    for (const [, name] of part.matchAll(/\.\.\.\s*(\w+)/g)) {
      if (name === 'on' || used.has(name) || !fragments.has(name)) continue;
      used.add(name);
      add(fragments.get(name));
    }
  };
  add(text);
  return [text, ...[...used].map((name) => fragments.get(name))].join('\n');
}
