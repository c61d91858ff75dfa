import { bytes } from '../format/bytes';
import { duration } from '../format/duration';
import classes from './EstimateLine.module.css';

interface Estimate {
  seconds: number | null;
  memoryBytes?: number | null;
  diskBytes?: number | null;
  basis: string;
}

/** What it will cost in time, and where it was measured in memory and disk, before it is started. */
export function EstimateLine({ estimate }: { estimate: Estimate | undefined }) {
  return (
    <p className={classes.estimate} role="status">
      {estimate && (
        <>
          {estimate.seconds !== null && (
            <strong>
              {estimate.seconds < 0.5 ? 'Under 1 s' : `About ${duration(estimate.seconds)}`} of work
              {estimate.memoryBytes != null && `, ${bytes(estimate.memoryBytes)} of memory`}
              {estimate.diskBytes != null && `, ${bytes(estimate.diskBytes)} on disk`}
              {'. '}
            </strong>
          )}
          {estimate.basis}
        </>
      )}
    </p>
  );
}
