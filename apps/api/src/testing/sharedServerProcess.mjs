/** sharedServer.mjs’s other half: the built app with cheap passwords and a queue that starts nothing. */
const built = (name) => import(new URL(`../../dist/${name}`, import.meta.url).href);
const { createApp } = await built('app.js');
const { createLoginLimits } = await built('auth/loginLimits.js');
const { createPasswords } = await built('auth/passwords.js');
const { createEvents } = await built('events.js');
const { openDatabase } = await built('store/database.js');

const { data, publicUrl } = JSON.parse(process.argv[2]);
const auth = {
  on: true,
  publicUrl: publicUrl ? new URL(publicUrl) : null,
  passwords: createPasswords(4),
  limits: createLoginLimits(),
};
const queue = {
  name: 'none',
  engine: () => undefined,
  workerBytes: () => 0,
  wake() {},
  abort() {},
  close: async () => {},
};
const inference = { picture: async () => undefined, probe: async () => undefined, close() {} };
const db = await openDatabase(data);
const parts = { db, queue, events: createEvents(), inference, version: 'test', auth };
const options = {
  dataFolder: data,
  host: '127.0.0.1',
  allowHosts: [],
  pointsPerMinute: 0,
  timeoutMs: 10_000,
};
const app = await createApp(parts, options);
app.server.listen(0, '127.0.0.1', () => process.send(app.server.address().port));
process.on('disconnect', () => process.exit(0));
