import { setTimeout } from 'node:timers/promises';
import { TrojanscopeError } from '@trojanscope/core/definitions';
import { Command, Option } from 'commander';
import type { Api } from './asking/api.js';
import { JOB, type Job, jobWords, passing } from './asking/jobs.js';
import { type ApiOptions, addressed, withApi } from './asking/where.js';

interface Options extends ApiOptions {
  untilIdle?: boolean;
  work?: boolean;
}

/** `watch`: what runs and what is queued, as it goes on. */
export const watchCommand = (): Command =>
  addressed(
    new Command('watch')
      .option('--until-idle', 'end when nothing runs and nothing is queued; else Ctrl-C ends it')
      .addOption(
        new Option('--work', 'do what is queued here, in a data folder that no server has').conflicts(
          'server',
        ),
      ),
  ).action((given: Options) =>
    withApi(given, given.work ?? false, async (api, signal) => {
      if (given.work) await api.work();
      const screen = given.json ? jsonLines() : process.stdout.isTTY ? terminal(process.stdout) : lines();
      const answering = passing((words) => console.error(words));
      const seen = new Set<string>();
      let [failed, told] = [0, false];
      while (!signal.aborted) {
        const looked = await answering(async () => {
          const now = await look(api);
          return { now, ended: await endedOf(api, seen, now) };
        });
        if (looked) {
          const { now, ended } = looked;
          const waiting = now.jobs.length > 0 && now.jobs.every(({ status }) => status === 'QUEUED');
          if (!told && waiting && !api.server && !given.work)
            console.error('A server on this folder does what is queued, or `watch --work`.');
          told = true;
          for (const { id } of ended) seen.delete(id);
          for (const { id } of now.jobs) seen.add(id);
          screen(now, ended);
          failed += ended.filter(({ status }) => status === 'FAILED').length;
          if (given.untilIdle && now.jobs.length === 0) break;
        }
        await setTimeout(api.server ? 1_000 : 500, undefined, { signal }).catch(() => {});
      }
      if (given.untilIdle && signal.aborted)
        throw new TrojanscopeError('ABORTED', 'Stopped watching; nothing else is stopped.');
      if (given.untilIdle && failed > 0)
        throw new TrojanscopeError('CONFLICT', `${failed} jobs failed while this was watched.`);
    }),
  );

interface Now {
  jobs: Job[];
  /** Beyond those that are told of one by one. */
  more: number;
}

/** The running jobs, then the queued ones that are next. */
async function look(api: Api): Promise<Now> {
  const { running, queue, server } = await api.ask<{
    running: { nodes: Job[] };
    queue: Job[];
    server: { queuedJobs: number };
  }>(`{
    running: jobs(first: 64, filter: { status: [RUNNING] }, orderBy: { field: CREATED_AT, direction: ASC }) { nodes { ${JOB} } }
    queue { ${JOB} }
    server { queuedJobs runningJobs }
  }`);
  return { jobs: [...running.nodes, ...queue], more: Math.max(0, server.queuedJobs - queue.length) };
}

/** Those that were running or queued and are so no longer. */
async function endedOf(api: Api, seen: ReadonlySet<string>, { jobs }: Now): Promise<Job[]> {
  const ids = [...seen].filter((id) => !jobs.some((job) => job.id === id)).slice(0, 100);
  if (ids.length === 0) return [];
  const { nodes } = await api.ask<{ nodes: (Job | null)[] }>(
    `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Job { ${JOB} } } }`,
    { ids },
  );
  const gone = ids.filter((_, i) => !nodes[i]);
  return [
    ...nodes.flatMap((job) => (job && !['QUEUED', 'RUNNING'].includes(job.status) ? [job] : [])),
    ...gone.map((id) => ({ id, title: id, status: 'CANCELLED' }) as Job),
  ];
}

type Screen = (now: Now, ended: readonly Job[]) => void;

const endWords = ({ title, status, error }: Job) =>
  `${title}: ${status === 'SUCCEEDED' ? 'done' : status.toLowerCase()}${error ? `, ${error.message}` : ''}`;

/** What ended stays above, what stands is drawn anew below. */
function terminal(out: NodeJS.WriteStream): Screen {
  let drawn = 0;
  return ({ jobs, more }, ended) => {
    const [columns, rows] = [(out.columns || 80) - 1, Math.max(3, (out.rows || 24) - 2)];
    const shown = jobs.slice(0, rows).map((job) => jobWords(job, true).slice(0, columns));
    const rest = more + jobs.length - shown.length;
    if (rest > 0) shown.push(`and ${rest} more`);
    if (jobs.length === 0) shown.push('Nothing runs, and nothing is queued.');
    const up = drawn > 0 ? `\x1b[${drawn}A` : '';
    out.write(`${up}\r\x1b[J${[...ended.map(endWords), ...shown].join('\n')}\n`);
    drawn = shown.length;
  };
}

const LOG_MS = 10_000;

/** A line where a job begins a stage or ends, and every ten seconds. */
function lines(): Screen {
  const stages = new Map<string, { stage: string; at: number }>();
  let idle = false;
  return ({ jobs }, ended) => {
    for (const job of ended) console.log(endWords(job));
    for (const job of jobs) {
      const stage = `${job.status} ${job.progress?.stage}`;
      const before = stages.get(job.id);
      const at = performance.now();
      const quiet = job.status === 'QUEUED' || at - (before?.at ?? 0) < LOG_MS;
      if (before?.stage === stage && quiet) continue;
      stages.set(job.id, { stage, at });
      console.log(jobWords(job, false));
    }
    if (jobs.length === 0 && !idle) console.log('Nothing runs, and nothing is queued.');
    idle = jobs.length === 0;
  };
}

/** A line of JSON whenever something changed: what ended, then what stands. */
function jsonLines(): Screen {
  let last = '';
  return ({ jobs }, ended) => {
    const text = JSON.stringify({ jobs, ended });
    if (text !== last) console.log(text);
    last = text;
  };
}
