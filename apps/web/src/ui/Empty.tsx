import type { ReactNode } from 'react';
import classes from './Empty.module.css';

/** What stands where a list has no entries. */
export function Empty({ children }: { children: ReactNode }) {
  return <p className={classes.empty}>{children}</p>;
}
