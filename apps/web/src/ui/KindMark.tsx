import type { OutcomeKind } from '../graphql/fragments';
import classes from './KindMark.module.css';

/** The shape and colour of an outcome's kind. */
export function KindMark({ kind }: { kind: OutcomeKind }) {
  return (
    <svg
      className={classes.mark}
      data-kind={kind}
      viewBox="0 0 10 10"
      width="10"
      height="10"
      aria-hidden="true"
    >
      {kind === 'TARGET' && <rect x="1" y="1" width="8" height="8" />}
      {kind === 'TRUTH' && <circle cx="5" cy="5" r="4.2" />}
      {kind === 'OTHER' && <path d="M5 .4L9.6 5 5 9.6.4 5z" />}
    </svg>
  );
}
