import type { Job } from '../graphql/fragments';
import classes from './JobList.module.css';
import { JobRow } from './JobRow';

/** Jobs, one a line. */
export function JobList({ jobs, dated = false }: { jobs: readonly Job[]; dated?: boolean }) {
  return (
    <ul className={classes.list}>
      {jobs.map((job) => (
        <JobRow key={job.id} job={job} dated={dated} />
      ))}
    </ul>
  );
}
