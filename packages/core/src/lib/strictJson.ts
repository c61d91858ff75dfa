/** Nothing that we read is nested deeper than a handful. */
const MAX_DEPTH = 32;

/**
 * JSON from somebody else: UTF-8, no name twice in one object (readers disagree on which one counts), none called
 * `__proto__`, not nested deeper than anything here is.
 * @throws SyntaxError saying what is wrong
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SyntaxError('it is not UTF-8');
  }
  checkNames(text);
  return JSON.parse(text);
}

/** Looks at the names of all objects. What is no JSON passes here: it is refused by the parser. */
function checkNames(text: string): void {
  /** The names so far of each object around, null for an array. */
  const open: (Set<string> | null)[] = [];
  let nameIsNext = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') {
      const start = at++;
      while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
      const names = open.at(-1);
      if (!nameIsNext || !names) continue;
      const name = JSON.parse(text.slice(start, at + 1)) as string;
      if (names.has(name)) throw new SyntaxError(`it names ${quote(name)} twice`);
      if (name === '__proto__') throw new SyntaxError(`nothing may be called ${quote(name)}`);
      names.add(name);
      nameIsNext = false;
    } else if (character === '{' || character === '[') {
      if (open.push(character === '{' ? new Set() : null) > MAX_DEPTH)
        throw new SyntaxError(`it is nested deeper than ${MAX_DEPTH}`);
      nameIsNext = character === '{';
    } else if (character === '}' || character === ']') {
      open.pop();
      nameIsNext = false;
    } else if (character === ',') nameIsNext = true;
  }
}

/** A value for a message: as JSON, cut short. */
export function quote(value: unknown): string {
  if (Array.isArray(value) && value.some((item) => typeof item === 'object')) return 'a list';
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
