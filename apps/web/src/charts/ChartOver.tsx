import type { ReactNode } from 'react';
import type { SeriesStyle } from '../theme/series';
import classes from './ChartSurface.module.css';

interface ChartOverProps {
  /** Of a series, for `--series` in the stylesheets of what is drawn. */
  colour?: SeriesStyle['colour'];
  children: ReactNode;
}

/** Drawn over a chart by its scales, below the pointer: what is looked at, lifted out of the rest. */
export function ChartOver({ colour, children }: ChartOverProps) {
  const colours = { '--series-light': colour?.light, '--series-dark': colour?.dark } as React.CSSProperties;
  return (
    <svg className={classes.over} aria-hidden="true" style={colours}>
      {children}
    </svg>
  );
}
