import { Button, Select, Skeleton } from '@mantine/core';
import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { useMutation } from 'urql';
import { ActionButton } from '../../controls/ActionButton';
import { count, counted } from '../../format/count';
import { percent } from '../../format/percent';
import { type Outcome, type OutcomeKind, UserErrorFields } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';
import { links } from '../../lib/links';
import { outcomeKinds } from '../../lib/outcomeKinds';
import { Empty } from '../../ui/Empty';
import { KindMark } from '../../ui/KindMark';
import { LoadError } from '../../ui/LoadError';
import { UserErrorList } from '../../ui/UserErrorList';
import { useAddress } from '../../ui/useAddress';
import classes from './OutcomeBrowser.module.css';
import { OutcomeDrawer } from './OutcomeDrawer';
import { OutcomeFilter } from './OutcomeFilter';
import { OutcomeTile } from './OutcomeTile';
import { type OrderName, outcomeOrders, useOutcomes } from './useOutcomes';
import { VirtualGrid } from './VirtualGrid';

const ExplainThese = graphql(
  `
  mutation ExplainThese($outcomeIds: [ID!]!) {
    explain(input: { outcomeIds: $outcomeIds }) {
      explanations {
        id
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

/** The most that can be explained at once. */
const MOST = 100;

interface OutcomeBrowserProps {
  point: { id: string; targetCount: number; truthCount: number; otherCount: number };
  kind: OutcomeKind | null;
}

/** The samples of a point by what became of them; each opens beside the page, any selection can be explained. */
export function OutcomeBrowser({ point, kind }: OutcomeBrowserProps) {
  const { get, change } = useAddress();
  const router = useRouter();
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null);
  const [{ data, error, fetching }, explain] = useMutation(ExplainThese);
  const among = useRef(new Map<OutcomeKind, readonly Outcome[]>());
  const openId = get('outcome');
  const order = asOrder(get('order'));
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
  const choose = (id: string) =>
    setChosen((before) => {
      const next = new Set(before);
      if (!next.delete(id) && next.size < MOST) next.add(id);
      return next;
    });
  const explainThem = async () => {
    const outcomeIds = [...(chosen ?? [])];
    const answer = await explain({ outcomeIds });
    if (answer.data?.explain.explanations)
      router.push(links.explanations({ outcomes: outcomeIds.join(',') }));
  };
  const kinds = (kind ? [kind] : Object.keys(outcomeKinds)) as OutcomeKind[];
  return (
    <div className={classes.browser}>
      <div className={classes.bar}>
        <OutcomeFilter
          counts={counts}
          kind={kind}
          onChange={(next) => change({ kind: next, outcome: null }, 'replace')}
        />
        <div className={classes.tools}>
          <Select
            size="xs"
            w={150}
            aria-label="Order"
            allowDeselect={false}
            value={order}
            onChange={(next) => change({ order: next }, 'replace')}
            data={Object.entries(outcomeOrders).map(([value, { title }]) => ({ value, label: title }))}
          />
          {chosen === null ? (
            <ActionButton size="xs" onClick={() => setChosen(new Set())}>
              Choose samples to explain
            </ActionButton>
          ) : (
            <>
              <Button size="xs" disabled={chosen.size === 0} loading={fetching} onClick={explainThem}>
                Explain these {chosen.size}
              </Button>
              <Button size="xs" variant="default" onClick={() => setChosen(null)}>
                Stop choosing
              </Button>
            </>
          )}
        </div>
      </div>
      <UserErrorList errors={[...(data?.explain.errors ?? []), ...(error ? [error] : [])]} />
      {kinds.map((each) => (
        <OutcomeGroup
          key={`${each} ${order}`}
          pointId={point.id}
          kind={each}
          order={order}
          total={counts[each]}
          all={counts.TARGET + counts.TRUTH + counts.OTHER}
          openId={openId}
          chosen={chosen}
          onOpen={(id) => (chosen ? choose(id) : open(id))}
          onLoaded={(outcomes) => among.current.set(each, outcomes)}
        />
      ))}
      <OutcomeDrawer
        outcomeId={openId}
        among={kinds.flatMap((each) => among.current.get(each) ?? [])}
        onOpen={open}
        onClose={close}
      />
    </div>
  );
}

const asOrder = (word: string | null): OrderName =>
  word !== null && word in outcomeOrders ? (word as OrderName) : 'surest';

interface OutcomeGroupProps {
  pointId: string;
  kind: OutcomeKind;
  order: OrderName;
  total: number;
  /** Samples of the point. */
  all: number;
  openId: string | null;
  chosen: ReadonlySet<string> | null;
  onOpen: (id: string) => void;
  onLoaded: (outcomes: readonly Outcome[]) => void;
}

const TILE_PX = 84;
/** Below a tile's picture stand two lines. */
const WORDS_PX = 38;

function OutcomeGroup({
  pointId,
  kind,
  order,
  total,
  all,
  openId,
  chosen,
  onOpen,
  onLoaded,
}: OutcomeGroupProps) {
  const { outcomes, error, fetchMore, retry } = useOutcomes(pointId, kind, order);
  if (outcomes) onLoaded(outcomes);
  const { title, meaning } = outcomeKinds[kind];
  return (
    <section className={classes.group} aria-label={title}>
      <h3 className={classes.title}>
        <KindMark kind={kind} /> {title}
        <span>
          {count(total)} of {count(all)}, {percent(all === 0 ? 0 : total / all, all)}. {meaning}
        </span>
      </h3>
      {error && <LoadError error={error} retry={retry} part />}
      {total === 0 && <Empty>None.</Empty>}
      {total > 0 && !outcomes && !error && <Skeleton height={130} />}
      {total > 0 && outcomes && (
        <VirtualGrid
          label={`${title}: ${counted(total, 'sample')}`}
          items={outcomes}
          total={total}
          keyOf={({ id }) => id}
          tileWidth={TILE_PX}
          tileHeight={(width) => width + WORDS_PX}
          onNeedMore={fetchMore}
          render={(outcome, tabIndex) => (
            <OutcomeTile
              outcome={outcome}
              open={outcome.id === openId}
              chosen={chosen?.has(outcome.id) ?? null}
              tabIndex={tabIndex}
              onOpen={() => onOpen(outcome.id)}
            />
          )}
        />
      )}
    </section>
  );
}
