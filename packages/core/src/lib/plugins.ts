import { z } from 'zod';
import { tf } from './backend.js';
import { compile } from './compile.js';
import { TrojanscopeError } from './errors.js';
import { roundTo8Bits } from './images.js';
import { choice, file, integer, real, seedOf } from './params.js';
import {
  type CheckedPlugins,
  hashOfPlugin,
  importPlugin,
  PLUGINS,
  PLUGINS_CHECKED,
  pluginNames,
  trial,
  wordsOf,
} from './pluginFolder.js';
import { createRandom } from './random.js';

/**
 * Definitions of one's own, from a folder of ES modules that the operator names (docs/plugins.md). Who imports this waits
 * until they are loaded, so that each list of definitions is whole from its first look on, in every process. Processes
 * that the server starts find in their environment what it has loaded.
 */

/** The exports of a plugin, each a function that is given tools and returns definitions by id. */
export const PLUGIN_KINDS = {
  attacks: 'attack',
  transforms: 'transform',
  detectors: 'detector',
  explainers: 'explainer',
  datasets: 'data set',
} as const;
export type PluginKind = keyof typeof PLUGIN_KINDS;

/** Which code made something: kept with it, and compared before anything else is taken for the same. */
export interface PluginNote {
  kind: PluginKind;
  id: string;
  title: string;
  file: string;
  sha256: string;
  /** Of a transform, what its curves are drawn by. */
  values?: TransformValues;
}
export interface TransformValues {
  valueName: string;
  unit: string;
  minimum: number;
  maximum: number;
  identity: number;
  defaultValues: readonly number[];
}

export interface PluginDefinition {
  kind: PluginKind;
  id: string;
  title: string;
  /** Why it is left out; null where it is not. */
  error: string | null;
}
export interface PluginFile {
  file: string;
  sha256: string;
  /** Why all of it is left out; null where it is not. */
  error: string | null;
  definitions: PluginDefinition[];
}

/** What every kind of definition may be made with. */
const TOOLS = {
  z,
  integer,
  real,
  choice,
  seedOf,
  file,
  tf,
  compile,
  createRandom,
  roundTo8Bits,
  TrojanscopeError,
};

const checked = JSON.parse(process.env[PLUGINS_CHECKED] ?? 'null') as CheckedPlugins | null;
const modules = new Map<PluginFile, Record<string, unknown>>();
const loaded = new Map<string, PluginNote>();

/** The plugins of this process, faulty ones too; what they define is known when the lists are (`index.ts`). */
export const pluginFiles: readonly PluginFile[] = await readFolder(process.env[PLUGINS]);

async function readFolder(folder: string | undefined): Promise<PluginFile[]> {
  if (!folder) return [];
  const files: PluginFile[] = [];
  for (const name of namesIn(folder)) {
    const plugin: PluginFile = { file: name, sha256: '', error: null, definitions: [] };
    files.push(plugin);
    try {
      plugin.sha256 = hashOfPlugin(folder, name);
      plugin.error = whyLeftOut(plugin);
      if (plugin.error) continue;
      const module = await importPlugin(folder, name);
      modules.set(plugin, module);
      if (!Object.keys(PLUGIN_KINDS).some((kind) => module[kind] !== undefined))
        throw new TypeError(`expected an export of ${Object.keys(PLUGIN_KINDS).join(', ')}; found none`);
    } catch (error) {
      plugin.error = wordsOf(error);
    }
  }
  return files;
}

/** Those that the server found, where the folder is gone since: each then says so. */
function namesIn(folder: string): string[] {
  try {
    return pluginNames(folder);
  } catch {
    return Object.keys(checked?.files ?? {});
  }
}

function whyLeftOut({ file, sha256 }: PluginFile): string | null {
  if (!checked) return null;
  if (checked.leftOut[file]) return checked.leftOut[file];
  return checked.files[file] === sha256
    ? null
    : 'it is not as it was when the server started: restart the server to take it as it is now';
}

