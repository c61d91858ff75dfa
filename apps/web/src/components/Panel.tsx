import { type ReactNode, useId } from 'react';
import classes from './Panel.module.css';

interface PanelProps {
  title: ReactNode;
  /** At the right of the title: legend, buttons, a count. */
  aside?: ReactNode;
  /** Without mount, for content that has its own. */
  bare?: boolean;
  children: ReactNode;
}

/** A titled part of a page. */
export function Panel({ title, aside, bare = false, children }: PanelProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={classes.panel}>
      <div className={classes.head}>
        <h2 id={id} className={classes.title}>
          {title}
        </h2>
        {aside && <div className={classes.aside}>{aside}</div>}
      </div>
      {bare ? children : <div className={classes.body}>{children}</div>}
    </section>
  );
}
