import { useLiveQuery } from '../graphql/useLiveQuery';
import { InternalLink } from '../ui/InternalLink';
import classes from './DemoLine.module.css';
import { ServerQuery } from './serverQuery';

/** On a demo's pages: that it is one, what becomes of its data, and how one starts for real. */
export function DemoLine() {
  const { data } = useLiveQuery(ServerQuery, {});
  const folder = data?.server.demoFolder;
  if (!folder) return null;
  return (
    <aside className={classes.line} aria-label="Demo">
      <p>
        <strong>Demo.</strong> What the study <code>paper-mnist</code> came to; begin with its{' '}
        <InternalLink href="/curves/">curves</InternalLink>. Try what you like: the data is a copy in{' '}
        <code>{folder}</code>, removed when the server stops. Your own begins with <code>npm start</code>.
      </p>
    </aside>
  );
}
