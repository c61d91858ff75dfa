import { Worker } from 'node:worker_threads';
import { PIPE } from './signsOfLife.js';

const EVERY_MS = 20;

/**
 * Ends this process as soon as it has more than `bytes` of memory, and says on its way how much; or as soon as who
 * started it has ended. A thread of its own looks, however busy the main one is. Memory that is in use counts, not
 * addresses: `ulimit -v` cannot tell what is used from the gigabytes that V8 and TensorFlow reserve.
 */
export function limitMemory(bytes: number): void {
  const code = `
    const end = () => process.kill(process.pid, 'SIGKILL');
    const parent = process.ppid;
    const look = () => {
      if (process.ppid !== parent) return end();
      const resident = process.memoryUsage.rss();
      if (resident <= ${bytes}) return;
      require('node:fs').writeSync(${PIPE}, resident + '\\n');
      end();
    };
    look();
    setInterval(look, ${EVERY_MS});`;
  new Worker(code, { eval: true }).unref();
}
