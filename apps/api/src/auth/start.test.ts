import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** The real server: where it refuses to start, whom it asks to sign in, and what of it all is written anywhere. */

const program = (name: string) => fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url));

let data: Awaited<ReturnType<typeof temporaryData>>;
beforeEach(async () => {
  data = await temporaryData();
});
afterEach(() => data.remove());

function run(
  name: string,
  args: string[],
  env = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, timeout: 20_000 };
    execFile(
      process.execPath,
      [program(name), ...args, '--data', data.folder],
      options,
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    );
  });
}

describe('without accounts', () => {
  test.each([
    ['every address', ['--host', '0.0.0.0'], {}],
    ['every address, IPv6', ['--host', '::'], {}],
    ['an empty address', ['--host', ''], {}],
    ['an address of a network', ['--host', '192.0.2.7'], {}],
    ['an address from the environment', [], { HOST: '0.0.0.0' }],
    ['accounts switched off', ['--host', '0.0.0.0', '--auth', 'off'], { TROJANSCOPE_AUTH: 'on' }],
  ])('does not listen at %s: exit 78', async (_, args, env) => {
    const { code, stderr, stdout } = await run('server', ['--port', '0', '--no-quickstart', ...args], env);
    expect([code, stdout]).toEqual([78, '']);
    expect(stderr).toMatch(
      /^Expected an address that only this machine reaches, such as 127\.0\.0\.1; got .*--auth/,
    );
    // Nothing was made.
    expect(readdirSync(data.folder)).toEqual([]);
  });

  test.each(['127.0.0.1', 'localhost'])('listens at %s, and asks nobody', async (host) => {
    const own = await temporaryData();
    const server = await startServer({ data: own.folder, args: ['--no-quickstart', '--host', host] });
    try {
      expect(
        await server.query('{ viewer { id name role signedInBy } signIn { required awaitsFirstAdmin } }'),
      ).toEqual({
        viewer: { id: 'local', name: 'local', role: 'ADMIN', signedInBy: 'LOCAL' },
        signIn: { required: false, awaitsFirstAdmin: false },
      });
      expect(server.log()).not.toMatch(/ts_setup_/);
      const login = await server.mutate('login', 'LoginInput', { name: 'x', password: 'x' }, 'viewer { id }');
      expect(login.errors[0].code).toBe('UNSUPPORTED');
    } finally {
      await server.stop();
      await own.remove();
    }
  });
});

describe('with accounts', () => {
  const PASSWORD = 'correct horse battery';

  test('the first admin comes by the printed token, and no secret stays anywhere', async () => {
    const args = ['--no-quickstart', '--host', '0.0.0.0', '--auth'];
    let server = await startServer({ data: data.folder, args });
    const post = (query: string, headers = {}) => server.post({ query }, { origin: server.url, ...headers });
    const [setup, ...more] = server.log().match(/ts_setup_[\w-]{43}/g) ?? [];
    expect(more).toEqual([]);
    expect((await post('{ models(first: 1) { totalCount } }')).body.errors[0].extensions.code).toBe(
      'UNAUTHENTICATED',
    );

    const made = await post(
      `mutation { createFirstAdmin(input: { oneTimeToken: "${setup}", name: "ann", password: "${PASSWORD}" }) { viewer { name } errors { message } } }`,
    );
    expect(made.body.data.createFirstAdmin).toEqual({ viewer: { name: 'ann' }, errors: [] });
    const cookie = made.headers.get('set-cookie')!.split(';')[0]!;
    const created = await post(
      'mutation { createAccessToken(input: { name: "script" }) { created { secret } errors { message } } }',
      { cookie },
    );
    const { secret } = created.body.data.createAccessToken.created;
    const authorization = `Bearer ${secret}`;
    expect((await post('{ models(first: 1) { totalCount } }', { authorization })).body).toEqual({
      data: { models: { totalCount: 0 } },
    });
    const second = await server.stop();
    expect(second.code).toBe(0);
    const first = server.log();

    // There is an admin now: no other token.
    server = await startServer({ data: data.folder, args });
    expect((await post('{ viewer { name } }', { authorization })).body).toEqual({
      data: { viewer: { name: 'ann' } },
    });
    await server.stop();
    expect(server.log()).not.toMatch(/ts_setup_/);

    const said = first + server.log();
    const kept = readdirSync(data.folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => readFileSync(path.join(data.folder, name), 'latin1'))
      .join('');
    expect(kept).toContain('ann');
    for (const text of [secret, PASSWORD, cookie.split('=')[1]!]) {
      expect(said).not.toContain(text);
      expect(kept).not.toContain(text);
    }
    expect(kept).not.toContain(setup);
  });

  test('the command line makes users and gives new passwords', async () => {
    const password = /^ {2}(\S{24})$/m;
    const added = await run('cli', ['user', 'add', 'Bob', '--role', 'runner']);
    expect([added.code, added.stderr]).toEqual([0, '']);
    expect(added.stdout).toMatch(password);
    expect((await run('cli', ['user', 'add', 'bob'])).stderr).toBe('There is a user bob already.\n');
    const reset = await run('cli', ['user', 'reset-password', 'bob']);
    expect(reset.stdout).toMatch(password);
    expect((await run('cli', ['user', 'reset-password', 'nobody'])).code).toBe(1);
    const list = await run('cli', ['user', 'list', '--json']);
    expect(JSON.parse(list.stdout)).toEqual([
      expect.objectContaining({ name: 'bob', role: 'RUNNER', disabled: false, lastLoginAt: null }),
    ]);

    const server = await startServer({ data: data.folder, args: ['--no-quickstart', '--auth'] });
    const logIn = async (text: string) => {
      const [, secret] = password.exec(text)!;
      const query = `mutation { login(input: { name: "bob", password: "${secret}" }) { viewer { role } } }`;
      return (await server.post({ query }, { origin: server.url })).body.data.login.viewer;
    };
    try {
      expect(await logIn(added.stdout)).toBeNull();
      expect(await logIn(reset.stdout)).toEqual({ role: 'RUNNER' });
    } finally {
      await server.stop();
    }
  });
});
