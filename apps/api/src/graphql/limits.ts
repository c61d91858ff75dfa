import { TrojanscopeError } from '@trojanscope/core';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationRule,
  type ValueNode,
} from 'graphql';
import { MAXIMUM_PAGE_SIZE, pageSize } from './pages.js';

/** What one request may ask for, over HTTP and websocket alike. docs/limits.md explains the numbers. */
export const LIMITS = {
  /** Words and signs of the request's text. */
  tokens: 4_000,
  /** Levels of fields. GraphiQL's introspection query has 15. */
  depth: 20,
  /** Fields, those of fragments counted wherever they are used. */
  fields: 1_000,
  /** Fields with a name of the client's choice, counted likewise. */
  aliases: 50,
  /** `@include` and the like, counted likewise. */
  directives: 50,
  /** Objects that the answer may hold. */
  objects: 500_000,
} as const;

/** A list that has no pages, for example the points of a curve, is taken for this long. */
const LIST_LENGTH = 20;
/** The whole schema: large, but the same for everybody and quickly told. */
const INTROSPECTION_OBJECTS = 100;
const OBJECTS_A_POINT = 100;
const MUTATION_POINTS = 10;
/** What is computed at once, in the process that all share. */
const FIELD_POINTS: Record<string, number> = {
  'Query.probe': 50,
  'Query.robustnessProfile': 2,
  'DetectionImage.views': 50,
};

export interface Shape {
  depth: number;
  fields: number;
  aliases: number;
  directives: number;
}
export interface Cost {
  /** At most; lists that have no pages by a guess. */
  objects: number;
  /** Points of the caller's minute. */
  points: number;
}
/** Of a part of a request. */
interface Size {
  objects: number;
  /** Points of what is computed at once. */
  computed: number;
}
const NOTHING: Size = { objects: 0, computed: 0 };
type Fragments = Map<string, FragmentDefinitionNode>;

/** How large an operation is as a text. Needs no schema, and understands what is not valid. */
export function shapeOf(document: DocumentNode, operation: OperationDefinitionNode): Shape {
  const fragments = fragmentsOf(document);
  const known = new Map<string, Shape>();

  function ofSelections({ selections }: SelectionSetNode): Shape {
    const sum = { depth: 0, fields: 0, aliases: 0, directives: 0 };
    for (const selection of selections) {
      sum.directives += selection.directives?.length ?? 0;
      const isField = selection.kind === Kind.FIELD;
      if (isField) {
        sum.fields++;
        if (selection.alias) sum.aliases++;
      }
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? ofFragment(selection.name.value)
          : selection.selectionSet && ofSelections(selection.selectionSet);
      sum.depth = Math.max(sum.depth, (isField ? 1 : 0) + (inner?.depth ?? 0));
      sum.fields += inner?.fields ?? 0;
      sum.aliases += inner?.aliases ?? 0;
      sum.directives += inner?.directives ?? 0;
    }
    return sum;
  }
  function ofFragment(name: string): Shape | undefined {
    const fragment = fragments.get(name);
    if (!fragment || known.has(name)) return known.get(name);
    // One that contains itself is refused by another rule; here it only has to end.
    known.set(name, { depth: 0, fields: 0, aliases: 0, directives: 0 });
    const shape = ofSelections(fragment.selectionSet);
    known.set(name, shape);
    return shape;
  }

  const shape = ofSelections(operation.selectionSet);
  return { ...shape, directives: shape.directives + (operation.directives?.length ?? 0) };
}

const COUNTED = {
  depth: 'levels of fields',
  fields: 'fields',
  aliases: 'aliases',
  directives: 'directives',
} as const;

/** Refuses what is larger than LIMITS allow, with LIMIT_EXCEEDED. */
export const limitRule: ValidationRule = (context) => ({
  OperationDefinition(operation) {
    const shape = shapeOf(context.getDocument(), operation);
    for (const name of Object.keys(COUNTED) as (keyof Shape)[]) {
      if (shape[name] <= LIMITS[name]) continue;
      context.reportError(tooMuch(LIMITS[name], COUNTED[name], shape[name]));
      return;
    }
  },
});

