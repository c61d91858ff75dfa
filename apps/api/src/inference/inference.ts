import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  type EngineInfo,
  type ErrorCode,
  type ProbeRequest,
  type ProbeResult,
  type ShownViews,
  TrojanscopeError,
} from '@trojanscope/core';
import type { Fork } from '../processes/forkQuietly.js';

const PROCESS = new URL('./inferenceProcess.js', import.meta.url);
const TIMEOUT_MS = 30_000;

/** What the process is asked for, and what it answers: a PNG, a probe, views, or nothing where there is no such thing. */
export type InferenceRequest = { key: string } & (
  | { picture: string }
  | { views: string }
  | { modelId: string; probe: ProbeRequest }
);
export interface InferenceReply {
  key: string;
  result?: Buffer | ProbeResult | ShownViews;
  error?: { message: string; code?: ErrorCode; field?: (string | number)[] };
}

/** What it tells once, before its first answer that needs an engine. */
export interface EngineNote {
  engine: EngineInfo;
}

export interface Inference {
  /** What computes, once the process told. */
  engine(): EngineInfo | undefined;
  /**
   * The picture behind the id of an outcome, a sample, or what a detector judged; undefined where there is no such thing.
   * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED
   */
  picture(id: string): Promise<Buffer | undefined>;
  /**
   * One sample through one trained model. Nothing is stored.
   * @throws TrojanscopeError BAD_USER_INPUT, UNSUPPORTED, DATA_MISSING, DATA_DAMAGED
   */
  probe(modelId: string, request: ProbeRequest): Promise<ProbeResult>;
  /**
   * What a detector asked about an image that it judged, asked again. Nothing is stored.
   * @throws TrojanscopeError NOT_FOUND, UNSUPPORTED, DATA_MISSING, DATA_DAMAGED
   */
  views(imageId: string): Promise<ShownViews>;
  close(): void;
}

/**
 * What is computed when somebody looks, in a process of its own with the engine and warm models. It starts at the first
 * look and is started again when it dies.
 */
export function createInference(fork: Fork): Inference {
  let child: ChildProcess | undefined;
  let engine: EngineInfo | undefined;
  interface Waiting {
    promise: Promise<InferenceReply['result']>;
    settle: (reply: InferenceReply) => void;
  }
  const waiting = new Map<string, Waiting>();

  function start(): ChildProcess {
    const started = fork(PROCESS);
    started.on('message', (message: InferenceReply | EngineNote) => {
      if ('engine' in message) engine = message.engine;
      else waiting.get(message.key)?.settle(message);
    });
    const died = () => {
      if (child === started) child = undefined;
      for (const [key, { settle }] of waiting)
        settle({ key, error: { message: 'The process that looks at images died.' } });
    };
    started.on('exit', died);
    // A request cannot go to a process that is about to exit.
    started.on('error', died);
    return started;
  }

  function ask(request: InferenceRequest): Promise<InferenceReply['result']> {
    const { key } = request;
    const known = waiting.get(key);
    if (known) return known.promise;
    let settle!: Waiting['settle'];
    const promise = new Promise<InferenceReply['result']>((resolve, reject) => {
      const timer = setTimeout(
        () => settle({ key, error: { message: 'The answer took too long.' } }),
        TIMEOUT_MS,
      );
      settle = ({ result, error }) => {
        clearTimeout(timer);
        waiting.delete(key);
        if (!error) resolve(result);
        else if (error.code) reject(new TrojanscopeError(error.code, error.message, error.field));
        else reject(new Error(error.message));
      };
    });
    waiting.set(key, { promise, settle });
    child ??= start();
    child.send(request);
    return promise;
  }

  return {
    engine: () => engine,
    close: () => void child?.kill('SIGKILL'),
    async picture(id) {
      // One picture that many look at is drawn once.
      const png = (await ask({ key: id, picture: id })) as Uint8Array | undefined;
      return png && Buffer.from(png);
    },
    // As a picture: what many look at is asked once.
    views: (views) => ask({ key: `views of ${views}`, views }) as Promise<ShownViews>,
    probe: (modelId, probe) => ask({ key: randomUUID(), modelId, probe }) as Promise<ProbeResult>,
  };
}