const IDS: Record<PluginKind, RegExp> = {
  attacks: /^[a-z][A-Za-z0-9]{1,39}$/,
  transforms: /^[a-z][A-Za-z0-9]{1,39}$/,
  detectors: /^[a-z][A-Za-z0-9]{1,39}$/,
  explainers: /^[a-z][A-Za-z0-9]{1,39}$/,
  datasets: /^[a-z][a-z0-9-]{1,39}$/,
};

/**
 * The plugins' definitions of one kind; what is faulty is named in `pluginFiles` and left out.
 * @param tools what such definitions are made with, beside what all are
 * @param builtIn those whose ids are taken
 * @param shape what a definition must have at least
 */
export function ownDefinitions<Definition extends { title: string }>(
  kind: PluginKind,
  tools: object,
  builtIn: object,
  shape: z.ZodType,
  valuesOf: (definition: Definition) => TransformValues | undefined = () => undefined,
): Record<string, Definition> {
  const found: Record<string, Definition> = {};
  for (const plugin of pluginFiles) {
    const make = modules.get(plugin)?.[kind];
    if (make === undefined || plugin.error) continue;
    let made: Record<string, unknown>;
    try {
      if (typeof make !== 'function')
        throw new TypeError(
          `${kind}: expected a function that returns definitions by id; got ${typeof make}`,
        );
      trial.asking?.(plugin.file);
      made = make({ ...TOOLS, ...tools });
      if (typeof made !== 'object' || made === null || made instanceof Promise)
        throw new TypeError(
          `${kind}: expected definitions by id; got ${made instanceof Promise ? 'a promise' : String(made)}`,
        );
    } catch (error) {
      plugin.error = wordsOf(error);
      continue;
    }
    for (const [id, definition] of Object.entries(made)) {
      const error = whyNot(kind, id, definition, found, builtIn, shape);
      const title = String((definition as Definition | null)?.title ?? id);
      plugin.definitions.push({ kind, id, title, error });
      if (error) continue;
      found[id] = definition as Definition;
      const { file, sha256 } = plugin;
      const values = valuesOf(found[id]);
      loaded.set(`${kind}.${id}`, { kind, id, title, file, sha256, ...(values && { values }) });
    }
  }
  return found;
}

function whyNot(
  kind: PluginKind,
  id: string,
  definition: unknown,
  found: object,
  builtIn: object,
  shape: z.ZodType,
): string | null {
  if (!IDS[kind].test(id))
    return `expected an id of 2 to 40 characters like ${kind === 'datasets' ? 'my-images' : 'myMethod'} (${IDS[kind].source}); got ${JSON.stringify(id)}`;
  if (Object.hasOwn(builtIn, id)) return `trojanscope has a ${PLUGIN_KINDS[kind]} ${id}: call it otherwise`;
  if (Object.hasOwn(found, id))
    return `${loaded.get(`${kind}.${id}`)!.file} has a ${PLUGIN_KINDS[kind]} ${id} too`;
  const result = shape.safeParse(definition);
  if (!result.success) {
    const { path: at, message } = result.error.issues[0]!;
    return `${at.join('.') || id}: ${message}`;
  }
  return checked?.leftOut[`${kind}.${id}`] ?? null;
}

/** Parts of what a definition must have. */
const words = z.string().min(1).max(400);
const callable = z.custom((value) => typeof value === 'function', 'expected a function');
const source = z.looseObject({
  citation: words,
  url: z.string().regex(/^(https:\/\/|$)/, 'expected an https:// address, or nothing'),
});
/** Names of GraphQL's, each with a default: `parse({})` gives them all. */
const parameters = z
  .custom<z.ZodObject>((value) => value instanceof z.ZodObject, 'expected z.strictObject({…})')
  .superRefine((schema, context) => {
    for (const [name, one] of Object.entries(schema.shape)) {
      if (!/^[a-z][A-Za-z0-9]{0,59}$/.test(name))
        context.addIssue({ code: 'custom', path: [name], message: 'expected a name like sizePx' });
      if (!isSimple(one as z.ZodType))
        context.addIssue({
          code: 'custom',
          path: [name],
          message: 'expected integer(…), real(…), choice(…), a string, a boolean, or a list of these',
        });
      const { success } = (one as z.ZodType).safeParse(undefined);
      if (!success) context.addIssue({ code: 'custom', path: [name], message: 'expected a default' });
    }
  });
