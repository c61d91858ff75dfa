import { Worker } from 'node:worker_threads';
import { PIPE } from './signsOfLife.js';

const EVERY_MS = 20;

/**
 * Ends this process as soon as it has more than `bytes` of memory, and says on its way how much: a thread of its own looks,
 * however busy the main one is. Memory that is in use counts, not addresses: `ulimit -v` cannot tell what is used from
 * the tens of gigabytes that V8 and TensorFlow reserve.
 */
export function limitMemory(bytes: number): void {
  const code = `
    const look = () => {
      const resident = process.memoryUsage.rss();
      if (resident <= ${bytes}) return;
      require('node:fs').writeSync(${PIPE}, resident + '\\n');
      process.kill(process.pid, 'SIGKILL');
    };
    look();
    setInterval(look, ${EVERY_MS});`;
  new Worker(code, { eval: true }).unref();
}
