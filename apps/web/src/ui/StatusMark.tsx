import type { JobStatus } from '../graphql/fragments';
import { statuses } from '../lib/statuses';
import classes from './StatusMark.module.css';

/** Where a piece of work stands: a word, and a shape of its own in addition to the colour. */
export function StatusMark({ status }: { status: JobStatus }) {
  return (
    <span className={classes.mark} data-status={status}>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        {shapes[status]}
      </svg>
      {statuses[status]}
    </span>
  );
}

const shapes = {
  QUEUED: <circle cx="6" cy="6" r="4" className={classes.hollow} />,
  RUNNING: <circle cx="6" cy="6" r="4" className={classes.pulse} />,
  SUCCEEDED: <path d="M2 6.5l2.8 2.8L10 3.4" className={classes.stroke} />,
  FAILED: <path d="M6 1.2l5.2 9.3H.8zM6 4.6v2.6M6 8.6v.3" className={classes.stroke} />,
  CANCELLED: <path d="M2.2 6h7.6" className={classes.stroke} />,
};
