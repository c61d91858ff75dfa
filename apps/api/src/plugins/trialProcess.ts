import {
  type CheckedPlugins,
  importPlugin,
  PLUGINS,
  PLUGINS_CHECKED,
  trial,
  wordsOf,
} from '@trojanscope/core/pluginFolder';

/** The process that plugins are tried in: by `tryPlugins`, in whose environment they are named. */
export type FromTrial =
  /** What is at fault if this is the last that is heard: a file, or a definition as `attacks.mine`. */
  | { type: 'trying'; what: string }
  | { type: 'leftOut'; what: string; why: string }
  | { type: 'checked'; file: string; definition: string; check: string; error: string | null }
  | { type: 'done' };

const send = (message: FromTrial) =>
  new Promise((resolve) => {
    process.send!(message, resolve);
  });

process.on('disconnect', () => process.exit(1));
// Nobody waits for it.
process.on('unhandledRejection', () => {});
const folder = process.env[PLUGINS]!;
const { files, leftOut } = JSON.parse(process.env[PLUGINS_CHECKED]!) as CheckedPlugins;

// Each by itself first, so that one that does not end is known.
for (const name of Object.keys(files)) {
  if (leftOut[name]) continue;
  await send({ type: 'trying', what: name });
  await importPlugin(folder, name).catch((error) =>
    send({ type: 'leftOut', what: name, why: wordsOf(error) }),
  );
}

// What ends the process then is no plugin, unless one is asked.
await send({ type: 'trying', what: '' });
trial.asking = (file) => void send({ type: 'trying', what: file });
const { isInstalled, loadEngine, pluginFiles, useDataFolder } = await import('@trojanscope/core');
const { checksOf } = await import('@trojanscope/core/contract');
if (process.argv[2]) useDataFolder(process.argv[2]);
await send({ type: 'trying', what: '' });
// Without an engine a server starts too; then nothing is held against the contract.
const hasEngine = await loadEngine().then(
  () => true,
  () => false,
);
for (const { file, error, definitions } of pluginFiles) {
  if (error) await send({ type: 'leftOut', what: file, why: error });
  for (const { kind, id, error: refused } of definitions) {
    const what = `${kind}.${id}`;
    if (refused) {
      // By its file too: another's definition of that id may be in order.
      if (!leftOut[what])
        await send({ type: 'checked', file, definition: what, check: 'can be listed', error: refused });
      continue;
    }
    await send({ type: 'trying', what });
    const inTheWay =
      kind === 'datasets' && isInstalled(id)
        ? 'a data set of that id was imported here: call it otherwise'
        : null;
    await send({ type: 'checked', file, definition: what, check: 'can be listed', error: inTheWay });
    let why = inTheWay;
    for (const { name, run } of hasEngine ? checksOf(kind, id) : []) {
      await send({ type: 'trying', what });
      const fault = await Promise.resolve()
        .then(run)
        .then(() => null, wordsOf);
      await send({ type: 'checked', file, definition: what, check: name, error: fault });
      why ??= fault && `${name}: ${fault}`;
    }
    if (why) await send({ type: 'leftOut', what, why });
  }
}
await send({ type: 'done' });
process.exit(0);
