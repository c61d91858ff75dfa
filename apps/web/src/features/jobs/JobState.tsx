import type { Job } from '../../graphql/fragments';
import { failureWords, JobMeter, noteWords, timeWords } from './JobRow';
import classes from './JobState.module.css';
import { useJobProgress } from './useJobProgress';

/** How far a job is that is not done, why it waits, or why it failed. */
export function JobState({ job }: { job: Job }) {
  const live = useJobProgress(job.id, job.status === 'RUNNING');
  const progress = live ?? job.progress;
  if (job.status === 'SUCCEEDED') return null;
  if (job.status === 'FAILED') return <p className={classes.failure}>{failureWords(job)}</p>;
  const time = timeWords(job, progress);
  const words = [noteWords(job, progress), job.status === 'QUEUED' && time ? `starts ${time}` : time];
  const said = words.filter(Boolean).join(', ');
  return (
    <div className={classes.state}>
      {said && <p className={classes.words}>{said}</p>}
      <div className={classes.meter}>
        <JobMeter job={job} progress={progress} />
      </div>
    </div>
  );
}
