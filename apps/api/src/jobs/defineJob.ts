import { type PluginNote, parseParameters, requirePlugins } from '@trojanscope/core';
import type { JobKind } from '@trojanscope/schema';
import type { z } from 'zod';
import type { Blobs } from '../blobs/blobs.js';
import type { Work } from '../forecast/work.js';
import type { Fork } from '../processes/forkQuietly.js';
import type { Db } from '../store/database.js';
import type { EntityType } from '../store/ids.js';
import { insertJob, type Job, type NewJob, noteProgress, type Progress, writeJobLog } from '../store/jobs.js';

/** What a running job may use. */
export interface JobContext {
  job: Job;
  db: Db;
  blobs: Blobs;
  fork: Fork;
  /** Fires when the job was cancelled. */
  signal: AbortSignal;
  /** Tells the server what changed, after it was committed. */
  changed(type: EntityType, id: string): void;
  /** Notes progress, at most five times a second: what comes sooner within a stage is dropped, as the next one tells more. */
  progress(progress: Progress): Promise<void>;
  /**
   * Saves everything that `write` does, with the progress, or nothing.
   * @throws LostJobError where the job is no longer this worker's
   */
  save(progress: Progress, write: (db: Db) => Promise<void>): Promise<void>;
  /** Saves what no later attempt does again. A run of crashes ends here: the job gets on. */
  keep(progress: Progress, write: (db: Db) => Promise<void>): Promise<void>;
}

/** The job was cancelled or given to another worker: stop, and write nothing. */
export class LostJobError extends Error {}

/** How much a job computes, in what is counted of it. */
export type Amount = Pick<Work, 'classified' | 'outcomes' | 'explained'>;

/** A kind of job, as those who know only its name take it. */
export interface JobDefinition<Kind extends JobKind = JobKind> {
  kind: Kind;
  /** Whether the job's model is of its making: by training, or by import. */
  makesModel: boolean;
  workOf(db: Db, job: Job): Promise<Partial<Amount>>;
  /**
   * @throws TrojanscopeError BAD_USER_INPUT where the payload is none of this kind; CONFLICT where a plugin that it was
   *   queued with is not here, or is another by now
   */
  run(payload: unknown, context: JobContext): Promise<void>;
}

/** A kind of job: its payload's schema, checked when it starts, and what it does: load, call core, save. No maths. */
export function defineJob<Kind extends JobKind, Payload extends Record<string, unknown>, About>(own: {
  kind: Kind;
  /** What it works at, in words. */
  title(about: About): string;
  payload: z.ZodType<Payload>;
  run(payload: Payload, context: JobContext): Promise<void>;
  workOf?(db: Db, job: Job): Promise<Partial<Amount>>;
  makesModel?: true;
}) {
  return {
    makesModel: false,
    workOf: async () => ({}),
    ...own,
    async run(given: unknown, context: JobContext) {
      const { plugins, ...payload } = given as { plugins?: PluginNote[] };
      requirePlugins(plugins);
      await own.run(parseParameters(own.payload, payload, ['payload']), context);
    },
    /** @returns the id of a new queued job */
    queue: (
      db: Db,
      about: About,
      payload: Payload,
      { plugins, ...more }: Omit<NewJob, 'kind' | 'title' | 'payload'> & { plugins?: PluginNote[] },
    ) =>
      insertJob(db, {
        kind: own.kind,
        title: own.title(about),
        // Beside what the job is given: which code it was given to.
        payload: plugins ? { ...payload, plugins } : payload,
        ...more,
      }),
  } satisfies JobDefinition<Kind> & Record<string, unknown>;
}

/** The context's database half. */
export function createSaving(
  db: Db,
  job: Job,
  changed: JobContext['changed'],
): Pick<JobContext, 'progress' | 'save' | 'keep'> {
  let last = 0;
  const milestone = milestones();
  const saveWith = (more: { crashes?: 0 }): JobContext['save'] =>
    async function save(progress, write) {
      await db.transaction().execute(async (transaction) => {
        if (!(await noteProgress(transaction, job, { ...progress, ...more }))) throw new LostJobError();
        await write(transaction);
        const line = milestone(progress);
        if (line) await writeJobLog(transaction, job.id, line);
      });
      changed('Job', job.id);
    };
  return {
    async progress(progress) {
      const time = performance.now();
      const line = milestone(progress);
      if (!line && time - last < 200) return;
      last = time;
      if (!(await noteProgress(db, job, progress))) throw new LostJobError();
      if (line) await writeJobLog(db, job.id, line);
      changed('Job', job.id);
    },
    save: saveWith({}),
    keep: saveWith({ crashes: 0 }),
  };
}

/** What of the progress is worth a line of the log: each stage, and each tenth of what it counts. */
function milestones(): (progress: Progress) => string | undefined {
  let told = '';
  return ({ stage = '', done = 0, total = 0, unit = '' }) => {
    const tenth = total > 0 ? Math.floor((10 * done) / total) : 0;
    const reached = `${stage} ${tenth}`;
    if (stage === '' || reached === told) return undefined;
    told = reached;
    return total > 0 ? `${stage}: ${done} of ${total} ${unit}` : stage;
  };
}
