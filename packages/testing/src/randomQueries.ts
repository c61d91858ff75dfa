import fc from 'fast-check';
import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

const DEPTH = 4;
const TEXTS = [
  '',
  '0',
  'x',
  '../../etc/passwd',
  "' or 1=1 --",
  '%00',
  '\u0000',
  '𝕏',
  '{"$ne":1}',
  '-1',
  '1e999',
  'null',
  '<script>',
  '__proto__',
];

/**
 * Random requests that fit a schema, as `{ query, variables }`: some fields of each type, some arguments, among the
 * values the ones that elsewhere broke something.
 * @param ids some that exist
 * @param leftOut fields of the roots
 */
export function randomRequests(
  schema: GraphQLSchema,
  ids: readonly string[],
  leftOut: readonly string[] = [],
): fc.Arbitrary<{ query: string; variables: Record<string, unknown> }> {
  const roots = [schema.getQueryType()!, schema.getMutationType()!].flatMap((type) =>
    Object.values(type.getFields()).flatMap((field) =>
      leftOut.includes(field.name) ? [] : [{ type, field }],
    ),
  );
  return fc
    .record({
      root: fc.constantFrom(...roots),
      seed: fc.array(fc.nat(), { minLength: 60, maxLength: 60 }),
      values: fc.array(anyValue(ids), { minLength: 8, maxLength: 8 }),
    })
    .map(({ root: { type, field }, seed, values }) => {
      let drawn = 0;
      const draw = (below: number) => seed[drawn++ % seed.length]! % below;
      const oneOf = <T>(all: readonly T[]): T => all[draw(all.length)]!;
      const declared: string[] = [];
      const variables: Record<string, unknown> = {};

      /** Mostly of the right type, sometimes anything. */
      const drawValue = (inputType: GraphQLInputType): unknown => {
        if (isNonNullType(inputType)) return drawValue(inputType.ofType);
        if (draw(12) === 0) return oneOf(values);
        if (isListType(inputType)) return Array.from({ length: draw(4) }, () => drawValue(inputType.ofType));
        if (isEnumType(inputType)) return oneOf(inputType.getValues()).name;
        if (isInputObjectType(inputType)) {
          const fields = Object.values(inputType.getFields());
          const chosen = inputType.isOneOf
            ? [oneOf(fields)]
            : fields.filter((each) => isNonNullType(each.type) || draw(2));
          return Object.fromEntries(chosen.map((each) => [each.name, drawValue(each.type)]));
        }
        if (inputType.name === 'Int') return oneOf([0, 1, 5, 100, 101, -1, 2 ** 31 - 1, 2 ** 31, 1.5]);
        if (inputType.name === 'Float') return oneOf([0, 0.5, -1, 1e308, 1e-308, 90]);
        if (inputType.name === 'Boolean') return draw(2) === 1;
        return draw(3) ? oneOf([...ids, ...TEXTS]) : oneOf(values);
      };
      const call = (each: GraphQLField<unknown, unknown>, depth: number): string => {
        const given = each.args.filter(
          ({ name, type: inputType }) => isNonNullType(inputType) || name === 'first' || !draw(3),
        );
        const args = given.map((argument) => {
          const name = `v${declared.length}`;
          declared.push(`$${name}: ${argument.type}`);
          variables[name] = argument.name === 'first' && draw(6) ? 1 + draw(5) : drawValue(argument.type);
          return `${argument.name}: $${name}`;
        });
        const inside = select(getNamedType(each.type), depth);
        return `${each.name}${args.length ? `(${args.join(', ')})` : ''}${inside}`;
      };
      const select = (named: GraphQLNamedType, depth: number): string => {
        if (isLeafType(named)) return '';
        const parts = ['__typename'];
        if (isInterfaceType(named)) {
          for (const possible of schema.getPossibleTypes(named))
            if (depth > 0 && !draw(3)) parts.push(`... on ${possible.name} ${select(possible, depth - 1)}`);
        }
        if (isObjectType(named)) {
          for (const each of Object.values(named.getFields())) {
            const leaf = isLeafType(getNamedType(each.type));
            if (leaf ? draw(2) : depth === 0 || draw(3)) continue;
            parts.push(call(each, depth - 1));
          }
        }
        return ` { ${parts.join(' ')} }`;
      };

      const text = call(field, DEPTH);
      const operation = type === schema.getMutationType() ? 'mutation' : 'query';
      return {
        query: `${operation}${declared.length ? ` (${declared.join(', ')})` : ''} { ${text} }`,
        variables,
      };
    });
}

const anyValue = (ids: readonly string[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.constantFrom(...TEXTS),
    fc.constantFrom(...ids),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.integer(),
    fc.double({ noDefaultInfinity: true, noNaN: true }),
    fc.constant(null),
    fc.boolean(),
    fc.array(fc.string(), { maxLength: 3 }),
    fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
  );
