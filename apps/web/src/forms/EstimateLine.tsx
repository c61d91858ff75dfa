import { duration } from '../format/duration';
import classes from './EstimateLine.module.css';

export interface EstimateLineProps {
  estimate: { seconds: number | null; basis: string } | undefined;
}

/** What it will cost in time, before it is started. */
export function EstimateLine({ estimate }: EstimateLineProps) {
  return (
    <p className={classes.estimate} role="status">
      {estimate && (
        <>
          {estimate.seconds !== null && <strong>About {duration(estimate.seconds)} of work. </strong>}
          {estimate.basis}
        </>
      )}
    </p>
  );
}
