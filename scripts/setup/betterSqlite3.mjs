import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileAddon, placeFile, sameFile } from './addon.mjs';
import { cache, lockedVersion, platform, root } from './places.mjs';

const folder = join(root, 'node_modules', 'better-sqlite3');
const installed = join(folder, 'build', 'Release', 'better_sqlite3.node');

/** Such an addon belongs to one ABI version of Node. */
const cached = () =>
  join(
    cache,
    `better-sqlite3-${lockedVersion('better-sqlite3')}-abi${process.versions.modules}-${platform}`,
    'better_sqlite3.node',
  );

export const betterSqlite3 = {
  title: () =>
    `${betterSqlite3.isCached() ? 'Placing' : 'Compiling'} SQLite (better-sqlite3) for Node ${process.versions.node}`,
  isCached: () => existsSync(cached()),
  isDone: () => sameFile(cached(), installed),
  async run() {
    if (!betterSqlite3.isCached()) {
      await compileAddon({
        log: 'better-sqlite3',
        packageFolder: folder,
        sources: ['binding.gyp', 'deps', 'src'],
        links: { 'objectWrap.h': fileURLToPath(new URL('objectWrap.h', import.meta.url)) },
        // Node's own -O3 takes a quarter more time for SQLite, whose authors release it with -O2.
        flags: { CFLAGS: '-O2', CXXFLAGS: '-include ../objectWrap.h' },
        product: 'better_sqlite3.node',
        expect: ['typeof addon.Database', 'function'],
        into: cached(),
      });
    }
    placeFile(cached(), installed);
  },
};
