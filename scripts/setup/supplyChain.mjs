/**
 * Packages that bring a script for their installation. Set-up runs none of them: it builds what it needs of these itself,
 * or does without.
 */
const WITH_SCRIPTS = ['@apollo/protobufjs', '@tensorflow/tfjs-node-gpu', 'better-sqlite3', 'core-js'];

/** Below these a package that reads what strangers send is known to be open to attack, or to hang on a hostile file. */
const OLDEST = {
  '@apollo/server': '5.5.0',
  express: '5.1.0',
  graphql: '16.10.0',
  'graphql-ws': '6.0.0',
  next: '16.0.10',
  sharp: '0.34.0',
  ws: '8.17.1',
  yauzl: '3.3.0',
};

/** By their numbers: 1.9.0 is older than 1.10.0. */
export const isOlder = (version, than) => {
  const [a, b] = [version, than].map((text) => text.split('-')[0].split('.').map(Number));
  const i = a.findIndex((part, at) => part !== b[at]);
  return i >= 0 && a[i] < b[i];
};

/**
 * What is wrong with a lock: packages without a hash, addresses that tie it to one registry, scripts that nobody allowed,
 * versions that are too old, dependencies that it lacks.
 * @param {{ packages: Record<string, any> }} lock
 * @param {(name: string) => any} read a JSON file of the repository
 * @returns {string[]}
 */
export function complaintsAbout(lock, read) {
  const complaints = [];
  const entries = Object.entries(lock.packages);
  const packages = entries.filter(([path, { link }]) => path.includes('node_modules/') && !link);
  for (const [path, { integrity, resolved, hasInstallScript, version }] of packages) {
    const name = path.split('node_modules/').at(-1);
    if (!/^sha512-/.test(integrity ?? '')) complaints.push(`${path} has no SHA-512.`);
    if (resolved) complaints.push(`${path} names where it comes from.`);
    if (hasInstallScript && !WITH_SCRIPTS.includes(name)) complaints.push(`${path} has an install script.`);
    if (OLDEST[name] && isOlder(version, OLDEST[name]))
      complaints.push(`${path} is ${version}; expected ${OLDEST[name]} or newer.`);
  }
  for (const [path, locked] of entries.filter(
    ([path, { link }]) => !path.includes('node_modules/') && !link,
  )) {
    const declared = read(`${path ? `${path}/` : ''}package.json`);
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
      const [asked, known] = [declared[kind] ?? {}, locked[kind] ?? {}];
      for (const name of new Set([...Object.keys(asked), ...Object.keys(known)]))
        if (asked[name] !== known[name])
          complaints.push(`${path || 'the root'}: ${name} is not locked as asked for.`);
    }
  }
  return complaints;
}
