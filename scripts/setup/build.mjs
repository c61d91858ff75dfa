import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './child.mjs';
import { root, state } from './places.mjs';

export const server = build({
  title: 'Building the server',
  workspace: 'apps/api',
  besides: ['packages/testing'], // small, and drills need nothing but a start
  sources: ['packages', 'apps/api'],
  results: [
    'apps/api/dist/server.js',
    'apps/api/dist/cli.js',
    'packages/core/dist',
    'packages/report/dist',
    'packages/schema/dist',
    'packages/testing/dist',
  ],
});

export const dashboard = build({
  title: 'Building the dashboard',
  workspace: 'apps/web',
  sources: ['packages/schema', 'apps/web'],
  results: ['apps/web/out/index.html'],
});

const SHARED = ['package-lock.json', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'turbo.json'];
const NOT_SOURCES =
  /^(node_modules|dist|out|\.next|\.turbo|fixtures|next-env\.d\.ts|.*\.tsbuildinfo|.*\.test\.tsx?)$/;

function build({ title, workspace, besides = [], sources, results }) {
  const stamp = join(state, `built-${workspace.replace('/', '-')}`);
  const hash = () => hashOf(root, [...SHARED, ...sources]);
  return {
    title: () => title,
    isDone: () =>
      existsSync(stamp) &&
      results.every((result) => existsSync(join(root, result))) &&
      readFileSync(stamp, 'utf8') === hash(),
    async run() {
      const built = hash(); // of what is built now: an edit made meanwhile counts for the next time
      const turbo = join(root, 'node_modules', 'turbo', 'bin', 'turbo');
      const filters = [workspace, ...besides].map((each) => `--filter=./${each}...`);
      await run(process.execPath, [turbo, 'run', 'build', ...filters, ...OFFLINE_FLAGS], {
        log: `build-${workspace.replace('/', '-')}`,
        env: OFFLINE,
      });
      mkdirSync(dirname(stamp), { recursive: true });
      writeFileSync(stamp, built);
    },
  };
}

// Nothing here reports to anyone.
const OFFLINE_FLAGS = ['--cache=local:rw,remote:', '--ui=stream', '--output-logs=new-only'];
const OFFLINE = {
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
};

/** One hash of all sources, by path and content: 10 ms, whether git is there or not. */
export function hashOf(folder, paths) {
  const hash = createHash('sha256');
  const add = (path) => {
    const absolute = join(folder, path);
    if (!existsSync(absolute)) return;
    const entries = readdirSync(absolute, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (NOT_SOURCES.test(entry.name)) continue;
      const child = join(path, entry.name);
      if (entry.isDirectory()) add(child);
      else if (entry.isFile()) addFile(child);
    }
  };
  const addFile = (path) => hash.update(`\0${path}\0`).update(readFileSync(join(folder, path)));
  for (const path of paths) {
    if (SHARED.includes(path)) addFile(path);
    else add(path);
  }
  return hash.digest('hex');
}
