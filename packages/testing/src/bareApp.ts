const built = (name) => import(new URL(`../../dist/${name}`, import.meta.url).href);
const { createApp } = await built('app.js');
const { createEvents } = await built('events.js');
const { openDatabase } = await built('store/database.js');

/** The built app with nothing that computes: no worker, no inference. For a process of its own. */
export async function bareApp(
  dataFolder,
  { auth = { on: false, publicUrl: null }, events = createEvents() } = {},
) {
  const db = await openDatabase(dataFolder);
  const nothing = async () => undefined;
  const queue = {
    name: 'none',
    workers: 1,
    engine: () => undefined,
    secondsRunning: () => 0,
    workerBytes: () => 0,
    wake() {},
    abort() {},
    close: nothing,
  };
  const inference = { engine: () => undefined, picture: nothing, probe: nothing, close() {} };
  const parts = { db, dataFolder, queue, events, inference, version: 'test', auth };
  const options = { host: '127.0.0.1', allowHosts: [], pointsPerMinute: 0, timeoutMs: 10_000 };
  return { db, app: await createApp(parts, options) };
}