/**
 * What an operation of a valid document costs at most. Variables as the client sent them.
 * @throws GraphQLError BAD_USER_INPUT for a page of no or too large a size, LIMIT_EXCEEDED for too many objects
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Cost {
  const fragments = fragmentsOf(document);
  const root = schema.getRootType(operation.operation);
  const known = new Map<string, Size>();
  const defaults = new Map(
    operation.variableDefinitions?.map(({ variable, defaultValue }) => [variable.name.value, defaultValue]),
  );

  /** @param page the size of the page, where these are the fields of a connection */
  function inSelections({ selections }: SelectionSetNode, type: GraphQLNamedType, page?: number): Size {
    const sum = { objects: 0, computed: 0 };
    for (const selection of selections) {
      const { objects, computed } = inSelection(selection, type, page);
      sum.objects += objects;
      sum.computed += computed;
    }
    return sum;
  }
  function inSelection(selection: SelectionNode, type: GraphQLNamedType, page?: number): Size {
    if (selection.kind === Kind.FIELD) return inField(selection, type, page);
    if (selection.kind === Kind.FRAGMENT_SPREAD) return inFragment(selection.name.value, page);
    const on = selection.typeCondition && schema.getType(selection.typeCondition.name.value);
    return inSelections(selection.selectionSet, on ?? type, page);
  }
  function inField(field: FieldNode, parent: GraphQLNamedType, page?: number): Size {
    const name = field.name.value;
    if (!field.selectionSet) return NOTHING;
    if (name.startsWith('__')) return { objects: INTROSPECTION_OBJECTS, computed: 0 };
    const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    if (!definition) return NOTHING;
    const inside = definition.args.some((argument) => argument.name === 'first') ? pageOf(field) : undefined;
    const times = isListType(getNullableType(definition.type)) ? (page ?? lengthOf(field)) : 1;
    const { objects, computed } = inSelections(field.selectionSet, getNamedType(definition.type), inside);
    return {
      objects: times * (1 + objects),
      computed: (FIELD_POINTS[`${parent.name}.${name}`] ?? 0) + times * computed,
    };
  }
  function inFragment(name: string, page?: number): Size {
    const key = `${name} ${page}`;
    const fragment = fragments.get(name);
    const type = fragment && schema.getType(fragment.typeCondition.name.value);
    if (!type) return NOTHING;
    if (!known.has(key)) known.set(key, inSelections(fragment.selectionSet, type, page));
    return known.get(key)!;
  }
  function pageOf(field: FieldNode): number {
    const [first, last] = ['first', 'last'].map((name) => argumentOf(field, name));
    // Anything but a number is refused where variables are read.
    if ([first, last].some((size) => size != null && typeof size !== 'number')) return MAXIMUM_PAGE_SIZE;
    try {
      return pageSize(first as number | undefined, last as number | undefined);
    } catch (error) {
      throw refusal(error as TrojanscopeError, 400, field);
    }
  }
  /** A list asked for by ids is as long as the ids. */
  function lengthOf(field: FieldNode): number {
    const ids = argumentOf(field, 'ids');
    return Array.isArray(ids) ? ids.length : LIST_LENGTH;
  }
  function argumentOf(field: FieldNode, name: string): unknown {
    const value = field.arguments?.find((argument) => argument.name.value === name)?.value;
    if (value?.kind !== Kind.VARIABLE) return literal(value);
    const given = variables[value.name.value];
    return given === undefined ? literal(defaults.get(value.name.value)) : given;
  }

  const { objects, computed } = root ? inSelections(operation.selectionSet, root) : NOTHING;
  if (objects > LIMITS.objects) {
    throw refusal(tooMuch(LIMITS.objects, 'objects', objects).originalError as TrojanscopeError, 400);
  }
  const starts = operation.operation === 'mutation' ? operation.selectionSet.selections.length : 0;
  return {
    objects,
    points: Math.max(1, Math.ceil(objects / OBJECTS_A_POINT)) + MUTATION_POINTS * starts + computed,
  };
}

/** A refusal before execution, with the status that HTTP gives it. */
export function refusal(
  error: TrojanscopeError,
  status: number,
  node?: FieldNode,
  headers = new Map<string, string>(),
) {
  return new GraphQLError(error.message, {
    nodes: node,
    originalError: error,
    extensions: { code: error.code, http: { status, headers } },
  });
}

function tooMuch(limit: number, what: string, count: number): GraphQLError {
  const message = `Expected at most ${limit} ${what} in a request; this one has ${count}. Ask for less, or in several requests.`;
  return new GraphQLError(message, { originalError: new TrojanscopeError('LIMIT_EXCEEDED', message) });
}

const fragmentsOf = ({ definitions }: DocumentNode): Fragments =>
  new Map(
    definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((definition) => [definition.name.value, definition]),
  );

/** The value of a literal as far as sizes need it. */
function literal(value: ValueNode | undefined): unknown {
  if (value?.kind === Kind.INT) return Number(value.value);
  if (value?.kind === Kind.LIST) return value.values;
  return undefined;
}
