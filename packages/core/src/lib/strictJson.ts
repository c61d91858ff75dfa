/** Nothing that we read is nested deeper than a handful. */
const MAX_DEPTH = 32;

/**
 * The text of a file that somebody made, without its byte-order mark.
 * @throws SyntaxError where it is not UTF-8, naming UTF-16
 */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const marked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  // Without a mark, every other byte of ASCII is 0.
  if (marked || (bytes.length > 1 && (first === 0) !== (second === 0)))
    throw new SyntaxError('it is UTF-16: save it as UTF-8');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new SyntaxError('it is not UTF-8');
  }
}

/**
 * JSON from somebody else: UTF-8, with or without byte-order mark, no name twice in one object (readers disagree on
 * which one counts), none called `__proto__`, not nested deeper than anything here is.
 * @throws SyntaxError saying what is wrong, and where there is a place, at which line and column
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decodeText(bytes);
  try {
    checkNames(text);
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof Refused) throw error;
    const { at, expected } = firstFault(text);
    const found = at < text.length ? JSON.stringify(String.fromCodePoint(text.codePointAt(at)!)) : 'the end';
    const lines = text.slice(0, at).split(/\r\n|\r|\n/);
    const place = `line ${lines.length}, column ${lines.at(-1)!.length + 1}`;
    throw new SyntaxError(`${place}: expected ${expected}, got ${found}`);
  }
}

/** What JSON is made of, one piece with the white space before it. */
const PIECE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: strings have none of them
  /[ \t\r\n]*([{}[\],:]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;

/** Where invalid JSON breaks off: the parser's own message gives the place only sometimes. */
function firstFault(text: string): { at: number; expected: string } {
  const piece = new RegExp(PIECE);
  const open: ('}' | ']')[] = [];
  let next: 'value' | 'first' | 'name' | 'first name' | 'colon' | 'more' = 'value';
  for (;;) {
    const start = piece.lastIndex;
    const [all, token = ''] = piece.exec(text) ?? [''];
    const closing = open.at(-1);
    // A quote that begins no whole string.
    const cut = 'the string to end on its line, with nothing but JSON’s own escapes';
    const isEnd = token !== '' && token === closing;
    const at = all
      ? start + all.length - token.length
      : start + /^[ \t\r\n]*/.exec(text.slice(start))![0].length;
    if (next === 'more' || ((next === 'first' || next === 'first name') && isEnd)) {
      if (isEnd) {
        open.pop();
        next = 'more';
      } else if (token === ',' && closing) next = closing === '}' ? 'name' : 'value';
      else return { at, expected: closing ? `a comma or ${closing}` : 'the end' };
    } else if (next === 'name' || next === 'first name') {
      if (!token.startsWith('"')) return { at, expected: text[at] === '"' ? cut : 'a name in double quotes' };
      next = 'colon';
    } else if (next === 'colon') {
      if (token !== ':') return { at, expected: 'a colon' };
      next = 'value';
    } else if (token === '{' || token === '[') {
      open.push(token === '{' ? '}' : ']');
      next = token === '{' ? 'first name' : 'first';
    } else {
      if (!token || '}],:'.includes(token)) return { at, expected: text[at] === '"' ? cut : 'a value' };
      next = 'more';
    }
  }
}

/** JSON, but none that we take. */
class Refused extends SyntaxError {}

/** Checks the names in all objects. Invalid JSON passes here: the parser refuses it. */
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
      if (names.has(name)) throw new Refused(`it names ${quote(name)} twice`);
      if (name === '__proto__') throw new Refused(`nothing may be called ${quote(name)}`);
      names.add(name);
      nameIsNext = false;
    } else if (character === '{' || character === '[') {
      if (open.push(character === '{' ? new Set() : null) > MAX_DEPTH)
        throw new Refused(`it is nested deeper than ${MAX_DEPTH}`);
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
