import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PASSWORD, startShared } from '@trojanscope/testing/sharedServer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renewOneTimeToken } from './firstAdmin.js';

/** Signing in, accounts, access tokens, one's own jobs and the audit log, over HTTP. */

let shared: Awaited<ReturnType<typeof startShared>>;
let admin: Headers;
let runner: Headers;
let viewer: Headers;
let ids: Record<'admin' | 'runner' | 'viewer', string>;
type Headers = Record<string, string>;

beforeAll(async () => {
  shared = await startShared({ publicUrl: 'http://lab.example' });
  ids = {
    admin: await shared.add('admin', 'ADMIN'),
    runner: await shared.add('runner', 'RUNNER'),
    viewer: await shared.add('viewer', 'VIEWER'),
  };
  [admin, runner, viewer] = (await Promise.all(
    ([ids.admin, ids.runner, ids.viewer] as const).map(
      async (id) => (await shared.issue(id, 'SESSION')).headers,
    ),
  )) as [Headers, Headers, Headers];
});
afterAll(() => shared.stop());

const LOGIN = `mutation ($input: LoginInput!) {
  login(input: $input) { viewer { id name role signedInBy } errors { code message field } }
}`;
const ME = '{ viewer { id name role signedInBy } }';

/** Signs in as from an address of its own, so that tests do not use up one another's guesses. */
let addresses = 0;
const from = (address = `10.0.0.${++addresses}`) => ({
  origin: 'http://lab.example',
  'x-forwarded-for': address,
});
const logIn = (name: string, password: string, headers: Headers = from()) =>
  shared.ask(LOGIN, { input: { name, password } }, headers);
const cookieOf = (answer: { headers: globalThis.Headers }) =>
  answer.headers.get('set-cookie')!.split(';')[0]!.split('=')[1]!;

