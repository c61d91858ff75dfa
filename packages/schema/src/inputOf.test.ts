import 'reflect-metadata';
import { getMetadataStorage } from 'type-graphql';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { inputOf } from './inputOf.js';

const fieldsOf = (type: unknown) =>
  getMetadataStorage().fields.filter(({ target }) => target === (type as { new (): object }));

test('bounds, defaults and units of a zod object become those of the input', () => {
  const request = z.strictObject({
    angleDeg: z.number().min(-180).max(180).default(15).meta({ unit: '°', description: 'How far to turn.' }),
    share: z.number().gt(0).max(0.5).optional().describe('A share.'),
    ids: z.array(z.string().meta({ format: 'id' })).describe('What.'),
  });
  const fields = fieldsOf(inputOf('TurnInput', 'A turn.', request));
  // What is a list is known once a field's type was asked for.
  for (const field of fields) field.getType();
  const told = fields.map(
    ({ name, description, typeOptions: { array = false, nullable = false, defaultValue } }) => ({
      ...{ name, description, array, nullable, defaultValue },
    }),
  );
  const plain = { array: false, nullable: false, defaultValue: undefined };
  expect(told).toEqual([
    { ...plain, name: 'angleDeg', description: 'How far to turn. -180 to 180 °.', defaultValue: 15 },
    { ...plain, name: 'share', description: 'A share. Above 0 to 0.5.', nullable: true },
    { ...plain, name: 'ids', description: 'What.', array: true },
  ]);
});

test('a shape that GraphQL has no type for is refused at start, and not taken for text', () => {
  for (const shape of [z.record(z.string(), z.number()), z.union([z.string(), z.number()]), z.object({})])
    expect(() => inputOf('OddInput', 'Odd.', z.strictObject({ odd: shape }))).toThrow(
      'OddOdd: GraphQL has no type',
    );
});
