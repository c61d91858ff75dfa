import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { VERSION } from '@trojanscope/core';
import { createApp } from './app.js';
import { createAuth } from './auth/auth.js';
import { refusalToListen } from './auth/binding.js';
import { renewOneTimeToken } from './auth/firstAdmin.js';
import { openDemo } from './backup/demo.js';
import { readConfig } from './config.js';
import { openDrivers, openQueue } from './drivers.js';
import { startHousekeeping } from './housekeeping.js';
import { createInference } from './inference/inference.js';
import { start } from './jobs/start.js';
import { runStudy } from './jobs/study.js';
import { configureLog } from './log.js';
import { EXIT_CONFIG, endStart } from './store/dataFolder.js';
import { hasJobs } from './store/jobs.js';
import { lockDataFolder } from './store/lock.js';
import { SERVER } from './viewer.js';

/** The one process that a user starts: it serves, and forks the processes that compute. */
const config = await refusing(() => readConfig(process.argv.slice(2)));
const refusal = await refusalToListen(config.host, config.auth);
if (refusal) {
  console.error(refusal);
  process.exit(EXIT_CONFIG);
}
configureLog(config.log);
const dataFolder = config.demo ? await refusing(openDemo) : config.dataFolder;
const lock = await refusing(() => lockDataFolder(dataFolder));
const drivers = await refusing(() => openDrivers(dataFolder));
const { db, blobs, events, rateLimits, fork } = drivers;

if (config.quickstart && !config.demo && !(await hasJobs(db))) {
  const first = { preset: 'quickstart', seed: 1, seeds: 1, idempotencyKey: 'first start' } as const;
  await start(runStudy, first, { db, viewer: SERVER });
  console.log('The data folder is empty: the quickstart study is queued.');
}

const house = await refusing(() => startHousekeeping(db, blobs, config.trashDays));
const queue = await refusing(() => openQueue(drivers, config.jobs));
const inference = createInference(fork);
const auth = createAuth({ on: config.auth, publicUrl: config.publicUrl }, rateLimits);
const demoFolder = config.demo ? dataFolder : null;
const parts = { db, blobs, queue, events, rateLimits, inference, version: VERSION, auth, demoFolder };
const app = await createApp(parts, config);

app.server.on('error', (error: NodeJS.ErrnoException) => {
  const inUse = error.code === 'EADDRINUSE';
  console.error(
    inUse
      ? `Port ${config.port} on ${config.host} is in use. Stop what uses it, or choose another: npm start -- ${config.demo ? '--demo ' : ''}--port ${(config.port % 65_535) + 1}`
      : `The server cannot listen on ${config.host}:${config.port}: ${error.message}. Choose another with --host (HOST) and --port (PORT).`,
  );
  void queue.close().then(() => process.exit(EXIT_CONFIG));
});
app.server.listen(config.port, config.host);
await once(app.server, 'listening');
const { port } = app.server.address() as AddressInfo;
const host = config.host.includes(':') ? `[${config.host}]` : config.host;
const oneTimeToken = config.auth ? await renewOneTimeToken(db) : null;
if (oneTimeToken) {
  // Only for the person who starts the server: it goes to no log.
  console.log(
    `There is no admin yet. This token makes the first one (docs/accounts.md); it works once, until the next start:\n  ${oneTimeToken}`,
  );
}
console.log(`trojanscope ${VERSION} is at http://${host}:${port} (data in ${dataFolder}; Ctrl-C stops it)`);
if (config.demo)
  console.log(
    'This is the demo: what the study paper-mnist came to. Try what you like: this data is a copy of its own, removed when the server stops. Yours begins with: npm start',
  );

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    void stop();
  });
}

async function stop(): Promise<void> {
  console.log(
    config.demo
      ? 'Stopping. The demo’s data is removed.'
      : 'Stopping. What is running goes on at the next start.',
  );
  await queue.close();
  await app.close();
  inference.close();
  house.close();
  await db.destroy();
  lock.release();
  process.exit(0);
}

async function refusing<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    endStart(error);
  }
}
