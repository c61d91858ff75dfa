import path from 'node:path';
import type { Argument, Command, Option } from 'commander';
import { SHELLS } from './completion.js';
import { COMMANDS } from './tree.js';

/** One that fits, and what it is. */
type Candidate = readonly [word: string, description: string];

/**
 * Prints what the last of some words may become. Nothing is said of what goes wrong: who presses the tabulator wants no
 * message.
 * @param words behind the program's name, up to where one stands, as the shell cut them
 */
export async function complete(shell: string, words: readonly string[]): Promise<void> {
  if (!(SHELLS as readonly string[]).includes(shell)) return;
  const given = shell === 'bash' ? joined(words) : words;
  const found = await candidatesFor(given.slice(0, -1).map(unquoted), unquoted(given.at(-1) ?? ''));
  for (const [word, description] of found) {
    if (word === FILES) console.log(FILES);
    else if (shell === 'bash') console.log(quoted(ofLastPart(word, words.at(-1) ?? '', given.at(-1) ?? '')));
    else console.log(`${word}\t${description.split('\n')[0]}`);
  }
}

const FILES = ':files';

/** bash cuts words at `=`, too. */
function joined(words: readonly string[]): string[] {
  const whole: string[] = [];
  for (const [i, word] of words.entries()) {
    const goesOn = i > 0 && (word === '=' || words[i - 1] === '=') && whole.at(-1)!.startsWith('--');
    if (goesOn) whole.push(whole.pop()! + word);
    else whole.push(word);
  }
  return whole;
}

/** Of a word that bash cut, what stands in the place of its last part. */
const ofLastPart = (word: string, part: string, whole: string) =>
  part === whole ? word : word.slice(whole.length - (part === '=' ? 0 : part.length));

const unquoted = (word: string) => word.replace(/^(['"])(.*?)\1?$/s, '$2').replace(/\\(.)/gs, '$1');
const quoted = (word: string) => word.replace(/[^\p{L}\p{N}_@%+=:,./-]/gu, '\\$&');

async function candidatesFor(before: readonly string[], last: string): Promise<Candidate[]> {
  const fitting = (found: readonly Candidate[]) =>
    found.filter(([word]) => word === FILES || word.startsWith(last));
  const [name] = before;
  if (name === undefined || (name === 'help' && before.length === 1))
    return fitting(COMMANDS.map(({ name, description }) => [name, description] as const));
  const entry = COMMANDS.find((one) => one.name === name);
  if (!entry) return [];
  // Of this version: a server is not asked at a press of a key.
  const local = before.filter((_, i) => !/^--(server|token)/.test(before[i]!));
  delete process.env.TROJANSCOPE_SERVER;
  let command = await entry.load(local);
  let rest = before.slice(1);
  const below = command.commands.find((one) => one.name() === rest[0]);
  if (below) [command, rest] = [below, rest.slice(1)];
  else if (command.commands.length > 0)
    return fitting(command.commands.map((one) => [one.name(), one.description()] as const));

  const { option, argument } = placeOf(command, rest);
  if (option) return fitting(await valuesOf(option));
  const [, long, value] = /^(--[\w-]+)=(.*)$/s.exec(last) ?? [];
  if (long !== undefined) {
    const named = command.options.find((one) => one.long === long);
    const values = named ? await valuesOf(named) : [];
    return values
      .filter(([word]) => word.startsWith(value!))
      .map(([word, what]) => [`${long}=${word}`, what] as const);
  }
  if (last.startsWith('-'))
    return fitting([
      ...command.options.filter(({ hidden }) => !hidden).map((one) => [one.long!, one.description] as const),
      ['--help', 'what it takes'],
    ]);
  return argument ? fitting(await valuesOf(argument, before, last)) : [];
}

/** Whether the next word is an option's, or which argument it is. */
function placeOf(command: Command, words: readonly string[]): { option?: Option; argument?: Argument } {
  let place = 0;
  let option: Option | undefined;
  for (const word of words) {
    if (option) {
      if (!option.variadic) option = undefined;
      if (!word.startsWith('-')) continue;
    }
    const known = command.options.find(({ long, short }) => word === long || word === short);
    option = known && (known.required || known.optional) ? known : undefined;
    if (!word.startsWith('-')) place++;
  }
  const takers = command.registeredArguments;
  return { option, argument: takers[place] ?? (takers.at(-1)?.variadic ? takers.at(-1) : undefined) };
}

async function valuesOf(
  taker: Option | Argument,
  before: readonly string[] = [],
  last = '',
): Promise<Candidate[]> {
  if (taker.argChoices) return taker.argChoices.map((word) => [word, ''] as const);
  const flags = 'flags' in taker ? (/<([^>.]*)/.exec(taker.flags)?.[1] ?? '') : taker.name();
  if (/^(file|folder|from|study)$/.test(flags)) return [[FILES, '']];
  if (flags === 'model' || (flags === 'other' && before[0] === 'compare')) return models(before, last);
  return [];
}

/** Names that only one model has; ids of the others, and where one is begun. */
async function models(before: readonly string[], last: string): Promise<Candidate[]> {
  const at = before.lastIndexOf('--data');
  const { dataOption } = await import('../config.js');
  const folder =
    at < 0 ? (process.env.TROJANSCOPE_DATA ?? (dataOption().defaultValue as string)) : before[at + 1]!;
  const { localPath } = await import('../localPath.js');
  const { DATABASE } = await import('../store/dataFolder.js');
  const { modelNames } = await import('../store/modelNames.js');
  const found = modelNames(path.join(localPath(folder), DATABASE));
  const several = (name: string) => found.filter((one) => one.name === name).length > 1;
  return found.map(({ id, name }) => (several(name) || last.startsWith('mod_') ? [id, name] : [name, id]));
}
