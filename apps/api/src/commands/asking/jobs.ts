import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { canonical, TrojanscopeError, VERSION } from '@trojanscope/core';
import { type Api, mutate, refused, thing } from './api.js';
import { NoAnswer } from './httpApi.js';
import { count, duration, printJson } from './print.js';
import { type ApiOptions, withApi } from './where.js';

export interface WaitOptions extends ApiOptions {
  /** False where only the id is asked for. */
  wait: boolean;
}

export const NO_WAIT = ['--no-wait', 'print the id, and wait for nothing'] as const;

export interface Progress {
  stage: string;
  done: number;
  total: number;
  unit: string;
  etaSeconds: number | null;
}
export interface Job {
  id: string;
  title: string;
  status: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  progress: Progress | null;
  queuePosition: number | null;
  startsInSeconds: number | null;
  error: { code: string; message: string } | null;
  waitsFor?: Job[];
}
const OWN = `id title status progress { stage done total unit etaSeconds } queuePosition startsInSeconds error { code message }`;
export const JOB = `${OWN} waitsFor { ${OWN} }`;

/** Something to be started, waited for and shown. */
export interface Work {
  mutation: string;
  /** The payload's field, and what is in it. */
  field: string;
  type: string;
  /** Whether it may lie in the trash. */
  deletable: boolean;
}
export interface Started {
  id: string;
  job: Pick<Job, 'id' | 'status'> & { waitsFor: Pick<Job, 'id' | 'status'>[] };
  deletedAt?: string | null;
}

/** Of the same words the same, so that what they started is found again. @param again how often it was made anew */
export function keyOf(input: object, again: number): string {
  const hash = createHash('sha256')
    .update(`${VERSION} ${canonical(input)}`)
    .digest('hex')
    .slice(0, 32);
  return `cli ${hash}${again ? ` ${again}` : ''}`;
}

/**
 * Starts something once: what the same words started before is found again, and goes on where it failed. What is in the
 * trash, or gone, is made anew.
 */
export async function startOnce(api: Api, work: Work, input: object): Promise<Started> {
  const { mutation, field, deletable } = work;
  const selection = `${field} { id ${deletable ? 'deletedAt' : ''} job { id status waitsFor { id status } } }`;
  const hash = createHash('sha256')
    .update(`${VERSION} ${canonical(input)}`)
    .digest('hex')
    .slice(0, 32);
  for (let again = 0; ; again++) {
    const idempotencyKey = `cli ${hash}${again ? ` ${again}` : ''}`;
    const payload = await mutate<Record<string, Started | null>>(
      api,
      mutation,
      { ...input, idempotencyKey },
      selection,
    );
    const started = payload[field];
    if (started && !started.deletedAt) return goOn(api, started);
  }
}

/** What is there is used; what failed or was cancelled is queued again. */
export async function goOn(api: Api, known: Started): Promise<Started> {
  const { id, job } = known;
  if (job.status === 'SUCCEEDED') console.error(`${id} was made before.`);
  const over = [job, ...job.waitsFor].find(({ status }) => ['FAILED', 'CANCELLED'].includes(status));
  if (over) {
    // With what it needs itself.
    await mutate(api, 'retryJob', { jobId: over.id }, 'job { id }');
    console.error(`${id} was begun before and goes on.`);
  }
  return known;
}

/** Starts work as the options say, waits for its end, and prints what came of it. */
export async function doWork<Result>(
  options: WaitOptions,
  work: Work & { selection: string; show(result: Result): string },
  inputOf: (api: Api) => Promise<object>,
): Promise<void> {
  await withApi(options, true, async (api, signal) => {
    const started = await startOnce(api, work, await inputOf(api));
    if (options.wait) await untilDone(api, [started.job.id], signal);
    else if (!api.server && started.job.status !== 'SUCCEEDED') console.error(LATER);
    if (!options.wait && !options.json) return console.log(started.id);
    const result = await thing<Result>(api, work.type, started.id, work.selection);
    if (options.json) printJson(result);
    else console.log(work.show(result));
  });
}

export const LATER = 'It is done by the next server, or command that waits, on this data folder.';

const LOOK_MS = { here: 300, server: 1_000 };
const PATIENCE_MS = 120_000;

/**
 * Asks again and again over what passes: a server that starts anew, or has no points left for this minute. Gives nothing
 * meanwhile, and up after two minutes.
 */
export function passing(tell: (words: string) => void) {
  let answeredAt = performance.now();
  return async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
    try {
      const answer = await ask();
      answeredAt = performance.now();
      return answer;
    } catch (error) {
      const passes =
        error instanceof NoAnswer || (error instanceof TrojanscopeError && error.code === 'RATE_LIMITED');
      if (!passes || performance.now() - answeredAt > PATIENCE_MS) throw error;
      tell(`${error.message} Trying again.`);
    }
  };
}

