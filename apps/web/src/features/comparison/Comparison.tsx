import { ActionIcon, Group, Switch, Table, Tooltip } from '@mantine/core';
import { Fragment } from 'react';
import { counted } from '../../format/count';
import { links, MOST_COMPARED } from '../../lib/links';
import { InternalLink } from '../../ui/InternalLink';
import { CancelIcon, PinIcon } from '../../ui/icons';
import { PageHead } from '../../ui/PageHead';
import { PanelExport } from '../../ui/PanelExport';
import { StatusMark } from '../../ui/StatusMark';
import { TableScroll } from '../../ui/TableScroll';
import { Term } from '../../ui/Term';
import tables from '../../ui/tables.module.css';
import { useAddress } from '../../ui/useAddress';
import { SavedViews } from '../curation/SavedViews';
import classes from './Comparison.module.css';
import {
  bestColumns,
  type ComparedModel,
  CompareQuery,
  comparisonOf,
  deltaOf,
  differs,
  type Row,
  tableOfComparison,
} from './comparison';

interface ComparisonProps {
  models: readonly ComparedModel[];
  /** How many of those asked for are not there. */
  missing: number;
  /** How many more were asked for than can be shown. */
  further: number;
}

const WAYS = { high: '↑', low: '↓' };

/** Models side by side: where they differ, which is best, and by how much they differ from the one that is pinned. */
export function Comparison({ models, missing, further }: ComparisonProps) {
  const { get, change } = useAddress();
  const everything = get('all') !== null;
  const baseline = models.findIndex(({ id }) => id === get('baseline'));
  const rows = comparisonOf(models);
  const shown = everything ? rows : rows.filter(differs);
  const groups = [...new Set(shown.map(({ group }) => group))];
  const without = (id: string) =>
    models
      .filter((model) => model.id !== id)
      .map((model) => model.id)
      .join(' ');
  return (
    <>
      <PageHead
        title={`${models.length} models compared`}
        facts={[
          `${counted(rows.length - rows.filter(differs).length, 'property', 'properties')} alike`,
          further > 0
            ? `${counted(further, 'more was', 'more were')} left out: at most ${MOST_COMPARED} stand side by side`
            : null,
          missing > 0 ? `${missing} of those asked for are not on this server` : null,
        ].filter((fact) => fact !== null)}
        actions={
          <Group gap={16}>
            <Switch
              label="Only differences"
              checked={!everything}
              onChange={(event) => change({ all: event.currentTarget.checked ? null : '1' }, 'replace')}
            />
            <PanelExport
              source={{
                name: 'comparison',
                query: CompareQuery,
                variables: { ids: models.map(({ id }) => id) },
                table: () => tableOfComparison(models, shown, baseline),
              }}
            />
            <SavedViews />
          </Group>
        }
      />
      <TableScroll label="Comparison">
        <Table className={`${tables.table} ${classes.table}`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Td />
              {models.map((model, column) => (
                <ColumnHead
                  key={model.id}
                  model={model}
                  pinned={column === baseline}
                  onPin={(id) => change({ baseline: id }, 'replace')}
                  onLeaveOut={models.length > 2 ? () => change({ ids: without(model.id) }) : null}
                />
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {groups.map((group) => (
              <Fragment key={group}>
                <Table.Tr className={classes.group}>
                  <Table.Th scope="colgroup" colSpan={models.length + 1}>
                    {group}
                  </Table.Th>
                </Table.Tr>
                {shown
                  .filter((row) => row.group === group)
                  .map((row) => (
                    <ComparedRow key={row.title} row={row} baseline={baseline} />
                  ))}
              </Fragment>
            ))}
          </Table.Tbody>
        </Table>
      </TableScroll>
      {shown.length === 0 && (
        <p className={classes.alike}>They are alike in everything that is written down.</p>
      )}
    </>
  );
}

interface ColumnHeadProps {
  model: ComparedModel;
  /** It is the baseline. */
  pinned: boolean;
  onPin: (id: string | null) => void;
  onLeaveOut: (() => void) | null;
}

function ColumnHead({ model, pinned, onPin, onLeaveOut }: ColumnHeadProps) {
  return (
    <Table.Th scope="col" data-baseline={pinned || undefined}>
      <span className={classes.head}>
        <InternalLink href={links.model(model.id)} className={classes.name}>
          {model.name}
        </InternalLink>
        <Tooltip label={pinned ? 'The baseline. Unpin it' : 'Show differences from this one'}>
          <ActionIcon
            size="sm"
            variant={pinned ? 'filled' : 'subtle'}
            aria-label={`Baseline: ${model.name}`}
            aria-pressed={pinned}
            onClick={() => onPin(pinned ? null : model.id)}
          >
            <PinIcon />
          </ActionIcon>
        </Tooltip>
        {onLeaveOut && (
          <ActionIcon size="sm" variant="subtle" aria-label={`Leave out ${model.name}`} onClick={onLeaveOut}>
            <CancelIcon />
          </ActionIcon>
        )}
      </span>
      {model.status !== 'SUCCEEDED' && <StatusMark status={model.status} />}
      {pinned && <span className={classes.note}>baseline</span>}
    </Table.Th>
  );
}

function ComparedRow({ row, baseline }: { row: Row; baseline: number }) {
  const best = bestColumns(row);
  const title = `${row.title}${row.better ? ` ${WAYS[row.better]}` : ''}`;
  return (
    <Table.Tr>
      <Table.Th scope="row">
        {row.definition ? <Term definition={row.definition}>{title}</Term> : title}
      </Table.Th>
      {row.cells.map(({ text }, column) => {
        const delta = baseline < 0 ? null : deltaOf(row, column, baseline);
        const isBest = best.includes(column);
        return (
          <Table.Td
            key={column}
            data-best={isBest || undefined}
            data-baseline={column === baseline || undefined}
          >
            <span className={classes.value}>{text}</span>
            {isBest && <span className={classes.best}>best</span>}
            {delta && <span className={classes.delta}>{delta}</span>}
          </Table.Td>
        );
      })}
    </Table.Tr>
  );
}
