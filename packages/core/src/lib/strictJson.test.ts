import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeText, parseStrictJson } from './strictJson.js';

const parse = (text: string) => parseStrictJson(Buffer.from(text));

test('a byte-order mark is skipped; UTF-16 and other encodings are named', () => {
  expect(parse('\uFEFF{"a": 1}')).toEqual({ a: 1 });
  const says = 'it is UTF-16: save it as UTF-8';
  expect(() => parseStrictJson(Buffer.from('\uFEFF{"a":1}', 'utf16le'))).toThrow(says);
  expect(() => parseStrictJson(Buffer.from('\uFEFF{"a":1}', 'utf16le').swap16())).toThrow(says);
  expect(() => parseStrictJson(Buffer.from('{"a":1}', 'utf16le'))).toThrow(says);
  expect(() => decodeText(Buffer.from('caf\xe9', 'latin1'))).toThrow('it is not UTF-8');
});

test.each([
  ['', 1, 1, 'a value, got the end'],
  ['{"a": 1,}', 1, 9, 'a name in double quotes, got "}"'],
  ['{"a": 1,\r\n "b" 2}', 2, 6, 'a colon, got "2"'],
  ['{\n  "a": [1,\n    2 3]\n}', 3, 7, 'a comma or ], got "3"'],
  ['{\n  title: 1\n}', 2, 3, 'a name in double quotes, got "t"'],
  ["{'a': 1}", 1, 2, 'a name in double quotes, got "\'"'],
  ['{"a": tru}', 1, 7, 'a value, got "t"'],
  ['{"a": 01}', 1, 8, 'a comma or }, got "1"'],
  ['[1, 2', 1, 6, 'a comma or ], got the end'],
  ['{"a": "x\ny"}', 1, 7, 'the string to end on its line'],
  ['{"a": 1} // a note', 1, 10, 'the end, got "/"'],
])('%j is told by line and column', (text, line, column, expected) => {
  expect(() => parse(text)).toThrow(`line ${line}, column ${column}: expected ${expected}`);
});

test('JSON passes, whatever it holds; what is cut off is told at its end or where its last piece begins', () => {
  const property = fc.property(fc.json(), fc.nat(), (text, cut) => {
    if (!text.includes('__proto__'))
      expect(JSON.stringify(parse(text))).toBe(JSON.stringify(JSON.parse(text)));
    const part = `[${text.slice(0, cut % text.length)}`;
    expect(() => parse(part)).toThrow(
      /^line 1, column \d+: expected .*, got (the end|"[^"]+"|"\\"")$|names|called/,
    );
  });
  fc.assert(property, { seed: 1, numRuns: 300 });
});
