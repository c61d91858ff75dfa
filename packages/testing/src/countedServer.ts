// A server whose subscriptions can be counted and whose events can be made: forked by subscribers.ts with a data folder.
// It computes nothing.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createEvents, type Events } from '@trojanscope/api/events';
import { bareApp } from './bareApp.js';

const [dataFolder] = process.argv.slice(2);

const real = createEvents();
let iterators = 0;
const events: Events = {
  emit: real.emit,
  changes(signal, id) {
    iterators++;
    signal.addEventListener('abort', () => iterators--);
    return real.changes(signal, id);
  },
};

const { app, db } = await bareApp(dataFolder!, { events });
app.server.listen(0, '127.0.0.1');
await once(app.server, 'listening');
process.send!({ url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` });

let timer: NodeJS.Timeout | undefined;
process.on('message', async (message: 'count' | 'stop' | { everyMs: number }) => {
  if (message === 'count') process.send!({ iterators, rssMb: process.memoryUsage().rss / 2 ** 20 });
  if (typeof message === 'object') {
    clearInterval(timer);
    // The id says when it was made, and no two are the same.
    if (message.everyMs > 0)
      timer = setInterval(
        () => events.emit('Job', `job_${performance.timeOrigin + performance.now()}`),
        message.everyMs,
      );
  }
  if (message === 'stop') {
    clearInterval(timer);
    await app.close();
    await db.destroy();
    process.exit(0);
  }
});
process.on('disconnect', () => process.exit(1));
