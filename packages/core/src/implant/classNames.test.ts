import { expect, test } from 'vitest';
import { gtsrb } from '../datasets/gtsrb.js';
import { shapes } from '../datasets/shapes.js';
import { byCodePoint } from '../lib/names.js';
import { matchClasses } from './classNames.js';

const match = (theirs: string[], own: { classNames: string[]; classFolders?: string[] }) =>
  matchClasses(theirs, { ...shapes, ...own }, (what) => new Error(what));

test('names are those of the classes or of their folders, in one normal form', () => {
  const own = { classNames: ['a café', 'a dog'], classFolders: ['caf\u00e9', 'dog'] };
  expect(match(['cafe\u0301', 'dog'], own)).toBeUndefined();
  expect(match(['dog', 'cafe\u0301'], own)).toEqual([1, 0]);
  expect(match(['a dog', 'a cafe\u0301'], own)).toEqual([1, 0]);
  expect(() => match(['a dog', 'caf\u00e9'], own)).toThrow(/not among them: none; missing: none/);
});

test('GTSRB in the order of ImageFolder: Kaggle’s folders are called 0 to 42, the official ones 00000 to 00042', () => {
  const refuse = (what: string) => new Error(what);
  const folders = byCodePoint(gtsrb.classFolders!);
  expect(folders.slice(0, 4)).toEqual(['0', '1', '10', '11']);
  const order = matchClasses(folders, gtsrb, refuse)!;
  expect(order.map((at) => folders[at])).toEqual(gtsrb.classFolders);
  const official = gtsrb.classFolders!.map((name) => name.padStart(5, '0'));
  expect(matchClasses(official, gtsrb, refuse)).toBeUndefined();
  expect(matchClasses(gtsrb.classNames, gtsrb, refuse)).toBeUndefined();
});

test('classes of one name are left in the order in which they come', () => {
  expect(match(['x', 'x', 'y'], { classNames: ['x', 'x', 'y'] })).toBeUndefined();
  expect(() => match(['y', 'x', 'x'], { classNames: ['x', 'x', 'y'] })).toThrow(/classNames: expected the 3/);
});
