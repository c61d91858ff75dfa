/**
 * The rooms of the house (README, "How it is laid out"). In each package a room may look at those above it in its list,
 * never at those below, so that no circle can arise. A file at the top of `src` is a room of its own.
 */
const ROOMS = {
  'packages/core/src': [
    'lib',
    // Definitions of data, networks and transforms stand side by side.
    ['datasets', 'architectures', 'transforms', 'training'],
    'onnx',
    'attacks',
    'explainers',
    'requests.ts',
    'inference',
    'implant',
    'sweep',
    'detect',
    'explain',
    'study',
    'definitions.ts',
    'evaluation.ts',
    'index.ts',
    'testing',
  ],
  'apps/api/src': [
    'viewer.ts',
    'log.ts',
    'blobs',
    'store',
    'localPath.ts',
    'config.ts',
    'hosts.ts',
    'basePath.ts',
    'events.ts',
    'rateLimits.ts',
    'auth',
    'processes',
    'queue',
    'drivers.ts',
    'forecast',
    'inference',
    'archives',
    'datasets',
    'uploads',
    'bundles',
    'jobs',
    'tables',
    'studies',
    'slowReaders.ts',
    'graphql',
    'downloads',
    'http',
    'metrics.ts',
    'app.ts',
    'backup',
    'commands',
    'doctor.ts',
    'cli.ts',
    'housekeeping.ts',
    'server.ts',
    'worker.ts',
  ],
  'apps/web/src': [
    'fonts',
    'basePath.ts',
    'graphql',
    'format',
    'lib',
    'theme',
    'charts',
    'export',
    'ui',
    'session',
    'controls',
    'features/curation',
    'features/comparison',
    'features/jobs',
    'features/explanations',
    'features/outcomes',
    'features/sweeps',
    'features/curves',
    'features/import',
    'features/datasets',
    'features/api',
    'features/accounts',
    'shell',
    'features/models',
    'features/defences',
    'features/studies',
    'features/composer',
    'features/create',
    'features/overview',
    'features/probe',
    'app',
  ],
};

const anyOf = (folder, rooms) =>
  `^${folder}/(${rooms.map((room) => (room.endsWith('.ts') ? `${room.replace('.', '\\.')}$` : `${room}/`)).join('|')})`;
const rule = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });
const mayNot = (name, from, to, comment) => rule(name, { path: from }, { path: to }, comment);

const downOnly = Object.entries(ROOMS).flatMap(([folder, levels]) => [
  ...levels.slice(0, -1).flatMap((level, i) =>
    [level].flat().map((room) => {
      const later = levels.slice(i + 1).flat();
      return mayNot(
        `${folder}/${room}-looks-down-only`,
        anyOf(folder, [room]),
        anyOf(folder, later),
        'See the order of rooms in .dependency-cruiser.cjs.',
      );
    }),
  ),
  rule(
    `${folder}-has-listed-rooms-only`,
    { path: `^${folder}/`, pathNot: anyOf(folder, levels.flat()) },
    {},
    'A new room takes its place in the list of .dependency-cruiser.cjs.',
  ),
]);

module.exports = {
  forbidden: [
    rule('no-cycles', {}, { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }),
    mayNot(
      'core-stands-alone',
      '^packages/core',
      '^(packages/(?!core)|apps/)',
      'Core knows no GraphQL, database or HTTP.',
    ),
    mayNot(
      'report-knows-core-only',
      '^packages/report',
      '^(packages/(?!core|report)|apps/)',
      'Numbers in, pages out.',
    ),
    mayNot(
      'schema-knows-core-only',
      '^packages/schema',
      '^(packages/(?!core|schema)|apps/)',
      'It knows no database.',
    ),
    mayNot(
      'web-reads-the-schema-only',
      '^apps/web',
      '^(packages|apps/api)/',
      'Pages know generated types only.',
    ),
    mayNot(
      'only-tests-know-the-test-helpers',
      '^(apps|packages/(?!testing))',
      '^packages/testing',
      'What is shipped needs none of them.',
    ),
    ...downOnly,
    rule(
      'one-file-loads-the-engine',
      { path: '^packages/core/src', pathNot: 'lib/backend\\.ts$' },
      { path: 'node_modules/@tensorflow/' },
      'Everything else imports tf from lib/backend.ts.',
    ),
  ],
  options: {
    // Packages are resolved to their sources there, so that an arrow between packages is seen whether built or not.
    tsConfig: { fileName: 'tsconfig.layers.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.test\\.tsx?$' },
  },
};
