import classes from './Wordmark.module.css';

/** The name behind its sign: an image, and in its corner the square that turns it. */
export function Wordmark() {
  return (
    <span className={classes.wordmark}>
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
        <rect x="1" y="1" width="18" height="18" rx="2.5" className={classes.frame} />
        <rect x="11.5" y="11.5" width="4.5" height="4.5" className={classes.trigger} />
      </svg>
      trojanscope
    </span>
  );
}
