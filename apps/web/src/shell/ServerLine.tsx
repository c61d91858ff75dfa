import { useLiveQuery } from '../graphql/useLiveQuery';
import classes from './ServerLine.module.css';
import { ServerQuery } from './serverQuery';

/** What is at work behind the pages. */
export function ServerLine() {
  const { data } = useLiveQuery(ServerQuery, {});
  if (!data) return null;
  const { version, engine, device, queue, runningJobs, queuedJobs } = data.server;
  return (
    <ul className={classes.line} aria-label="Server">
      <li>trojanscope {version}</li>
      {engine && <li>{engine}</li>}
      {device && <li>{device}</li>}
      <li>queue {queue}</li>
      <li>
        {runningJobs} running, {queuedJobs} queued
      </li>
    </ul>
  );
}
