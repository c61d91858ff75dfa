import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './Term.module.css';

/** A word with its definition, shown on hover, focus and touch. */
export function Term({ definition, children }: { definition: string; children: ReactNode }) {
  return (
    <Tooltip label={definition}>
      <button type="button" className={classes.term}>
        {children}
      </button>
    </Tooltip>
  );
}
