import type { ReactNode } from 'react';
import classes from './PageHead.module.css';

interface PageHeadProps {
  title: string;
  /** Beside the title: status. */
  mark?: ReactNode;
  /** Facts below the title, one an entry. */
  facts?: readonly ReactNode[];
  actions?: ReactNode;
}

/** What a page is about; names the browser's tab too. */
export function PageHead({ title, mark, facts = [], actions }: PageHeadProps) {
  return (
    <header className={classes.head}>
      <title>{`${title} · trojanscope`}</title>
      <div className={classes.words}>
        <div className={classes.line}>
          <h1 className={classes.title}>{title}</h1>
          {mark}
        </div>
        {facts.length > 0 && (
          <ul className={classes.facts}>
            {facts.map((fact, index) => (
              <li key={index}>{fact}</li>
            ))}
          </ul>
        )}
      </div>
      {actions}
    </header>
  );
}
