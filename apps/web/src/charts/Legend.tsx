import type { ReactNode } from 'react';
import classes from './Legend.module.css';

/** What the parts of a chart are, one a `li`. @param below whether it stands under the chart */
export function Legend({ below = false, children }: { below?: boolean; children: ReactNode }) {
  return (
    <ul className={classes.legend} data-below={below || undefined} aria-label="Legend">
      {children}
    </ul>
  );
}
