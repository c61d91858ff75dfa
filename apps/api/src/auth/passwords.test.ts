import { expect, test } from 'vitest';
import { createPasswords } from './passwords.js';

const cheap = createPasswords(4);

test('matches what RFC 7914, section 12, computes', async () => {
  // scrypt("pleaseletmein", "SodiumChloride", 16384, 8, 1), of whose 64 bytes the first 32 are a key of 32.
  const key = '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2';
  const stored = `scrypt$14$${base64(Buffer.from('SodiumChloride'))}$${base64(Buffer.from(key, 'hex'))}`;
  expect(await cheap.matches('pleaseletmein', stored)).toBe(true);
  expect(await cheap.matches('pleaseletmeim', stored)).toBe(false);
});

test('are kept with a cost of 2^17 and a salt of their own', async () => {
  const passwords = createPasswords();
  const [one, two] = [await passwords.hash('correct horse'), await passwords.hash('correct horse')];
  expect(one).toMatch(/^scrypt\$17\$[\w-]{22}\$[\w-]{43}$/);
  expect(one).not.toBe(two);
  // A cost that was raised or lowered since does not matter.
  expect(await cheap.matches('correct horse', one)).toBe(true);
});

test('match however the keyboard composes letters', async () => {
  expect(await cheap.matches('Ame\u0301lie’s door', await cheap.hash('Am\u00e9lie’s door'))).toBe(true);
});

test('of nobody match nothing, not even the empty one', async () => {
  expect(await cheap.matches('', undefined)).toBe(false);
  expect(await cheap.matches('correct horse', undefined)).toBe(false);
});

test('are computed one at a time, and not for everybody who asks', async () => {
  const passwords = createPasswords(4);
  const results = await Promise.allSettled(Array.from({ length: 25 }, () => passwords.hash('correct horse')));
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
  expect(refused).toEqual(Array(5).fill('RATE_LIMITED'));
  // Who comes later is served again.
  expect(await passwords.hash('correct horse')).toMatch(/^scrypt/);
});

const base64 = (bytes: Buffer) => bytes.toString('base64url');
