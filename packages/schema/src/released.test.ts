import { readFileSync } from 'node:fs';
import { buildSchema, findBreakingChanges } from 'graphql';
import { expect, test } from 'vitest';

/**
 * released.graphql is the schema as scripts know it: a copy of schema.graphql at the last finished issue (a clone may be
 * shallow and have no tags). Whoever breaks it on purpose copies it anew in the same change, for all to see:
 * cp packages/schema/schema.graphql packages/schema/released.graphql
 */
const schemaOf = (name: string) => buildSchema(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));

test('nothing that scripts use of the released schema is gone or changed', () => {
  const breaking = findBreakingChanges(schemaOf('released.graphql'), schemaOf('schema.graphql'));
  expect(breaking.map(({ type, description }) => `${type}: ${description}`)).toEqual([]);
});

test('a field that is gone is found', () => {
  const [before, after] = ['type Query { a: Int b: Int }', 'type Query { a: Int }'].map((text) =>
    buildSchema(text),
  );
  expect(findBreakingChanges(before!, after!)).toMatchObject([
    { type: 'FIELD_REMOVED', description: 'Query.b was removed.' },
  ]);
});
