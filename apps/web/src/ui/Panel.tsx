import { type ReactNode, useId } from 'react';
import type { PanelSource } from '../export/panelSource';
import classes from './Panel.module.css';
import { PanelExport } from './PanelExport';

interface PanelProps {
  title: ReactNode;
  /** At the right of the title: legend, buttons, a count. */
  aside?: ReactNode;
  /** Where it came from: offers its query and its contents as files. */
  source?: PanelSource | undefined;
  /** Without mount, for content that has its own. */
  bare?: boolean;
  children: ReactNode;
}

/** A titled part of a page. */
export function Panel({ title, aside, source, bare = false, children }: PanelProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={classes.panel}>
      <div className={classes.head}>
        <h2 id={id} className={classes.title}>
          {title}
        </h2>
        {(aside || source) && (
          <div className={classes.aside}>
            {aside}
            {source && <PanelExport source={source} />}
          </div>
        )}
      </div>
      {bare ? children : <div className={classes.body}>{children}</div>}
    </section>
  );
}
