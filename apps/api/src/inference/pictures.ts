import type { ChildProcess } from 'node:child_process';
import { type ErrorCode, TrojanscopeError } from '@trojanscope/core';
import { forkQuietly } from '../queue/forkQuietly.js';

const PROCESS = new URL('./pictureProcess.js', import.meta.url);
const TIMEOUT_MS = 30_000;

export type PictureRequest = { id: string };
export type PictureReply = {
  id: string;
  png?: Buffer;
  missing?: true;
  error?: { message: string; code?: ErrorCode };
};

export interface Pictures {
  /**
   * The picture behind an outcome's or sample's id; undefined where there is no such thing.
   * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED
   */
  get(id: string): Promise<Buffer | undefined>;
  close(): void;
}

/**
 * Pictures that are made when somebody looks, in a process of their own with the engine and warm models. It starts at the
 * first look and is started again when it dies.
 */
export function createPictures(dataFolder: string): Pictures {
  let child: ChildProcess | undefined;
  const waiting = new Map<
    string,
    { promise: Promise<Buffer | undefined>; settle: (reply: PictureReply) => void }
  >();

  function start(): ChildProcess {
    const started = forkQuietly(PROCESS, [dataFolder]);
    started.on('message', (reply: PictureReply) => waiting.get(reply.id)?.settle(reply));
    const died = () => {
      if (child === started) child = undefined;
      for (const [id, { settle }] of waiting)
        settle({ id, error: { message: 'The process that draws pictures died.' } });
    };
    started.on('exit', died);
    // Whoever asks a process that is about to exit cannot be sent there.
    started.on('error', died);
    return started;
  }

  return {
    close: () => void child?.kill('SIGKILL'),
    get(id) {
      const known = waiting.get(id);
      if (known) return known.promise;
      let settle!: (reply: PictureReply) => void;
      const promise = new Promise<Buffer | undefined>((resolve, reject) => {
        const timer = setTimeout(
          () => settle({ id, error: { message: 'The picture took too long.' } }),
          TIMEOUT_MS,
        );
        settle = ({ png, missing, error }) => {
          clearTimeout(timer);
          waiting.delete(id);
          if (png) resolve(Buffer.from(png));
          else if (missing) resolve(undefined);
          else if (error?.code) reject(new TrojanscopeError(error.code, error.message));
          else reject(new Error(error?.message));
        };
      });
      waiting.set(id, { promise, settle });
      child ??= start();
      child.send({ id } satisfies PictureRequest);
      return promise;
    },
  };
}
