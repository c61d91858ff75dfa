import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { has, root, run } from './python.mjs';

/** The Python client against real servers, and installed as people install it. */

const withPackages = has('httpx', 'websockets', 'numpy', 'pandas', 'PIL', 'tqdm');

describe.skipIf(!withPackages)('the Python client', () => {
  let data;
  let server;
  beforeAll(async () => {
    data = await temporaryData();
    server = await startServer({ data: data.folder });
  });
  afterAll(async () => {
    await server?.stop();
    await data?.remove();
  });

  test('asks, starts, waits and is refused', { timeout: 600_000 }, async () => {
    const { stderr } = await run(['-m', 'unittest', '-v', 'python/tests/test_client.py'], {
      TROJANSCOPE_URL: server.url,
    });
    expect(stderr).toMatch(/Ran \d\d tests[\s\S]*\nOK\n$/);
  });

  test('does what its page shows', { timeout: 300_000 }, async () => {
    const page = await readFile(`${root}docs/python.md`, 'utf8');
    const blocks = [...page.matchAll(/^```python\n([\s\S]*?)^```/gm)].map(([, text]) => text);
    expect(blocks.length).toBeGreaterThan(3);
    const program = blocks.join('\n');
    expect(program).toContain('http://127.0.0.1:4000');
    await run(['-c', program.replaceAll('http://127.0.0.1:4000', server.url)], { MPLBACKEND: 'agg' });
  });
});

describe.skipIf(!withPackages)('a Python client of its own server', () => {
  let data;
  let server;
  const start = async (options) => {
    server = await startServer({ data: data.folder, ...options });
    return server;
  };
  beforeEach(async () => {
    data = await temporaryData();
  });
  afterEach(async () => {
    await server.stop();
    await data.remove();
  });

  const WAIT = `
from trojanscope import Client
run = Client().train(dataset="shapes", architecture="lenet", recipe={"epochs": 30})
run.wait(timeout=240)
print(run.fetch().status, run.jobs()[0].attempt)
`;

  test('goes on waiting while it is killed and started again', { timeout: 300_000 }, async () => {
    const { url } = await start();
    const training = run(['-c', WAIT], { TROJANSCOPE_URL: url });
    await server
      .live()
      .first(
        'subscription { activity { type progress } }',
        {},
        ({ type, progress }) => type === 'Job' && progress,
      );
    await server.kill();
    await start({ port: Number(new URL(url).port) });
    expect((await training).stdout).toBe('SUCCEEDED 2\n');
  });

  const SIGNED_IN = `
from trojanscope import Client, TrojanscopeError
client = Client()
tiny = {"dataset": "shapes", "architecture": "lenet", "recipe": {"epochs": 1}}
run = client.implant(**tiny, attack={"badnets": {}})
listened = client.subscribe(
    "subscription ($id: ID!) { jobProgress(jobId: $id) { status } }", {"id": run.jobs()[0].id}, silence=30
)
print([each["jobProgress"]["status"] for each in listened][-1])
sweep = client.run_sweep(modelId=run.wait(progress=False).id, transform="blur", target="IMAGE", values=[1], samples=20)
sweep.wait(progress=False)
image = client.outcomes(client.curves(sweepIds=[sweep.id])["id"][0])["image"][0]
print(image.url.startswith("/lab/"), image.array().shape)
try:
    Client(token="ts_pat_wrong").models()
except TrojanscopeError as error:
    print(error.code)
`;

  test('shows its token, and keeps to the path that the server is under', { timeout: 120_000 }, async () => {
    const [origin, path] = ['http://lab.example', '/lab'];
    const { url } = await start({ args: ['--no-quickstart', '--auth', '--public-url', origin + path] });
    const [oneTimeToken] = /ts_setup_[\w-]{43}/.exec(server.log());
    const account = { oneTimeToken, name: 'ann', password: 'a long enough password' };
    const post = (query, input, headers) => server.post({ query, variables: { input } }, headers);
    const { headers } = await post(
      'mutation ($input: CreateFirstAdminInput!) { createFirstAdmin(input: $input) { errors { message } } }',
      account,
      { origin },
    );
    const { body } = await post(
      'mutation ($input: CreateAccessTokenInput!) { createAccessToken(input: $input) { created { secret } } }',
      { name: 'notebook', scope: 'RUN' },
      { origin, cookie: headers.get('set-cookie').split(';')[0] },
    );
    const token = body.data.createAccessToken.created.secret;
    const env = { TROJANSCOPE_URL: url + path, TROJANSCOPE_TOKEN: token };
    // The token in the environment is the client's where none is given.
    const { stdout } = await run(['-c', SIGNED_IN], env);
    expect(stdout).toBe('SUCCEEDED\nTrue (28, 28, 3)\nUNAUTHENTICATED\n');
  });
});

describe.skipIf(!has('setuptools', 'pip', 'httpx', 'websockets'))('pip install ./python', () => {
  test('brings the client with its types, and the two programs', { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'trojanscope-test-'));
    try {
      const built = (source) => /(build|egg-info|__pycache__)$/.test(source);
      await cp(`${root}python`, join(folder, 'python'), {
        recursive: true,
        filter: (source) => !built(source),
      });
      const into = join(folder, 'installed');
      const alone = ['--quiet', '--no-deps', '--no-index', '--no-build-isolation', '--target', into];
      await run(['-m', 'pip', 'install', ...alone, join(folder, 'python')]);
      const found = (await readdir(into)).filter((name) => !/dist-info|__pycache__/.test(name));
      expect(found.sort()).toEqual(['trojanscope', 'trojanscope_bundle.py', 'trojanscope_export.py']);
      expect(await readdir(join(into, 'trojanscope'))).toContain('py.typed');
      const where = 'import trojanscope; print(trojanscope.__file__); print(trojanscope.Client("http://x"))';
      const { stdout } = await run([
        '-c',
        `import sys; sys.path.insert(0, ${JSON.stringify(into)}); ${where}`,
      ]);
      expect(stdout).toBe(`${join(into, 'trojanscope', '__init__.py')}\nClient('http://x')\n`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
