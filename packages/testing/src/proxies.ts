import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Real proxies in front of a server, configured as docs/operations.md shows. */

const DOCS = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');

export type Proxy = 'nginx' | 'caddy';

/** Name, and whether it takes the path off; the docs show those that pass it on, and say how to take it off. */
export const PROXIES: [Proxy, boolean][] = [
  ['nginx', false],
  ['nginx', true],
  ['caddy', false],
  ['caddy', true],
];

export function isInstalled(name: Proxy): boolean {
  try {
    execFileSync(name, [name === 'nginx' ? '-v' : 'version'], { stdio: 'ignore', env: ENV });
    return true;
  } catch {
    return false;
  }
}
// Debian keeps nginx where only root looks.
const ENV = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

/** A port that is free now. */
export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const taken = createServer().listen(0, '127.0.0.1', () => {
      const { port } = taken.address() as AddressInfo;
      taken.close(() => resolve(port));
    });
  });

/** @param strips whether it takes the path off @returns what ends it */
export async function startProxy(
  name: Proxy,
  {
    port,
    upstream,
    basePath,
    strips = false,
  }: { port: number; upstream: string; basePath: string; strips?: boolean },
): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'trojanscope-proxy-'));
  const config = shown(name, strips)
    .replaceAll('127.0.0.1:4000', new URL(upstream).host)
    .replaceAll('/trojanscope', basePath);
  const file = path.join(folder, name);
  await writeFile(file, name === 'nginx' ? nginx(config, port, folder) : caddy(config, port));
  const args =
    name === 'nginx'
      ? ['-p', folder, '-c', file, '-e', path.join(folder, 'error.log')]
      : ['run', '--adapter', 'caddyfile', '--config', file];
  const child = spawn(name, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...ENV, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const end = new Promise((resolve) => child.once('exit', resolve));
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  for (let tries = 0; !(await answers(port)); tries++) {
    if (tries > 200 || child.exitCode !== null) throw new Error(`${name} does not start: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return async () => {
    child.kill('SIGTERM');
    await end;
    process.off('exit', kill);
    await rm(folder, { recursive: true, force: true });
  };
}

/** The blocks under “Under a path”: first those that pass the path on, then those that take it off. */
function shown(name: Proxy, strips: boolean): string {
  const section = DOCS.slice(DOCS.indexOf('### Under a path'));
  const blocks = [...section.matchAll(new RegExp(`\`\`\`${name}\\n([\\s\\S]*?)\`\`\``, 'g'))];
  const block = blocks[0]![1]!;
  if (!strips) return block;
  return name === 'nginx'
    ? block.replace('http://127.0.0.1:4000;', 'http://127.0.0.1:4000/;')
    : block.replace('handle ', 'handle_path ');
}

const nginx = (location: string, port: number, folder: string) => `
daemon off;
worker_processes 1;
pid ${folder}/pid;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${folder}/${what};`).join(' ')}
  server {
    listen 127.0.0.1:${port};
    ${location}
  }
}
`;

const caddy = (site: string, port: number) => `{
  admin off
  auto_https off
}
${site.replace('lab.example', `http://127.0.0.1:${port}`)}`;

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
