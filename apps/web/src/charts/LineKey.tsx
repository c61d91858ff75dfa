import classes from './LineKey.module.css';

export type LineKind = 'asr' | 'trojaned' | 'benign' | 'loss' | 'accuracy';

/** A short piece of a line as the charts draw it. */
export function LineKey({ kind }: { kind: LineKind }) {
  return (
    <svg className={classes.key} data-kind={kind} viewBox="0 0 22 8" width="22" height="8" aria-hidden="true">
      {kind === 'asr' && <rect x="0" y="0" width="22" height="8" className={classes.band} />}
      <line x1="1" x2="21" y1="4" y2="4" />
      {kind === 'asr' && <circle cx="11" cy="4" r="3" />}
    </svg>
  );
}
