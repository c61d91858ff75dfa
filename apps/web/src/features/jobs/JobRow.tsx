import { Progress } from '@mantine/core';
import { count, counted } from '../../format/count';
import { duration, secondsBetween } from '../../format/duration';
import { moment } from '../../format/moment';
import type { Job } from '../../graphql/fragments';
import { links } from '../../lib/links';
import { isUnfinished } from '../../lib/statuses';
import { InternalLink } from '../../ui/InternalLink';
import { StatusMark } from '../../ui/StatusMark';
import { JobActions } from './JobActions';
import classes from './JobRow.module.css';
import { type JobProgress, useJobProgress } from './useJobProgress';

/** One job: what it is, how far, how long still, and why not. */
export function JobRow({ job, dated }: { job: Job; dated: boolean }) {
  const live = useJobProgress(job.id, job.status === 'RUNNING');
  const progress = live ?? job.progress;
  return (
    <tr className={classes.row} data-status={job.status}>
      <td className={classes.status}>
        <StatusMark status={job.status} />
      </td>
      <td className={classes.what}>
        <JobTitle job={job} />
        <JobNote job={job} progress={progress} />
      </td>
      <td className={classes.progress}>
        <JobMeter job={job} progress={progress} />
      </td>
      <td className={classes.time}>
        {timeWords(job, progress)}
        {dated && (
          <time dateTime={job.finishedAt ?? job.createdAt} className={classes.date}>
            {moment(job.finishedAt ?? job.createdAt)}
          </time>
        )}
      </td>
      <td className={classes.actions}>
        <JobActions key={job.status} job={job} />
        <InternalLink href={links.job(job.id)} className={classes.log} aria-label={`Log: ${job.title}`}>
          Log
        </InternalLink>
      </td>
    </tr>
  );
}

type Progressed = Omit<JobProgress, 'status'> | null;

/** How much of what there is to do is done; nothing where it is all. */
export function JobMeter({ job, progress }: { job: Job; progress: Progressed }) {
  if (!progress || progress.total === 0 || job.status === 'SUCCEEDED') return null;
  return (
    <>
      <Progress
        size={4}
        value={(100 * progress.done) / progress.total}
        aria-label={`Progress of ${job.title}`}
        color={job.status === 'RUNNING' ? 'var(--right)' : 'var(--line-strong)'}
      />
      <span className={classes.counts}>
        {count(progress.done)} / {count(progress.total)} {progress.unit}
      </span>
    </>
  );
}

/** How long it will still take or wait, or took. */
export function timeWords(job: Job, progress: Progressed): string | null {
  const { status, startsInSeconds, startedAt, finishedAt } = job;
  if (status === 'RUNNING' && progress?.etaSeconds != null) return `≈ ${duration(progress.etaSeconds)} left`;
  if (status === 'QUEUED' && startsInSeconds !== null)
    return startsInSeconds < 1 ? 'next' : `in ≈ ${duration(startsInSeconds)}`;
  if (status === 'SUCCEEDED' && startedAt && finishedAt)
    return `took ${duration(secondsBetween(startedAt, finishedAt))}`;
  return null;
}

function JobTitle({ job: { id, title, sweep, model } }: { job: Job }) {
  if (sweep) return <InternalLink href={links.sweep(sweep.id)}>{title}</InternalLink>;
  if (model) return <InternalLink href={links.model(model.id)}>{title}</InternalLink>;
  return <InternalLink href={links.job(id)}>{title}</InternalLink>;
}

/** The small print: why it waits, what it does, why it failed. */
function JobNote({ job, progress }: { job: Job; progress: Progressed }) {
  const attempt = job.attempt > 1 ? `attempt ${job.attempt}` : null;
  if (job.status === 'FAILED') {
    return (
      <span className={classes.error}>
        {failureWords(job)}
        {attempt && ` (${attempt})`}
      </span>
    );
  }
  const words = [modelWords(job), noteWords(job, progress), attempt, whoWords(job)]
    .filter(Boolean)
    .join(', ');
  return words ? <span className={classes.note}>{words}</span> : null;
}

export const failureWords = ({ error }: Job) => error?.message ?? 'It failed without saying why.';

/** Which model it is about, where the title does not say. */
const modelWords = ({ kind, model }: Job) => (kind !== 'MODEL' && model ? model.name : null);

/** Who started it; on a server without accounts nobody has a name. */
const whoWords = ({ createdBy }: Job) =>
  createdBy && createdBy.name !== createdBy.id ? `by ${createdBy.name}` : null;

const stuckWords: Partial<Record<Job['status'], string>> = { CANCELLED: 'was cancelled', FAILED: 'failed' };

/** What it does, or why it waits. */
export function noteWords(job: Job, progress: Progressed): string | null {
  if (job.status === 'RUNNING') return progress?.stage ?? 'starting';
  if (job.status !== 'QUEUED') return null;
  const place = job.queuePosition === null ? null : `place ${job.queuePosition} in the queue`;
  // One that will not come of itself is named before those that will.
  const [first, ...more] = [...job.waitsFor].sort(
    (a, b) => +isUnfinished(a.status) - +isUnfinished(b.status),
  );
  const stuck = first && stuckWords[first.status];
  const others = more.length > 0 ? `${stuck ? ',' : ''} and ${counted(more.length, 'more job')}` : '';
  const waits = first && `waits for ${first.title}${stuck ? `, which ${stuck}` : ''}${others}`;
  return [place, waits].filter(Boolean).join(', ') || null;
}
