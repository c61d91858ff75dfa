import { readFileSync } from 'node:fs';
import {
  buildSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isListType,
  isNonNullType,
  parse,
  validate,
} from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { has, root, run } from './python.mjs';

/** What the Python package sends and expects fits the schema: every request, every record, every argument. */

const schema = buildSchema(readFileSync(`${root}packages/schema/schema.graphql`, 'utf8'));

/** Which input each method is of, what it fills in by itself, and what it takes besides. */
const INPUTS = {
  train: ['TrainModelInput'],
  implant: ['ImplantBackdoorInput'],
  run_sweep: ['RunSweepInput'],
  run_detector: ['RunDetectorInput'],
  find_largest_range: ['FindLargestRangeInput'],
  explain: ['ExplainInput'],
  compare_explainers: ['CompareExplainersInput'],
  run_study: ['RunStudyInput'],
  import_model: ['ImportModelInput', ['uploadId', 'idempotencyKey'], ['path']],
  import_dataset: ['ImportDatasetInput', ['uploadId', 'idempotencyKey'], ['path']],
  probe: ['ProbeInput'],
  curves: ['CurveFilter'],
};
/** Methods that have no input of their own in the schema. */
const OTHERS = [
  'close',
  'detections',
  'execute',
  'get',
  'jobs',
  'models',
  'outcomes',
  'run',
  'subscribe',
  'sweeps',
];
/** Records of a type that has another record too. */
const SECOND = { ComparedPoint: 'Point' };

const SCALARS = {
  String: 'str',
  ID: 'str',
  DateTime: 'str',
  Int: 'int',
  Float: 'float',
  Boolean: 'bool',
  JSON: 'any',
};

/** How Python names a type: as a record, a scalar or its values. */
function expected(type, given) {
  const named = getNamedType(type);
  if (isEnumType(named)) {
    // Networks are known by their ids alone, as data sets are: a new one is no new version of the package.
    if (named.name === 'ArchitectureId') return { type: 'str' };
    return {
      values: named
        .getValues()
        .map(({ name }) => name)
        .sort(),
    };
  }
  return SCALARS[named.name] ? { type: SCALARS[named.name] } : given;
}

describe.skipIf(!has('httpx', 'websockets'))('the Python package', () => {
  let described;
  beforeAll(async () => {
    described = JSON.parse((await run([`${root}python/tests/describe.py`])).stdout);
  });

  test('sends nothing that the schema refuses', () => {
    expect(described.queries.length).toBeGreaterThan(30);
    for (const query of described.queries)
      expect([query, validate(schema, parse(query)).map(({ message }) => message)]).toEqual([query, []]);
  });

  test('has records with the fields of their types, null where these may be', () => {
    const seen = new Set();
    function check(name, type) {
      seen.add(name);
      const fields = type.getFields();
      for (const [key, { nullable, list, ...kind }] of Object.entries(described.records[name])) {
        const of = fields[key]?.type;
        const where = `${name}.${key}`;
        expect(of, where).toBeDefined();
        expect([where, nullable, list]).toEqual([where, !isNonNullType(of), isListType(getNullableType(of))]);
        expect([where, kind]).toEqual([where, expected(of, kind)]);
        if (kind.record) check(kind.record, getNamedType(of));
      }
    }
    for (const name of Object.keys(described.records)) {
      const type = schema.getType(SECOND[name] ?? name);
      if (type) check(name, type);
    }
    // None is left that only looks like one.
    expect([...seen].sort()).toEqual(Object.keys(described.records).sort());
  });

  test('has methods with the arguments of their inputs, and their defaults', () => {
    expect(Object.keys(described.methods).sort()).toEqual([...Object.keys(INPUTS), ...OTHERS].sort());
    for (const [name, [input, filledIn = [], besides = []]] of Object.entries(INPUTS)) {
      const fields = schema.getType(input).getFields();
      const wanted = Object.keys(fields).filter((field) => !filledIn.includes(field));
      expect([name, Object.keys(described.methods[name]).sort()]).toEqual([
        name,
        [...wanted, ...besides].sort(),
      ]);
      for (const field of wanted) {
        const { required, default: given, list, ...kind } = described.methods[name][field];
        const { type, defaultValue = null } = fields[field];
        const where = `${name}(${field})`;
        expect([where, required]).toEqual([where, isNonNullType(type) && defaultValue === null]);
        expect([where, given, list]).toEqual([where, defaultValue, isListType(getNullableType(type))]);
        expect([where, kind]).toEqual([where, expected(type, { type: 'any' })]);
      }
    }
  });

  test('says what each public name is', () => {
    expect(described.undocumented).toEqual([]);
  });
});
