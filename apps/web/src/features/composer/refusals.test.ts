import { expect, it } from 'vitest';
import { fileNameOf, refusalsOf } from './refusals';

it('has the place in the document, and says each once', () => {
  const error = { message: 'line 3, column 5: seeds: expected more.', field: ['document', 'seeds', '0'] };
  expect(refusalsOf([error, error], null)).toEqual([
    { full: error.message, message: 'seeds: expected more.', path: ['seeds', '0'] },
  ]);
});

it('finds the place of an attack that is there once', () => {
  const error = { message: 'It does not fit.', field: ['attack', 'badnets', 'patchSizePx'] };
  const badnets = { attack: { badnets: {} } };
  const values = (...attacks: object[]) => ({ models: [{ model: 'mod_1' }, { attacks }] });
  const path = (of: object) => refusalsOf([error], of as never)[0]!.path;
  expect(path(values({ attack: { sig: null } }, badnets))).toEqual([
    'models',
    1,
    'attacks',
    1,
    ...error.field,
  ]);
  expect(path(values(badnets, badnets))).toEqual(error.field);
});

it('names a file by the title', () => {
  expect(fileNameOf('Does a larger patch bear more?')).toBe('does-a-larger-patch-bear-more.yaml');
  expect([fileNameOf(undefined), fileNameOf('?!')]).toEqual(['study.yaml', 'study.yaml']);
});
