import { Checkbox, Table } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useRef } from 'react';
import { moment } from '../format/moment';
import { RateFields } from '../graphql/fragments';
import { graphql, type ResultOf } from '../graphql/graphql';
import { glossary } from '../words/glossary';
import { links } from '../words/links';
import { InternalLink } from './InternalLink';
import { LockIcon, NoteIcon } from './icons';
import classes from './ModelRows.module.css';
import { type ModelOrder, nextOrders, type OrderField, ordersText, parseOrders } from './modelList';
import { RateText } from './RateText';
import { StatusMark } from './StatusMark';
import { TableScroll } from './TableScroll';
import { Tags } from './Tags';
import tables from './tables.module.css';
import { useAddress } from './useAddress';

export const ModelRowFields = graphql(
  `
  fragment ModelRowFields on Model {
    id
    name
    kind
    status
    createdAt
    locked
    tags
    notes
    dataset {
      title
    }
    architecture {
      title
    }
    attack {
      title
    }
    targetLabel {
      name
    }
    cleanAccuracy {
      ...RateFields
    }
    asr {
      ...RateFields
    }
  }
`,
  [RateFields],
);
export type ModelRow = ResultOf<typeof ModelRowFields>;

interface ModelRowsProps {
  models: readonly ModelRow[];
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
}

/** Models, one a line, to be ordered by their columns and chosen. */
export function ModelRows({ models, chosen, onChoose }: ModelRowsProps) {
  const { get, change } = useAddress();
  const body = useRef<HTMLTableSectionElement>(null);
  const orders = parseOrders(get('sort'));
  const sort = (field: OrderField, further: boolean) =>
    change({ sort: ordersText(nextOrders(orders, field, further)), after: null, before: null });
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose(next);
  };
  const everyOne = models.every(({ id }) => chosen.has(id));
  const someOne = models.some(({ id }) => chosen.has(id));
  const toggleAll = () => {
    const next = new Set(chosen);
    for (const { id } of models)
      if (everyOne) next.delete(id);
      else next.add(id);
    onChoose(next);
  };
  useRowKeys(body, models, toggle);
  const column = { orders, onSort: sort };
  return (
    <TableScroll label="Table of models">
      <Table className={tables.table} highlightOnHover highlightOnHoverColor="var(--sunken)">
        <Table.Thead>
          <Table.Tr>
            <Table.Th className={classes.choice}>
              <Checkbox
                size="xs"
                aria-label="Choose all on this page"
                checked={everyOne}
                indeterminate={someOne && !everyOne}
                onChange={toggleAll}
              />
            </Table.Th>
            <Column field="NAME" title="Name" {...column} />
            <Column field="DATASET" title="Data set" {...column} />
            <Column field="ARCHITECTURE" title="Network" {...column} />
            <Column field="ATTACK" title="Attack" {...column} />
            <Column field="CLEAN_ACCURACY" title="Clean accuracy" number {...column} />
            <Column field="ASR" title="ASR" number {...column} />
            <Table.Th>Status</Table.Th>
            <Column field="CREATED_AT" title="Made" {...column} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody ref={body}>
          {models.map((model) => (
            <Table.Tr key={model.id} data-chosen={chosen.has(model.id) || undefined} className={classes.row}>
              <Table.Td className={classes.choice}>
                <Checkbox
                  size="xs"
                  aria-label={`Choose ${model.name}`}
                  checked={chosen.has(model.id)}
                  onChange={() => toggle(model.id)}
                />
              </Table.Td>
              <Table.Td>
                <span className={classes.name}>
                  <InternalLink href={links.model(model.id)} data-row={model.id}>
                    {model.name}
                  </InternalLink>
                  {model.locked && <LockIcon label="Locked" />}
                  {model.notes !== '' && <NoteIcon label={`Notes: ${model.notes.slice(0, 300)}`} />}
                  <Tags tags={model.tags} />
                </span>
              </Table.Td>
              <Table.Td>{model.dataset.title}</Table.Td>
              <Table.Td>{model.architecture.title}</Table.Td>
              <Table.Td>
                {model.attack ? (
                  <>
                    {model.attack.title} <span className={tables.none}>→ {model.targetLabel?.name}</span>
                  </>
                ) : (
                  <span className={tables.none}>none (benign)</span>
                )}
              </Table.Td>
              <Table.Td className={tables.number}>
                <RateText rate={model.cleanAccuracy} />
              </Table.Td>
              <Table.Td className={tables.number}>
                {model.kind === 'TROJANED' && <RateText rate={model.asr} />}
              </Table.Td>
              <Table.Td>
                <StatusMark status={model.status} />
              </Table.Td>
              <Table.Td className={tables.none}>{moment(model.createdAt)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TableScroll>
  );
}

interface ColumnProps {
  field: OrderField;
  title: string;
  number?: boolean;
  orders: readonly ModelOrder[];
  onSort: (field: OrderField, further: boolean) => void;
}

/** A column's title; a click orders by it, with shift among those that are equal by the orders before. */
function Column({ field, title, number, orders, onSort }: ColumnProps) {
  const place = orders.findIndex((order) => order.field === field);
  const falling = orders[place]?.direction === 'DESC';
  const definition = { CLEAN_ACCURACY: glossary.cleanAccuracy, ASR: glossary.asr }[field as string];
  return (
    <Table.Th
      className={number ? tables.number : undefined}
      aria-sort={place === 0 ? (falling ? 'descending' : 'ascending') : undefined}
    >
      <button
        type="button"
        className={classes.sort}
        data-sorted={place >= 0 || undefined}
        title={`${definition ? `${definition}\n` : ''}Click to order; with Shift also by this.`}
        onClick={(event) => onSort(field, event.shiftKey)}
      >
        {title}
        <span aria-hidden className={classes.way}>
          {place < 0 ? '' : falling ? '↓' : '↑'}
          {orders.length > 1 && place >= 0 && <sub>{place + 1}</sub>}
        </span>
      </button>
    </Table.Th>
  );
}

/** j and k walk the lines, x chooses the one that has the focus. */
function useRowKeys(
  body: React.RefObject<HTMLTableSectionElement | null>,
  models: readonly ModelRow[],
  toggle: (id: string) => void,
) {
  const links = () => [...(body.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])];
  const current = () => links().findIndex((link) => link.closest('tr')?.contains(document.activeElement));
  const walk = (step: number) => {
    const all = links();
    const at = current();
    all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
  };
  useHotkeys([
    ['j', () => walk(1)],
    ['k', () => walk(-1)],
    [
      'x',
      () => {
        const model = models[current()];
        if (model) toggle(model.id);
      },
    ],
  ]);
}
