import { createRequire } from 'node:module';
import { type CredentialKind, startShared } from '@trojanscope/testing/sharedServer';
import type * as graphql from 'graphql';
import type { GraphQLField, GraphQLInputType, GraphQLSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSchema } from '../graphql/schema.js';
import { enforceRules, ruleOf } from './rules.js';

/** Every operation of the schema as everybody who could ask for it. */

// The same copy of graphql as type-graphql's.
const g: typeof graphql = createRequire(import.meta.url)('graphql');

type Answer = 'answered' | 'UNAUTHENTICATED' | 'FORBIDDEN' | '401' | '4403';
const OK = 'answered';

/** What each rule means, by who asks. A request with a token that does not hold is refused whole. */
const CALLERS = {
  nobody: ['UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED'],
  'a viewer': [OK, 'FORBIDDEN', 'FORBIDDEN', OK],
  'a runner': [OK, OK, 'FORBIDDEN', OK],
  'an admin': [OK, OK, OK, OK],
  'a viewer’s token': [OK, 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
  'a runner’s token': [OK, OK, 'FORBIDDEN', 'FORBIDDEN'],
  'an admin’s token': [OK, OK, OK, 'FORBIDDEN'],
  'an admin’s token to run': [OK, OK, 'FORBIDDEN', 'FORBIDDEN'],
  'an admin’s token to read': [OK, 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
  'a viewer’s token to run': [OK, 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
  'a session that has ended': ['UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED'],
  'a session that has expired': ['UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED'],
  'a closed account': ['UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED'],
  'a revoked token': ['401', '401', '401', '401'],
  'an expired token': ['401', '401', '401', '401'],
  'a closed account’s token': ['401', '401', '401', '401'],
} as const satisfies Record<string, readonly [Answer, Answer, Answer, Answer]>;
type Caller = keyof typeof CALLERS;
const RULES = ['VIEWER', 'RUNNER', 'ADMIN', 'IN_PERSON'] as const;

function expected(caller: Caller, field: Field): Answer {
  const rule = ruleOf(field);
  const answers = CALLERS[caller];
  if (rule === 'ANYONE') return answers[0] === '401' ? '401' : 'answered';
  return answers[RULES.indexOf(rule!)]!;
}

type Field = GraphQLField<unknown, unknown>;
interface Operation {
  kind: 'query' | 'mutation' | 'subscription';
  field: Field;
  text: string;
}

let shared: Awaited<ReturnType<typeof startShared>>;
let users: Record<string, string>;
let operations: Operation[];
beforeAll(async () => {
  shared = await startShared();
  users = {
    viewer: await shared.add('viewer', 'VIEWER'),
    runner: await shared.add('runner', 'RUNNER'),
    admin: await shared.add('admin', 'ADMIN'),
    closed: await shared.add('closed', 'ADMIN'),
  };
  await shared.db
    .updateTable('user')
    .set({ disabled_at: new Date().toISOString() })
    .where('id', '=', users.closed!)
    .execute();
  operations = operationsOf(await createSchema());
});
afterAll(() => shared.stop());

const shown: Record<Caller, () => Promise<Record<string, string>>> = {
  nobody: async () => ({}),
  'a viewer': () => show('viewer', 'SESSION'),
  'a runner': () => show('runner', 'SESSION'),
  'an admin': () => show('admin', 'SESSION'),
  'a viewer’s token': () => show('viewer', 'TOKEN'),
  'a runner’s token': () => show('runner', 'TOKEN'),
  'an admin’s token': () => show('admin', 'TOKEN'),
  'an admin’s token to run': () => show('admin', 'TOKEN', { scope: 'RUN' }),
  'an admin’s token to read': () => show('admin', 'TOKEN', { scope: 'READ' }),
  'a viewer’s token to run': () => show('viewer', 'TOKEN', { scope: 'RUN' }),
  'a session that has ended': () => showEnded('SESSION'),
  'a session that has expired': () => show('admin', 'SESSION', { lastsMs: -1 }),
  'a closed account': () => show('closed', 'SESSION'),
  'a revoked token': () => showEnded('TOKEN'),
  'an expired token': () => show('admin', 'TOKEN', { lastsMs: -1 }),
  'a closed account’s token': () => show('closed', 'TOKEN'),
};
async function show(user: string, kind: CredentialKind, options = {}) {
  return (await shared.issue(users[user]!, kind, options)).headers as Record<string, string>;
}
async function showEnded(kind: CredentialKind) {
  const { id, headers } = await shared.issue(users.admin!, kind);
  await shared.endCredential(id);
  return headers as Record<string, string>;
}

test('rules are the default of their kind, or one of these', () => {
  const usual = { query: 'VIEWER', mutation: 'RUNNER', subscription: 'VIEWER' };
  const others = operations.filter(({ kind, field }) => ruleOf(field) !== usual[kind]);
  expect(Object.fromEntries(others.map(({ field }) => [field.name, ruleOf(field)]))).toEqual({
    viewer: 'ANYONE',
    signIn: 'ANYONE',
    users: 'ADMIN',
    plugins: 'ADMIN',
    auditLog: 'ADMIN',
    createFirstAdmin: 'ANYONE',
    login: 'ANYONE',
    logout: 'IN_PERSON',
    createUser: 'ADMIN',
    setUserRole: 'ADMIN',
    setUserDisabled: 'ADMIN',
    resetPassword: 'ADMIN',
    purgeTrash: 'ADMIN',
    changePassword: 'IN_PERSON',
    createAccessToken: 'IN_PERSON',
    revokeAccessToken: 'IN_PERSON',
    saveView: 'VIEWER',
    deleteView: 'VIEWER',
  });
});

test('a field without a rule keeps the server from starting', () => {
  const schema = g.buildSchema('type Query { secret: Int }');
  expect(() => enforceRules(schema)).toThrow('Query.secret does not say who may ask for it');
});

describe.each(Object.keys(CALLERS) as Caller[])('%s', (caller) => {
  test('over HTTP', async () => {
    const wrong: string[] = [];
    for (const { field, kind, text } of operations) {
      if (kind === 'subscription') continue;
      // A session of its own for each: one of them is logout.
      const { status, body } = await shared.ask(text, {}, await shown[caller]());
      const is = status === 401 ? '401' : refusalIn(body);
      if (is !== expected(caller, field)) wrong.push(`${field.name}: ${is} ${JSON.stringify(body)}`);
    }
    expect(wrong).toEqual([]);
  });

  test('over a websocket', async () => {
    const { authorization, ...headers } = await shown[caller]();
    const live = await shared.live(headers, authorization ? { authorization } : undefined);
    if (expected(caller, operations.find(({ field }) => field.name === 'models')!.field) !== OK) {
      expect(await live.closed).toBe(4403);
      return;
    }
    const wrong: string[] = [];
    for (const { field, text } of operations) {
      const result = await live.ask(text);
      const is = refusalIn(result);
      if (is !== expected(caller, field)) wrong.push(`${field.name}: ${is} ${JSON.stringify(result)}`);
    }
    await live.close();
    expect(wrong).toEqual([]);
  });
});

/** A refusal by rule is an error of the request; whatever else comes, a resolver said it. */
function refusalIn(
  result: { errors?: { path?: string[]; extensions?: { code: string } }[] } | undefined,
): Answer {
  const error = result?.errors?.[0];
  const code = error?.extensions?.code;
  if (code === 'UNAUTHENTICATED' || code === 'FORBIDDEN') return code;
  // What the schema itself refuses was never asked, and a fault is no answer.
  if (code === 'INTERNAL' || (error && !error.path && /GRAPHQL|BAD_USER_INPUT/.test(code ?? '')))
    throw new Error(JSON.stringify(error));
  return 'answered';
}

/** Every field of the three roots with the least that it takes. */
function operationsOf(schema: GraphQLSchema): Operation[] {
  const roots = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  };
  return (Object.keys(roots) as Operation['kind'][]).flatMap((kind) =>
    Object.values(roots[kind]!.getFields()).map((field) => {
      const given = field.args
        .filter(({ name, type }) => g.isNonNullType(type) || name === 'first')
        .map(({ name, type }) => `${name}: ${least(type)}`);
      const args = given.length > 0 ? `(${given.join(', ')})` : '';
      const selection = g.isLeafType(g.getNamedType(field.type)) ? '' : ' { __typename }';
      return { kind, field, text: `${kind} { ${field.name}${args}${selection} }` };
    }),
  );
}

function least(type: GraphQLInputType): string {
  if (g.isNonNullType(type)) return least(type.ofType);
  if (g.isListType(type)) return `[${least(type.ofType)}]`;
  if (g.isEnumType(type)) return type.getValues()[0]!.name;
  if (g.isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    const required = fields.filter(g.isRequiredInputField);
    // Of a oneOf none is required, and one is needed.
    const given = required.length > 0 ? required : fields.slice(0, 1);
    return `{ ${given.map(({ name, type }) => `${name}: ${least(type)}`).join(', ')} }`;
  }
  return { Int: '1', Float: '1', Boolean: 'true' }[type.name] ?? '"x"';
}
