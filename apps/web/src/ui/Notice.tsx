import type { ReactNode } from 'react';
import classes from './Notice.module.css';

interface NoticeProps {
  title: string;
  children: ReactNode;
  action?: ReactNode;
  /** Within a page that has a title of its own. */
  part?: boolean;
}

/** A page, or a large part of one, that has something to say instead of something to show. */
export function Notice({ title, children, action, part = false }: NoticeProps) {
  const Title = part ? 'h2' : 'h1';
  return (
    <div className={classes.notice} role="status">
      {!part && <title>{`${title} · trojanscope`}</title>}
      <svg viewBox="0 0 64 64" width="56" height="56" aria-hidden="true">
        <rect x="6" y="6" width="52" height="52" rx="3" className={classes.frame} />
        <rect x="38" y="38" width="12" height="12" className={classes.trigger} />
      </svg>
      <Title className={classes.title}>{title}</Title>
      <p className={classes.text}>{children}</p>
      {action}
    </div>
  );
}
