import type { ReactNode } from 'react';
import classes from './Figures.module.css';

/** A row of figures. */
export function Figures({ children }: { children: ReactNode }) {
  return <dl className={classes.figures}>{children}</dl>;
}