/** What GraphQL has a type for, and forms a control. */
function isSimple(schema: z.ZodType): boolean {
  interface Said {
    type?: string;
    enum?: unknown[];
    items?: Said;
  }
  const simple = ({ type = '', enum: words, items }: Said): boolean => {
    if (words) return words.every((word) => typeof word === 'string' && /^[A-Za-z]\w*$/.test(word));
    if (type === 'array') return items !== undefined && items.type !== 'array' && simple(items);
    return ['integer', 'number', 'boolean', 'string'].includes(type);
  };
  try {
    return simple(z.toJSONSchema(schema, { io: 'input' }) as Said);
  } catch {
    return false;
  }
}

export const ownShape = { title: words.max(60), description: words, source, parameters, callable };

/** What of these is a plugin's; undefined where nothing is. */
export function notesOf(used: Iterable<readonly [PluginKind, string]>): PluginNote[] | undefined {
  const keys = new Set(Array.from(used, ([kind, id]) => `${kind}.${id}`));
  const notes = [...keys].sort().flatMap((key) => loaded.get(key) ?? []);
  return notes.length > 0 ? notes : undefined;
}

/** The same as something to spread into what is kept: nothing where nothing is a plugin's. */
export const withNotes = (...used: (readonly [PluginKind, string])[]): { plugins?: PluginNote[] } => {
  const plugins = notesOf(used);
  return plugins ? { plugins } : {};
};

/** @throws TrojanscopeError CONFLICT where the code that made something is not here, or is another by now */
export function requirePlugins(notes: readonly PluginNote[] | undefined): void {
  for (const { kind, id, file, sha256 } of notes ?? []) {
    const now = loaded.get(`${kind}.${id}`);
    const what = `The ${PLUGIN_KINDS[kind]} ${id} is the plugin ${file}’s`;
    if (!now) throw new TrojanscopeError('CONFLICT', `${what}, ${whyNotLoaded(kind, id, file)}`);
    if (now.sha256 !== sha256)
      throw new TrojanscopeError(
        'CONFLICT',
        `${what}, which has changed since (SHA-256 ${sha256.slice(0, 12)}…, now ${now.sha256.slice(0, 12)}…). ` +
          'Make it anew with the plugin as it is, or put the plugin back as it was and restart the server (--plugins).',
      );
  }
}

function whyNotLoaded(kind: PluginKind, id: string, file: string): string {
  const plugin = pluginFiles.find((one) => one.file === file);
  const definition = plugin?.definitions.find((one) => one.kind === kind && one.id === id);
  const error = plugin?.error ?? definition?.error;
  return error ? `which is left out: ${error} (--plugins).` : `which is not loaded here. ${HOW_TO_LOAD}`;
}

const HOW_TO_LOAD = 'Start the server with --plugins and the folder that has it (docs/plugins.md).';

const remembered = new Map<string, PluginNote>();

/** What was noted of definitions that may not be here: their names and units. */
export function rememberNotes(notes: Iterable<PluginNote>): void {
  for (const note of notes) remembered.set(`${note.kind}.${note.id}`, note);
}

/** What stands for a definition that is not here: lists and pages tell of results that were made with it. */
export function absent(kind: PluginKind, id: string) {
  const note = remembered.get(`${kind}.${id}`);
  const whose = note ? `the plugin ${note.file}’s` : 'a plugin’s';
  const says = `The ${PLUGIN_KINDS[kind]} ${id} is missing: it is ${whose}, which is not loaded here. ${HOW_TO_LOAD}`;
  return {
    title: `${note?.title ?? id} (missing)`,
    description: says,
    source: { citation: '', url: '' },
    parameters: z.looseObject({}),
    values: note?.values,
    refuse(): never {
      throw new TrojanscopeError('CONFLICT', says);
    },
  };
}
