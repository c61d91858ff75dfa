/** The rooms of the house and which may look into which (README, "How it is laid out"). */
const rooms = [
  'lib',
  'datasets',
  'architectures',
  'transforms',
  'training',
  'attacks',
  'inference',
  'implant',
  'sweep',
  'explain',
  'study',
];
const core = (names) => `^packages/core/src/(${names.join('|')})/`;
const mayNot = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: { path: to },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    mayNot(
      'core-stands-alone',
      '^packages/core',
      '^(packages/schema|apps)/',
      'Core knows no GraphQL, database or HTTP.',
    ),
    mayNot('schema-knows-core-only', '^packages/schema', '^apps/', 'The vocabulary knows no database.'),
    mayNot(
      'web-reads-the-schema-only',
      '^apps/web',
      '^(packages|apps/api)/',
      'The page knows generated types only.',
    ),
    ...rooms.slice(0, -1).map((room, i) => {
      const later = rooms.slice(i + 1).filter((other) => !peers(room, other));
      return mayNot(`${room}-looks-down-only`, core([room]), core(later), 'Inside core one direction.');
    }),
    {
      name: 'one-file-loads-the-engine',
      severity: 'error',
      comment: 'Everything else imports tf from lib/backend.ts.',
      from: { path: '^packages/core/src', pathNot: 'lib/backend\\.ts$' },
      to: { path: 'node_modules/@tensorflow/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.base.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(\\.test\\.ts$|/dist/)' },
  },
};

/** Definitions of data, networks and transforms stand side by side. */
function peers(a, b) {
  const level = ['datasets', 'architectures', 'transforms', 'training'];
  return level.includes(a) && level.includes(b);
}
