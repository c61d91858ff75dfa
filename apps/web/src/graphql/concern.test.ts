import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLObjectType, getNamedType, isListType, isObjectType } from 'graphql';
import { describe, expect, it, test } from 'vitest';
import { type Activity, concern, LISTED } from './concern';
import { graphql } from './graphql';

const SCHEMA = new URL('../../../../packages/schema/schema.graphql', import.meta.url);

const progress = (type: string, id: string): Activity => ({ type, id, progress: true });
const change = (type: string, id: string): Activity => ({ type, id, progress: false });

describe('an answer is concerned', () => {
  const Page = graphql(`
    query OfATest($id: ID!) {
      node(id: $id) {
        ... on Model {
          id
          job {
            id
            startsInSeconds
          }
          swept: sweeps(first: 5) {
            nodes {
              id
            }
          }
        }
      }
    }
  `);
  const answer = (startsInSeconds: number | null) => ({
    node: { id: 'mod_1', job: { id: 'job_1', startsInSeconds }, swept: { nodes: [{ id: 'swp_1' }] } },
  });
  const concerns = concern(Page, answer(null));

  it('by whatever happens to what it shows, however deep', () => {
    for (const [type, id] of [
      ['Model', 'mod_1'],
      ['Job', 'job_1'],
      ['Sweep', 'swp_1'],
    ] as const) {
      expect(concerns(progress(type, id))).toBe(true);
      expect(concerns(change(type, id))).toBe(true);
    }
  });

  it('not by the progress of what it does not show', () => {
    expect(concerns(progress('Model', 'mod_2'))).toBe(false);
    expect(concerns(progress('Job', 'job_2'))).toBe(false);
    expect(concerns(progress('Sweep', 'swp_2'))).toBe(false);
  });

  it('by what may come into its lists, under any alias, empty ones too', () => {
    expect(concerns(change('Sweep', 'swp_2'))).toBe(true);
    // It starts sweeps.
    expect(concerns(change('Study', 'stu_1'))).toBe(true);
    expect(concerns(change('Explanation', 'exp_1'))).toBe(false);
    expect(concerns(change('Job', 'job_2'))).toBe(false);
    expect(concern(Page, { node: null })(change('Sweep', 'swp_2'))).toBe(true);
  });

  it('by the progress of any job while one waits, whose start depends on it', () => {
    expect(concern(Page, answer(90))(progress('Job', 'job_2'))).toBe(true);
    expect(concern(Page, answer(90))(progress('Model', 'mod_2'))).toBe(false);
  });
});

test('every list of what changes is known, whatever type has it', () => {
  const schema = buildSchema(readFileSync(SCHEMA, 'utf8'));
  const changing = ['Model', 'Sweep', 'Job', 'Study', 'Explanation', 'LargestRange', 'Detection'];
  // What these show, they show by id: lists by ids, and what a job waits for.
  const byId = ['node', 'nodes', 'waitsFor'];
  const unknown = Object.values(schema.getTypeMap())
    .filter(
      (type): type is GraphQLObjectType => isObjectType(type) && !/(Connection|Payload)$/.test(type.name),
    )
    .flatMap((type) => Object.values(type.getFields()))
    .flatMap(({ name, type }) => {
      const of = getNamedType(type).name.replace(/Connection$/, '');
      const lists = /Connection!?$/.test(String(type)) || isListType('ofType' in type ? type.ofType : type);
      return lists && changing.includes(of) && !byId.includes(name) && !LISTED[name]?.includes(of)
        ? [`${name}: ${of}`]
        : [];
    });
  expect(unknown).toEqual([]);
});
