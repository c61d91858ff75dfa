import type { ReactNode } from 'react';
import classes from './Columns.module.css';

/** Two parts side by side where there is room; `wide` gets the greater share. */
export function Columns({
  wide = 'none',
  children,
}: {
  wide?: 'left' | 'right' | 'none';
  children: ReactNode;
}) {
  return (
    <div className={classes.columns} data-wide={wide}>
      {children}
    </div>
  );
}
