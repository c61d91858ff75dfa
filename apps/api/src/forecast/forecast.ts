import type { JobKind } from '@trojanscope/schema';
import type { JobQueue } from '../queue/jobQueue.js';
import type { Db } from '../store/database.js';
import { finishedWork, type JobWithWork, lastTurns, unfinishedWork, unmetNeeds } from '../store/durations.js';
import { URGENT } from '../store/jobs.js';
import { alikeKey, median } from './alike.js';
import { countExplained } from './work.js';

/** When queued jobs will have their turn, as far as can be told from what finished jobs took on this machine. */

export interface Forecast {
  /** Place in the queue, from 1. */
  position: number;
  /** Until it starts; null where something before it was never measured here, or it waits in vain. */
  startsInSeconds: number | null;
  /** How long it takes; null where nothing like it was measured here. */
  takesSeconds: number | null;
}

const MEASURED_JOBS = 500;
const MEASURED_OF_A_KIND = 10;

/** What jobs of a kind have in common that take alike for the same amount of work; and that amount. */
function workOf(job: JobWithWork): { like: string; amount: number } {
  const spec = job.spec ?? undefined;
  const like = [job.kind, spec && alikeKey(spec), job.kind === 'model' && spec?.backdoor?.attack];
  const values = job.values?.length ?? 0;
  const amounts: { [Kind in JobKind]?: number } = {
    model: spec?.recipe?.epochs,
    sweep: values * (job.samples ?? 0),
    explain: countExplained(job.payload) || job.explanations,
    largestRange: job.range_samples ?? undefined,
    detect: job.detection_queries ?? undefined,
  };
  return { like: like.join('/'), amount: amounts[job.kind] || 1 };
}

/** Seconds for a unit of work, by what jobs have in common: the median of the last ones. */
async function measuredPace(db: Db): Promise<Map<string, number>> {
  const paces = new Map<string, number[]>();
  for (const row of await finishedWork(db, MEASURED_JOBS)) {
    const { like, amount } = workOf(row);
    const seconds = (Date.parse(row.finished_at!) - Date.parse(row.started_at!)) / 1000;
    const known = paces.get(like) ?? [];
    // The clock may have been set back meanwhile.
    if (seconds < 0 || known.length >= MEASURED_OF_A_KIND) continue;
    paces.set(like, [...known, seconds / amount]);
  }
  return new Map([...paces].map(([like, known]) => [like, median(known, 'GREATER')!]));
}

/**
 * Plays the queue through as it will be taken.
 * @param queue whose jobs they are
 * @returns what is to be expected of every queued job, by its id
 */
export async function forecastQueue(
  db: Db,
  { workers, secondsRunning }: Pick<JobQueue, 'workers' | 'secondsRunning'>,
): Promise<Map<string, Forecast>> {
  const unfinished = await unfinishedWork(db);
  const queued = unfinished.filter(({ status }) => status === 'QUEUED');
  const forecasts = new Map<string, Forecast>();
  if (queued.length === 0) return forecasts;
  const pace = await measuredPace(db);
  const takes = (job: JobWithWork) => {
    const { like, amount } = workOf(job);
    const each = pace.get(like);
    return each === undefined ? null : each * amount;
  };
  const turnOf = await lastTurns(db);
  let turn = Math.max(...turnOf.values());
  const needs = await unmetNeeds(db);

  /** Seconds from now at which what has its place ends; null where that is not known. */
  const ends = new Map<string, number | null>();
  const free: (number | null)[] = Array(workers).fill(0);
  for (const [i, job] of unfinished.filter(({ status }) => status === 'RUNNING').entries()) {
    const whole = takes(job);
    const left = job.attempt > 1 || whole === null ? null : Math.max(0, whole - secondsRunning(job.id));
    ends.set(job.id, left);
    free[i % workers] = left;
  }

  // Of one person, in the order in which theirs are taken.
  const waiting = new Map<string | null, JobWithWork[]>();
  for (const job of [...queued].sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1)))
    waiting.set(job.created_by, [...(waiting.get(job.created_by) ?? []), job]);
  for (let next = pick(); next; next = pick()) {
    const slot = free.indexOf(earliest(free));
    const starts = latest([free[slot]!, ...needsOf(next).map((id) => ends.get(id)!)]);
    const takesSeconds = takes(next);
    free[slot] = starts === null || takesSeconds === null ? null : starts + takesSeconds;
    ends.set(next.id, free[slot]!);
    turnOf.set(next.created_by, ++turn);
    forecasts.set(next.id, { position: forecasts.size + 1, startsInSeconds: starts, takesSeconds });
  }
  // What waits for something that failed or was cancelled.
  for (const job of queued)
    if (!forecasts.has(job.id))
      forecasts.set(job.id, {
        position: forecasts.size + 1,
        startsInSeconds: null,
        takesSeconds: takes(job),
      });
  return forecasts;

  function needsOf({ id }: JobWithWork): string[] {
    return needs.get(id) ?? [];
  }

  function pick(): JobWithWork | undefined {
    let best: { job: JobWithWork; jobs: JobWithWork[] } | undefined;
    for (const jobs of waiting.values()) {
      const job = jobs.find((each) => needsOf(each).every((id) => ends.has(id)));
      if (job && (!best || isBefore(job, best.job))) best = { job, jobs };
    }
    best?.jobs.splice(best.jobs.indexOf(best.job), 1);
    return best?.job;
  }

  function isBefore(a: JobWithWork, b: JobWithWork): boolean {
    const urgency = Number(b.priority === URGENT) - Number(a.priority === URGENT);
    const turns = turnOf.get(a.created_by)! - turnOf.get(b.created_by)!;
    return (urgency || turns || b.priority - a.priority || (a.id < b.id ? -1 : 1)) < 0;
  }
}

/** The earliest of several times, some of them unknown. */
function earliest(times: (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length > 0 ? Math.min(...known) : null;
}

/** The last of several times; not known where one of them is not. */
const latest = (times: (number | null)[]): number | null =>
  times.includes(null) ? null : Math.max(...(times as number[]));