describe('signing in', () => {
  test('gives a cookie that scripts and other sites do not get, and that says who asks', async () => {
    const answer = await logIn(' Runner ', PASSWORD);
    const me = { id: ids.runner, name: 'runner', role: 'RUNNER', signedInBy: 'SESSION' };
    expect(answer.body).toEqual({ data: { login: { viewer: me, errors: [] } } });
    expect(answer.headers.get('set-cookie')).toMatch(
      /^ts_session=ts_ses_[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const { body } = await shared.ask(ME, {}, shared.browser(cookieOf(answer)));
    expect(body.data.viewer).toEqual(me);
    expect(answer.text).not.toContain('ts_ses_');
  });

  test('fails alike for a wrong password, a name that nobody has and a closed account', async () => {
    const closed = await shared.add('closed', 'RUNNER');
    await shared.mutate('setUserDisabled', { userId: closed, disabled: true }, 'user { disabled }', admin);
    for (const [name, password] of [
      ['runner', 'wrong password'],
      ['nobody', PASSWORD],
      ['closed', PASSWORD],
    ] as const) {
      const answer = await logIn(name, password);
      expect(answer.body.data.login).toEqual({
        viewer: null,
        errors: [{ code: 'UNAUTHENTICATED', message: 'Name or password is wrong.', field: ['name'] }],
      });
      expect(answer.headers.get('set-cookie')).toBeNull();
    }
  });

  test('ends with the sixth wrong guess of a minute from an address, whichever the name', async () => {
    const headers = from();
    for (let i = 0; i < 5; i++)
      expect((await logIn(`guess${i}`, 'wrong password', headers)).status).toBe(200);
    const refused = await logIn('runner', PASSWORD, headers);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(50);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(refused.body.data.login.errors[0].code).toBe('RATE_LIMITED');
    expect(refused.headers.get('set-cookie')).toBeNull();
    expect((await logIn('runner', PASSWORD)).status).toBe(200);
  });

  test('ends with the sixth wrong guess of a minute at an account, from whichever address', async () => {
    await shared.add('target', 'VIEWER');
    for (let i = 0; i < 5; i++) expect((await logIn('target', 'wrong password')).status).toBe(200);
    expect((await logIn('TARGET ', PASSWORD)).status).toBe(429);
  });

  test('counts aliases of one request one by one', async () => {
    const guess = 'login(input: { name: "alias", password: "wrong password" }) { errors { code } }';
    const query = `mutation { ${Array.from({ length: 8 }, (_, i) => `a${i}: ${guess}`).join(' ')} }`;
    const { status, body } = await shared.ask(query, {}, from());
    expect(status).toBe(429);
    const codes = Object.values(body.data as Record<string, { errors: [{ code: string }] }>).map(
      ({ errors }) => errors[0].code,
    );
    expect(codes).toEqual([...Array(5).fill('UNAUTHENTICATED'), ...Array(3).fill('RATE_LIMITED')]);
  });

  test('counts no right password', async () => {
    const headers = from();
    for (let i = 0; i < 8; i++) expect((await logIn('runner', PASSWORD, headers)).status).toBe(200);
  });

  test('out ends this session, or all of them', async () => {
    const [one, two, three] = await Promise.all(
      [1, 2, 3].map(async () => (await shared.issue(ids.viewer, 'SESSION')).headers as Headers),
    );
    const is = async (headers: Headers) => (await shared.ask(ME, {}, headers)).body.data.viewer?.name ?? null;
    const query =
      'mutation ($all: Boolean!) { logout(input: { everywhere: $all }) { viewer { id } errors { code } } }';
    const out = await shared.ask(query, { all: false }, one);
    expect(out.body.data.logout).toEqual({ viewer: null, errors: [] });
    expect(out.headers.get('set-cookie')).toMatch(
      /^ts_session=; Max-Age=0; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect([await is(one!), await is(two!), await is(three!)]).toEqual([null, 'viewer', 'viewer']);
    await shared.ask(query, { all: true }, two);
    expect([await is(two!), await is(three!)]).toEqual([null, null]);
    viewer = (await shared.issue(ids.viewer, 'SESSION')).headers;
  });
});

describe('accounts', () => {
  test('are made by an admin, with a name that is free and a password that is long', async () => {
    const create = (input: object) =>
      shared.mutate('createUser', input, 'user { name role disabled }', admin);
    expect(await create({ name: ' Ann@Lab ', role: 'RUNNER', password: PASSWORD })).toEqual({
      user: { name: 'ann@lab', role: 'RUNNER', disabled: false },
      errors: [],
    });
    const codes = async (input: object) =>
      (await create(input)).errors.map(({ code, field }: { code: string; field: string[] }) => [
        code,
        ...field,
      ]);
    expect(await codes({ name: 'ANN@lab', password: PASSWORD })).toEqual([['CONFLICT', 'name']]);
    expect(await codes({ name: 'a b', password: PASSWORD })).toEqual([['BAD_USER_INPUT', 'name']]);
    expect(await codes({ name: 'local', password: PASSWORD })).toEqual([['BAD_USER_INPUT', 'name']]);
    const short = await create({ name: 'bob', password: 'hunter2hunt' });
    expect(short.errors).toEqual([
      { code: 'BAD_USER_INPUT', message: 'password: expected 12 to 200 characters.', field: ['password'] },
    ]);
  });

  test('lose and gain rights at once', async () => {
    const userId = await shared.add('moving', 'VIEWER');
    const { headers } = await shared.issue(userId, 'TOKEN');
    const may = async () =>
      (await shared.ask('{ users(first: 1) { totalCount } }', {}, headers)).body.errors?.[0].extensions
        .code ?? 'yes';
    expect(await may()).toBe('FORBIDDEN');
    await shared.mutate('setUserRole', { userId, role: 'ADMIN' }, 'user { role }', admin);
    expect(await may()).toBe('yes');
    await shared.mutate('setUserRole', { userId, role: 'VIEWER' }, 'user { role }', admin);
    expect(await may()).toBe('FORBIDDEN');
  });

  test('always have an admin left', async () => {
    const only = [
      { code: 'CONFLICT', message: 'This is the only admin. Make another one first.', field: ['userId'] },
    ];
    const demote = { userId: ids.admin, role: 'RUNNER' };
    expect((await shared.mutate('setUserRole', demote, 'user { role }', admin)).errors).toEqual(only);
    const close = { userId: ids.admin, disabled: true };
    expect((await shared.mutate('setUserDisabled', close, 'user { role }', admin)).errors).toEqual(only);
    // A closed one is none.
    const second = await shared.add('second', 'ADMIN');
    await shared.mutate('setUserDisabled', { userId: second, disabled: true }, 'user { id }', admin);
    expect((await shared.mutate('setUserRole', demote, 'user { role }', admin)).errors).toEqual(only);
  });

  test('get a new password from an admin, which ends their sessions', async () => {
    const userId = await shared.add('forgetful', 'VIEWER');
    const { headers } = await shared.issue(userId, 'SESSION');
    const { errors } = await shared.mutate(
      'resetPassword',
      { userId, password: 'another password' },
      'user { id }',
      admin,
    );
    expect(errors).toEqual([]);
    expect((await shared.ask(ME, {}, headers)).body.data.viewer).toBeNull();
    expect((await logIn('forgetful', PASSWORD)).body.data.login.errors[0].code).toBe('UNAUTHENTICATED');
    expect((await logIn('forgetful', 'another password')).body.data.login.errors).toEqual([]);
  });

  test('change their own password by the old one, which ends their other sessions', async () => {
    const userId = await shared.add('careful', 'VIEWER');
    const [one, two] = [await shared.issue(userId, 'SESSION'), await shared.issue(userId, 'SESSION')];
    const token = await shared.issue(userId, 'TOKEN');
    const change = async (currentPassword: string) =>
      (await shared.mutate(
        'changePassword',
        { currentPassword, newPassword: 'another password' },
        'viewer { name }',
        {
          ...one.headers,
          ...from(),
          cookie: one.headers.cookie!,
        },
      )) as { errors: { code: string; field: string[] }[] };
    expect((await change('wrong password')).errors[0]).toMatchObject({
      code: 'UNAUTHENTICATED',
      field: ['currentPassword'],
    });
    expect((await change(PASSWORD)).errors).toEqual([]);
    const names = await Promise.all(
      [one, two, token].map(
        async ({ headers }) => (await shared.ask(ME, {}, headers)).body.data.viewer?.name,
      ),
    );
    expect(names).toEqual(['careful', undefined, 'careful']);
    expect((await logIn('careful', 'another password')).body.data.login.errors).toEqual([]);
  });

  test('of others are not there for who may not see them', async () => {
    const token = await shared.issue(ids.admin, 'TOKEN');
    const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`;
    const [entry] = await shared.db.selectFrom('audit').select('id').limit(1).execute();
    const asked = [ids.admin, 'usr_00000000000000000000000000', token.id, entry!.id, ids.viewer];
    const nodes = async (headers: Headers) =>
      (await shared.ask(query, { ids: asked }, headers)).body.data.nodes.map(
        (node: { id: string } | null) => node?.id ?? null,
      );
    expect(await nodes(viewer)).toEqual([null, null, null, null, ids.viewer]);
    expect(await nodes(admin)).toEqual([ids.admin, null, token.id, entry!.id, ids.viewer]);
  });
});

describe('access tokens', () => {
  const CREATED = 'created { secret accessToken { id name hint scope expiresAt lastUsedAt revokedAt } }';

  test('are shown once, name their owner, and tell when they were used', async () => {
    const { created, errors } = await shared.mutate(
      'createAccessToken',
      { name: 'notebook', scope: 'RUN', expiresInDays: 7 },
      CREATED,
      runner,
    );
    expect(errors).toEqual([]);
    const { secret, accessToken } = created;
    // 43 characters of base64url are 256 bits.
    expect(secret).toMatch(/^ts_pat_[\w-]{43}$/);
    expect(accessToken).toMatchObject({
      name: 'notebook',
      hint: secret.slice(0, 13),
      scope: 'RUN',
      lastUsedAt: null,
      revokedAt: null,
    });
    const days = (Date.parse(accessToken.expiresAt) - Date.now()) / (24 * 3_600_000);
    expect(days).toBeGreaterThan(6.99);
    expect(days).toBeLessThanOrEqual(7);

    const bearer = { authorization: `Bearer ${secret}` };
    expect((await shared.ask(ME, {}, bearer)).body.data.viewer).toEqual({
      id: ids.runner,
      name: 'runner',
      role: 'RUNNER',
      signedInBy: 'TOKEN',
    });
    const list = '{ accessTokens(first: 100) { nodes { id lastUsedAt } } }';
    const { nodes } = (await shared.ask(list, {}, runner)).body.data.accessTokens;
    const used = nodes.find(({ id }: { id: string }) => id === accessToken.id).lastUsedAt;
    expect(Date.now() - Date.parse(used)).toBeLessThan(10_000);
  });

  test('are kept as SHA-256 alone', async () => {
    const { created } = await shared.mutate('createAccessToken', { name: 'grep' }, CREATED, runner);
    const { hash } = await shared.db
      .selectFrom('credential')
      .select('hash')
      .where('id', '=', created.accessToken.id)
      .executeTakeFirstOrThrow();
    const { createHash } = await import('node:crypto');
    expect(hash).toBe(createHash('sha256').update(created.secret).digest('hex'));
    await shared.ask(ME, {}, { authorization: `Bearer ${created.secret}` });
    expect(await shared.ask(ME, {}, { authorization: `Bearer ${created.secret}x` })).toMatchObject({
      status: 401,
    });
    expect(filesWith(created.secret)).toEqual([]);
  });

  test.each([
    ['a wrong one', 'Bearer ts_pat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['something else', 'Bearer hello'],
    ['a session’s secret', 'session'],
  ])('that are none refuse the request: %s', async (_, given) => {
    const session = await shared.issue(ids.admin, 'SESSION');
    const authorization = given === 'session' ? `Bearer ${session.secret}` : given;
    const { status, headers, body } = await shared.ask('{ viewer { id } }', {}, { authorization });
    expect([status, headers.get('www-authenticate'), headers.get('cache-control')]).toEqual([
      401,
      'Bearer',
      'no-store',
    ]);
    expect(body).toEqual({
      errors: [
        {
          message: 'This access token is wrong, has expired or was revoked.',
          extensions: { code: 'UNAUTHENTICATED' },
        },
      ],
    });
  });

  test('do not sign in as a cookie', async () => {
    const token = await shared.issue(ids.admin, 'TOKEN');
    const { body } = await shared.ask(ME, {}, shared.browser(token.secret));
    expect(body.data.viewer).toBeNull();
  });

  test('of others can neither be seen nor revoked, but by an admin', async () => {
    const token = await shared.issue(ids.runner, 'TOKEN');
    const revoke = (accessTokenId: string, headers: Headers) =>
      shared.mutate('revokeAccessToken', { accessTokenId }, 'accessToken { revokedAt }', headers);
    const nobody = 'tok_00000000000000000000000000';
    const foreign = (await revoke(token.id, viewer)).errors;
    expect(foreign).toEqual([
      {
        code: 'NOT_FOUND',
        message: `There is no access token ${token.id} of yours.`,
        field: ['accessTokenId'],
      },
    ]);
    const forged = (await revoke(nobody, viewer)).errors;
    expect(JSON.stringify(forged).replace(nobody, token.id)).toBe(JSON.stringify(foreign));
    const count = async (userId: string, headers: Headers) =>
      (await shared.ask(`{ accessTokens(first: 1, userId: "${userId}") { totalCount } }`, {}, headers)).body
        .data.accessTokens.totalCount;
    expect([await count(ids.runner!, viewer), await count('usr_x', viewer)]).toEqual([0, 0]);
    expect(await count(ids.runner!, admin)).toBeGreaterThan(0);
    expect(await shared.ask(ME, {}, token.headers)).toMatchObject({ status: 200 });
    expect((await revoke(token.id, admin)).errors).toEqual([]);
    expect(await shared.ask(ME, {}, token.headers)).toMatchObject({ status: 401 });
  });

  test('are out of order while their owner’s account is closed', async () => {
    const userId = await shared.add('away', 'VIEWER');
    const token = await shared.issue(userId, 'TOKEN');
    const set = (disabled: boolean) =>
      shared.mutate('setUserDisabled', { userId, disabled }, 'user { id }', admin);
    await set(true);
    expect((await shared.ask(ME, {}, token.headers)).status).toBe(401);
    await set(false);
    expect((await shared.ask(ME, {}, token.headers)).status).toBe(200);
  });

  test.each([0, 367])('last no %i days', async (expiresInDays) => {
    const { errors } = await shared.mutate(
      'createAccessToken',
      { name: 'x', expiresInDays },
      CREATED,
      runner,
    );
    expect(errors[0]).toMatchObject({ code: 'BAD_USER_INPUT', field: ['expiresInDays'] });
  });
});

describe('jobs', () => {
  const train = async (headers: Headers, more = {}) => {
    const input = { dataset: 'shapes', architecture: 'lenet', ...more };
    const { model } = await shared.mutate(
      'trainModel',
      input,
      'model { id job { id createdBy { id name } } }',
      headers,
    );
    return model as { id: string; job: { id: string; createdBy: { id: string; name: string } } };
  };
  const cancel = async (jobId: string, headers: Headers) =>
    (await shared.mutate('cancelJob', { jobId }, 'job { status }', headers)) as {
      job: object;
      errors: { code: string; message: string }[];
    };
  const retry = async (jobId: string, headers: Headers) =>
    (await shared.mutate('retryJob', { jobId }, 'job { status }', headers)) as {
      job: object;
      errors: { code: string }[];
    };

  test('know who started them', async () => {
    const { job } = await train(runner);
    expect(job.createdBy).toEqual({ id: ids.runner, name: 'runner' });
  });

  test('are cancelled and retried by who started them, or an admin', async () => {
    const mine = await train(runner);
    const others = await train(admin);
    expect((await cancel(mine.job.id, runner)).job).toEqual({ status: 'CANCELLED' });
    expect((await retry(mine.job.id, runner)).job).toEqual({ status: 'QUEUED' });
    const forbidden = await cancel(others.job.id, runner);
    expect(forbidden).toMatchObject({ job: null, errors: [{ code: 'FORBIDDEN' }] });
    // One that is not there looks the same.
    expect(await cancel('job_00000000000000000000000000', runner)).toEqual(forbidden);
    expect((await retry(others.job.id, runner)).errors[0]!.code).toBe('FORBIDDEN');
    expect((await cancel(mine.job.id, admin)).job).toEqual({ status: 'CANCELLED' });
    expect((await cancel('job_00000000000000000000000000', admin)).errors[0]!.code).toBe('NOT_FOUND');
  });

  test('of one person’s key are not another’s', async () => {
    const idempotencyKey = 'the same key';
    const [one, again, another] = [
      await train(runner, { idempotencyKey }),
      await train(runner, { idempotencyKey }),
      await train(admin, { idempotencyKey }),
    ];
    expect(again.id).toBe(one.id);
    expect(another.id).not.toBe(one.id);
  });

  test('and everything else that was done are in the audit log', async () => {
    const { headers, id: tokenId } = await shared.issue(ids.runner, 'TOKEN', { scope: 'RUN' });
    const { id: modelId, job } = await train(headers, { idempotencyKey: 'audited' });
    await train(headers, { idempotencyKey: 'audited' });
    await cancel(job.id, admin);
    const refused = await train(runner, { seed: -1 }).catch(() => null);
    expect(refused).toBeNull();
    const query = '{ auditLog(first: 2) { nodes { who { id name } action entityIds accessTokenId at } } }';
    const { nodes } = (await shared.ask(query, {}, admin)).body.data.auditLog;
    expect(nodes).toEqual([
      {
        who: { id: ids.admin, name: 'admin' },
        action: 'cancelJob',
        entityIds: [job.id],
        accessTokenId: null,
        at: expect.any(String),
      },
      {
        who: { id: ids.runner, name: 'runner' },
        action: 'trainModel',
        entityIds: [modelId],
        accessTokenId: tokenId,
        at: expect.any(String),
      },
    ]);
  });
});

describe('the first admin', () => {
  let fresh: Awaited<ReturnType<typeof startShared>>;
  const create = (oneTimeToken: string, name: string, password = PASSWORD) =>
    fresh.ask(
      `mutation ($input: CreateFirstAdminInput!) { createFirstAdmin(input: $input) { viewer { name role } errors { code field } } }`,
      { input: { oneTimeToken, name, password } },
      { origin: fresh.url },
    );
  beforeAll(async () => {
    fresh = await startShared();
  });
  afterAll(() => fresh.stop());

  test('is made once, with the newest token, by one of those who try at once', async () => {
    const state = async () => (await fresh.ask('{ signIn { required awaitsFirstAdmin } }')).body.data.signIn;
    expect(await state()).toEqual({ required: true, awaitsFirstAdmin: true });
    const older = (await renewOneTimeToken(fresh.db))!;
    const token = (await renewOneTimeToken(fresh.db))!;
    expect(token).toMatch(/^ts_setup_[\w-]{43}$/);
    for (const wrong of ['', 'ts_setup_', older]) {
      const { body } = await create(wrong, 'eve');
      expect(body.data.createFirstAdmin).toEqual({
        viewer: null,
        errors: [{ code: 'UNAUTHENTICATED', field: ['oneTimeToken'] }],
      });
    }
    // A password that will not do leaves the token as it is.
    expect((await create(token, 'root', 'short')).body.data.createFirstAdmin.errors[0].code).toBe(
      'BAD_USER_INPUT',
    );
    const tries = await Promise.all(['ann', 'bob', 'cid'].map((name) => create(token, name)));
    const made = tries.filter(({ body }) => body.data.createFirstAdmin.viewer);
    expect(made).toHaveLength(1);
    expect(made[0]!.body.data.createFirstAdmin.viewer.role).toBe('ADMIN');
    const users = (
      await fresh.ask('{ users(first: 9) { totalCount } }', {}, fresh.browser(cookieOf(made[0]!)))
    ).body.data.users;
    expect(users).toEqual({ totalCount: 1 });
    expect(await state()).toEqual({ required: true, awaitsFirstAdmin: false });
    expect(await renewOneTimeToken(fresh.db)).toBeNull();
    expect((await create(token, 'eve')).body.data.createFirstAdmin.errors[0].code).toBe('UNAUTHENTICATED');
  });
});

test('no secret is in the database, its log or what the server said', async () => {
  const { body, headers } = await logIn('runner', PASSWORD);
  expect(body.data.login.errors).toEqual([]);
  const secret = cookieOf({ headers });
  await shared.ask('{ nothing }', {}, shared.browser(secret));
  // What is there is found.
  expect(filesWith('runner')).not.toEqual([]);
  for (const text of [secret, PASSWORD, 'wrong password']) expect(filesWith(text)).toEqual([]);
  expect(shared.log()).not.toMatch(/ts_(pat|ses|setup)_[\w-]{6}/);
});

/** Files of the data folder that hold a text: the database, its write-ahead log and whatever else. */
function filesWith(text: string): string[] {
  return readdirSync(shared.data.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}