/**
 * Waits for the end of jobs, and tells how far they are.
 * @throws TrojanscopeError as a job failed; ABORTED where one was cancelled, or Ctrl-C came
 */
export async function untilDone(api: Api, ids: readonly string[], signal: AbortSignal): Promise<void> {
  const line = createJobLine(process.stderr);
  const answering = passing(line.tell);
  let worked = false;
  try {
    for (;;) {
      if (signal.aborted) throw stopped(api, ids);
      const jobs = await answering(() => jobsOf(api, ids));
      if (jobs) {
        for (const job of jobs) checkHope(job);
        line.update(jobs);
        if (jobs.every(({ status }) => status === 'SUCCEEDED')) return;
        if (!worked) await api.work();
        worked = true;
      }
      await setTimeout(api.server ? LOOK_MS.server : LOOK_MS.here, undefined, { signal }).catch(() => {});
    }
  } finally {
    line.end();
  }
}

async function jobsOf(api: Api, ids: readonly string[]): Promise<Job[]> {
  const { nodes } = await api.ask<{ nodes: (Job | null)[] }>(
    `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Job { ${JOB} } } }`,
    { ids },
  );
  return nodes.map((job, i) => {
    if (job) return job;
    throw new TrojanscopeError('NOT_FOUND', `The job ${ids[i]} is gone: somebody deleted what it was for.`);
  });
}

/** @throws TrojanscopeError where a job will never be done */
function checkHope(job: Job): void {
  for (const { status, title, error } of [job, ...(job.waitsFor ?? [])]) {
    if (status === 'FAILED')
      throw refused({ code: error?.code, message: `${title}: ${error?.message ?? 'it failed.'}` });
    if (status === 'CANCELLED')
      throw new TrojanscopeError(
        'ABORTED',
        `${title}: somebody cancelled it. The same command goes on from here.`,
      );
  }
}

const stopped = (api: Api, ids: readonly string[]) =>
  new TrojanscopeError(
    'ABORTED',
    api.server
      ? `No longer waiting; the server goes on with ${ids.join(', ')}. The same command waits again, and \`watch\` shows it.`
      : 'Stopped. The same command goes on from here.',
  );

const LOG_MS = 10_000;
const BAR = 20;

/** `█████▌    ` */
export function bar(part: number, width = BAR): string {
  const eighths = Math.round(Math.max(0, Math.min(1, part)) * width * 8);
  const rest = eighths % 8 ? ' ▏▎▍▌▋▊▉'[eighths % 8]! : '';
  return `${'█'.repeat(Math.floor(eighths / 8))}${rest}`.padEnd(width);
}

/** How a job stands, in one line. */
export function jobWords(
  { title, status, progress, queuePosition, startsInSeconds }: Job,
  withBar: boolean,
): string {
  if (status === 'QUEUED') {
    const place = queuePosition ? `, place ${queuePosition}` : '';
    const when = startsInSeconds ? `, starts in about ${duration(startsInSeconds)}` : '';
    return `${title}: queued${place}${when}`;
  }
  if (status !== 'RUNNING' || !progress) return `${title}: ${status.toLowerCase()}`;
  const { stage, done, total, unit, etaSeconds } = progress;
  const facts = [stage || 'starting'];
  if (total > 0) facts.push(`${count(done)} of ${count(total)} ${unit}`.trim());
  if (etaSeconds !== null && done < total) facts.push(`about ${duration(etaSeconds)} to go`);
  const part = total > 0 ? done / total : 0;
  const drawn = withBar ? `${bar(part)} ` : '';
  return `${title}: ${drawn}${total > 0 ? `${Math.floor(100 * part)} % ` : ''}${facts.join(', ')}`;
}

/** On a terminal one line, rewritten; else a line for each new stage, and every ten seconds. */
function createJobLine(out: NodeJS.WriteStream) {
  let [shownAt, shownStage, open] = [Number.NEGATIVE_INFINITY, '', false];
  function write(words: string): void {
    open = true;
    out.write(out.isTTY ? `\r\x1b[2K${words.slice(0, (out.columns || 80) - 1)}` : `${words}\n`);
  }
  return {
    tell: write,
    update(jobs: readonly Job[]): void {
      const standing = jobs.flatMap((job) => [job, ...(job.waitsFor ?? [])]);
      const job =
        standing.find(({ status }) => status === 'RUNNING') ??
        standing.find(({ status }) => status === 'QUEUED');
      if (!job) return;
      const stage = `${job.id} ${job.status} ${job.progress?.stage}`;
      const at = performance.now();
      if (!out.isTTY && stage === shownStage && at - shownAt < LOG_MS) return;
      [shownAt, shownStage] = [at, stage];
      write(jobWords(job, out.isTTY));
    },
    end(): void {
      if (open && out.isTTY) out.write('\n');
    },
  };
}
