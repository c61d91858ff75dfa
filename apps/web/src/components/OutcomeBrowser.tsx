import { Button, Skeleton } from '@mantine/core';
import { useRef } from 'react';
import type { OutcomeKind } from '../graphql/fragments';
import { useOutcomes } from '../graphql/useOutcomes';
import { outcomeKinds } from '../words/outcomeKinds';
import { Empty } from './Empty';
import classes from './OutcomeBrowser.module.css';
import { OutcomeDrawer } from './OutcomeDrawer';
import { OutcomeFilter } from './OutcomeFilter';
import { OutcomeTile } from './OutcomeTile';
import { UserErrorList } from './UserErrorList';
import { useAddress } from './useAddress';

interface OutcomeBrowserProps {
  point: { id: string; targetCount: number; truthCount: number; otherCount: number };
  kind: OutcomeKind | null;
}

/** The samples of a point as a grid, by kind; each opens beside it. */
export function OutcomeBrowser({ point, kind }: OutcomeBrowserProps) {
  const { get, change } = useAddress();
  const { outcomes, more, fetching, error, fetchMore } = useOutcomes(point.id, kind);
  const openId = get('outcome');
  const counts = { TARGET: point.targetCount, TRUTH: point.truthCount, OTHER: point.otherCount };
  const opened = useRef(false);
  // A sample is one entry of the history, however many are leafed through; closing takes it back.
  const open = (outcome: string) => {
    change({ point: point.id, outcome }, openId ? 'replace' : 'push');
    if (!openId) opened.current = true;
  };
  const close = () => {
    if (opened.current) history.back();
    else change({ outcome: null }, 'replace');
    opened.current = false;
  };
  return (
    <div className={classes.browser}>
      <OutcomeFilter
        counts={counts}
        kind={kind}
        onChange={(next) => change({ kind: next, outcome: null }, 'replace')}
      />
      {error && <UserErrorList errors={[error]} />}
      {outcomes === undefined && !error && <Skeleton height={260} />}
      {outcomes?.length === 0 && (
        <Empty>{kind === null ? 'This point has no samples.' : `None. ${outcomeKinds[kind].meaning}`}</Empty>
      )}
      {outcomes && outcomes.length > 0 && (
        <ul className={classes.grid}>
          {outcomes.map((outcome) => (
            <li key={outcome.id}>
              <OutcomeTile outcome={outcome} open={outcome.id === openId} onOpen={() => open(outcome.id)} />
            </li>
          ))}
        </ul>
      )}
      {more && (
        <Button variant="default" loading={fetching} onClick={fetchMore} className={classes.more}>
          Load more
        </Button>
      )}
      <OutcomeDrawer outcomeId={openId} among={outcomes ?? []} onOpen={open} onClose={close} />
    </div>
  );
}
