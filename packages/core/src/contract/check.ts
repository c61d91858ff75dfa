import assert from 'node:assert/strict';
import { z } from 'zod';
import { tf } from '../lib/backend.js';

/** One thing that every definition of a kind keeps to. It throws where one does not, and says what. */
export interface Check {
  name: string;
  run(): void | Promise<void>;
}

/** A sentence, or several. */
export const isSentence = (text: unknown): boolean => typeof text === 'string' && /\S.*\.$/.test(text);

/** Numbers, all the same. Said in words: a list of them is no help. */
export function assertSame(came: ArrayLike<number>, expected: ArrayLike<number>, message: string): void {
  assert.equal(came.length, expected.length, message);
  const different = Array.prototype.findIndex.call(
    came,
    (value: number, i: number) => !Object.is(value + 0, expected[i]! + 0),
  );
  assert.ok(different < 0, `${message}: at ${different} ${came[different]} and ${expected[different]}`);
}

export function assertDifferent(one: ArrayLike<number>, other: ArrayLike<number>, message: string): void {
  const same =
    one.length === other.length &&
    Array.prototype.every.call(one, (value: number, i: number) => value === other[i]);
  assert.ok(!same, message);
}

/** Each a finite number from `least` to `most`. */
export function assertWithin(values: ArrayLike<number>, least: number, most: number, what: string): void {
  const wrong = Array.prototype.find.call(values, (value: number) => !(value >= least && value <= most));
  assert.ok(wrong === undefined, `${what}: expected numbers from ${least} to ${most}, got ${wrong}`);
}

/** Levels as 8 bits have them: k / 255. */
export function assertLevels(levels: ArrayLike<number>, what: string): void {
  assertWithin(levels, 0, 1, what);
  const wrong = Array.prototype.find.call(
    levels,
    (level: number) => Math.abs(level * 255 - Math.round(level * 255)) >= 1e-4,
  );
  assert.ok(
    wrong === undefined,
    `${what}: expected whole 8-bit levels (roundTo8Bits), got ${(wrong ?? 0) * 255}`,
  );
}

/** @param more how many tensors are to be there that were not */
export function assertTensors(before: number, more: number, what: string): void {
  const left = tf.memory().numTensors - before - more;
  assert.ok(left === 0, `${what}: expected no tensor left behind; there are ${left} (tf.tidy, dispose)`);
}

/** Every parameter has a default and a sentence, and no other is taken. */
export function checkParameters(parameters: z.ZodObject): void {
  parameters.parse({});
  for (const [name, parameter] of Object.entries(parameters.shape)) {
    const { description } = (parameter as z.ZodType).meta() ?? {};
    assert.ok(isSentence(description), `${name}: expected a description that ends with a full stop`);
  }
  assert.ok(
    !parameters.safeParse({ nonsense: 1 }).success,
    'expected z.strictObject: it takes parameters that it does not know',
  );
}

export function checkWords(
  of: { title: string; description: string },
  source: { citation: string; url: string },
): void {
  assert.notEqual(of.title, '', 'title: expected words');
  assert.match(of.description, /^\S.*\.$/, 'description: expected a sentence with a full stop');
  assert.notEqual(source.citation, '', 'citation: expected words');
  assert.match(source.url, /^(https:\/\/|$)/, 'url: expected an https:// address, or nothing');
}
