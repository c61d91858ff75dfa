import type { FieldSchema } from './schemaOptions.js';

/** A definition with its parameters. */
export interface Entry {
  id: string;
  title: string;
  description: string;
  parameters: FieldSchema;
}
interface Network {
  id: string;
  title: string;
  recipe: FieldSchema;
}
export interface TransformEntry {
  id: string;
  title: string;
  unit: string;
  valueName: string;
  minimum: number;
  maximum: number;
  identity: number;
}

/** What there is to choose from, and with which parameters. */
export interface Catalog {
  attacks: Entry[];
  detectors: Entry[];
  explainers: Entry[];
  architectures: Network[];
  transforms: TransformEntry[];
}

const CATALOG = `{ catalog {
  attacks { id title description parameters }
  detectors { id title description parameters }
  explainers { id title description parameters }
  architectures { id title recipe }
  transforms { id title unit valueName minimum maximum identity }
} }`;

/**
 * The catalog of whoever will be asked: options follow it, so it is read before they are.
 * @throws TrojanscopeError where a server does not answer; its help is then that of this version
 */
export async function catalogFor(words: readonly string[]): Promise<Catalog> {
  const server = optionIn(words, '--server') ?? process.env.TROJANSCOPE_SERVER;
  if (server && URL.canParse(server)) {
    const { openHttpApi, readToken } = await import('./httpApi.js');
    const { TROJANSCOPE_TOKEN, TROJANSCOPE_TOKEN_FILE } = process.env;
    const asked = async () => {
      const said = optionIn(words, '--token');
      const file =
        optionIn(words, '--token-file') ?? (TROJANSCOPE_TOKEN ? undefined : TROJANSCOPE_TOKEN_FILE);
      const token = said ?? (file ? await readToken(file) : TROJANSCOPE_TOKEN);
      return (await openHttpApi(new URL(server), token || undefined).ask<{ catalog: Catalog }>(CATALOG))
        .catalog;
    };
    if (!words.some((word) => word === '--help' || word === '-h')) return asked();
    return asked().catch(ownCatalog);
  }
  return ownCatalog();
}

export async function ownCatalog(): Promise<Catalog> {
  const { presentCatalog } = await import('../../graphql/presentCatalog.js');
  return presentCatalog() as unknown as Catalog;
}

/** What follows an option, before commander has read it. */
export function optionIn(words: readonly string[], name: string): string | undefined {
  const at = words.lastIndexOf(name);
  const joined = words.findLast((word) => word.startsWith(`${name}=`));
  return joined?.slice(name.length + 1) ?? (at < 0 ? undefined : words[at + 1]);
}
