import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { addressOf, isForeign, isOwnPage } from './origins.js';

const PROXIED = new URL('https://trojanscope.example');

test.each<[string | undefined, string, URL | null, boolean]>([
  [undefined, '127.0.0.1:4000', null, false],
  ['http://127.0.0.1:4000', '127.0.0.1:4000', null, false],
  ['http://127.0.0.1:4001', '127.0.0.1:4000', null, true],
  ['http://localhost:4000', '127.0.0.1:4000', null, true],
  ['https://evil.example', '127.0.0.1:4000', null, true],
  ['null', '127.0.0.1:4000', null, true],
  ['', '127.0.0.1:4000', null, true],
  ['https://trojanscope.example', '127.0.0.1:4000', PROXIED, false],
  ['https://trojanscope.example', 'trojanscope.example', PROXIED, false],
  ['http://127.0.0.1:4000', '127.0.0.1:4000', PROXIED, false],
  ['https://trojanscope.example.evil.example', '127.0.0.1:4000', PROXIED, true],
  ['https://trojanscope.example:8443', '127.0.0.1:4000', PROXIED, true],
])('a page of origin %s is foreign to host %s: %#', (origin, host, publicUrl, foreign) => {
  expect(isForeign({ origin, host }, publicUrl)).toBe(foreign);
});

test.each<[Record<string, string>, boolean]>([
  [{}, false],
  [{ 'sec-fetch-site': 'same-origin' }, true],
  [{ 'sec-fetch-site': 'none' }, true],
  [{ 'sec-fetch-site': 'same-site' }, false],
  [{ 'sec-fetch-site': 'cross-site' }, false],
  [{ origin: 'http://a:1' }, true],
  [{ origin: 'http://b:1', 'sec-fetch-site': 'same-origin' }, false],
])('a browser that sends %o shows our own page: %s', (headers, own) => {
  expect(isOwnPage({ host: 'a:1', ...headers }, null)).toBe(own);
});

test.each<[string, string | undefined, URL | null, string]>([
  ['10.0.0.7', undefined, null, '10.0.0.7'],
  // Nobody is believed who is not a proxy of ours.
  ['10.0.0.7', '1.2.3.4', PROXIED, '10.0.0.7'],
  ['127.0.0.1', '1.2.3.4', null, '127.0.0.1'],
  ['127.0.0.1', '1.2.3.4', PROXIED, '1.2.3.4'],
  ['::ffff:127.0.0.1', 'forged, 1.2.3.4', PROXIED, '1.2.3.4'],
  ['::1', undefined, PROXIED, '::1'],
])('a request from %s, forwarded for %s', (remoteAddress, forwarded, publicUrl, address) => {
  const request = { socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } };
  expect(addressOf(request as unknown as IncomingMessage, publicUrl)).toBe(address);
});
