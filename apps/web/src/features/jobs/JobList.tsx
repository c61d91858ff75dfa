import type { Job } from '../../graphql/fragments';
import classes from './JobList.module.css';
import { JobRow } from './JobRow';

interface JobListProps {
  jobs: readonly Job[];
  /** What the list is, for those who do not see where it stands. */
  label?: string;
  dated?: boolean;
}

/** Jobs, one a line. */
export function JobList({ jobs, label = 'Table of jobs', dated = false }: JobListProps) {
  return (
    <div className={classes.room}>
      <table className={classes.list} aria-label={label}>
        <thead>
          <tr className={classes.head}>
            <th scope="col">State</th>
            <th scope="col">Job</th>
            <th scope="col">Progress</th>
            <th scope="col" className={classes.time}>
              Time
            </th>
            <th scope="col">
              <span className={classes.unseen}>What to do</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} dated={dated} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
