import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  buildSchema,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isObjectType,
  printSchema,
} from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';

/** The schema as the code emits it. tsc's output is asked, because it alone carries the decorators' types. */

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const COMMITTED = file('../../../packages/schema/schema.graphql');
let emitted: string;
let schema: GraphQLSchema;

beforeAll(() => {
  const program = `
    import { createSchema, schemaText } from ${JSON.stringify(new URL('../dist/graphql/schema.js', import.meta.url).href)};
    process.stdout.write(schemaText(await createSchema()));`;
  emitted = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  schema = buildSchema(emitted);
});

test('the committed schema is what the code emits (else run node apps/api/dist/graphql/emitSchema.js)', () => {
  // The formatter lays out descriptions in its own way, so both are printed anew.
  const committed = buildSchema(readFileSync(COMMITTED, 'utf8'));
  expect(printSchema(committed)).toBe(printSchema(schema));
});

test('every type, field, argument, input field and enum value has a description', () => {
  const bare: string[] = [];
  const check = (name: string, thing: { description?: string | null }) => {
    if (!thing.description?.trim()) bare.push(name);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || ['Boolean', 'Float', 'ID', 'Int', 'String'].includes(type.name))
      continue;
    const root = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(
      type as never,
    );
    if (!root) check(type.name, type);
    if (isEnumType(type)) for (const value of type.getValues()) check(`${type.name}.${value.name}`, value);
    if (isInputObjectType(type) || 'getFields' in type) {
      for (const field of Object.values(type.getFields())) {
        check(`${type.name}.${field.name}`, field);
        if ('args' in field)
          for (const argument of field.args) check(`${type.name}.${field.name}(${argument.name})`, argument);
      }
    }
  }
  expect(bare).toEqual([]);
});

describe('conventions', () => {
  const types = () => Object.values(schema.getTypeMap()).filter(isObjectType);

  test('a connection has nodes, edges, pageInfo and totalCount, and takes first, after, last, before', () => {
    for (const type of types()) {
      for (const field of Object.values(type.getFields())) {
        if (!/Connection!?$/.test(String(field.type))) continue;
        expect(field.args.map(({ name }) => name)).toEqual(
          expect.arrayContaining(['first', 'after', 'last', 'before']),
        );
      }
      if (type.name.endsWith('Connection'))
        expect(Object.keys(type.getFields()).sort()).toEqual(['edges', 'nodes', 'pageInfo', 'totalCount']);
    }
  });

  test('a mutation takes one input and answers an entity or errors', () => {
    for (const mutation of Object.values(schema.getMutationType()!.getFields())) {
      expect(mutation.args.map(({ name }) => name)).toEqual(['input']);
      const payload = schema.getType(String(mutation.type).replace('!', ''));
      const fields = isObjectType(payload) ? payload.getFields() : {};
      expect(String(fields.errors?.type)).toBe('[UserError!]!');
      expect(Object.keys(fields)).toHaveLength(2);
    }
  });

  test('what starts work takes an idempotency key', () => {
    const mutations = Object.values(schema.getMutationType()!.getFields());
    // A retry is known by its job or study, which can be queued once only.
    const starting = mutations.filter(
      ({ name, description }) => /^Queues/.test(description!) && !['retryJob', 'resumeStudy'].includes(name),
    );
    expect(starting.length).toBeGreaterThanOrEqual(5);
    for (const { args } of starting) {
      const input = schema.getType(String(args[0]!.type).replace('!', ''));
      expect(isInputObjectType(input) && Object.keys(input.getFields())).toContain('idempotencyKey');
    }
  });
});
