import { Checkbox, Table } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useRef } from 'react';
import { TableScroll } from '../../ui/TableScroll';
import tables from '../../ui/tables.module.css';
import { useAddress } from '../../ui/useAddress';
import classes from './ModelRows.module.css';
import { ModelCells, type ModelOfRow, modelColumns } from './modelColumns';
import {
  type ColumnName,
  type ModelOrder,
  nextOrders,
  type OrderField,
  orderFields,
  ordersText,
  parseColumns,
  parseOrders,
} from './modelList';

interface ModelRowsProps {
  models: readonly ModelOfRow[];
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
}

/** Models, one a line, to be ordered by their columns and chosen. */
export function ModelRows({ models, chosen, onChoose }: ModelRowsProps) {
  const { get, change } = useAddress();
  const body = useRef<HTMLTableSectionElement>(null);
  const orders = parseOrders(get('sort'));
  const columns = parseColumns(get('cols'));
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
            {columns.map((name) => (
              <Column key={name} name={name} orders={orders} onSort={sort} />
            ))}
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
              <ModelCells model={model} columns={columns} />
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TableScroll>
  );
}

interface ColumnProps {
  name: ColumnName;
  orders: readonly ModelOrder[];
  onSort: (field: OrderField, further: boolean) => void;
}

/** A column's title; a click orders by it, with shift among those that are equal by the orders before. */
function Column({ name, orders, onSort }: ColumnProps) {
  const { title, definition, look } = modelColumns[name];
  const field = orderFields[name];
  const place = orders.findIndex((order) => order.field === field);
  const falling = orders[place]?.direction === 'DESC';
  return (
    <Table.Th
      className={look && tables[look]}
      aria-sort={place === 0 ? (falling ? 'descending' : 'ascending') : undefined}
    >
      {field ? (
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
      ) : (
        title
      )}
    </Table.Th>
  );
}

/** j and k walk the lines, x chooses the one that has the focus. */
function useRowKeys(
  body: React.RefObject<HTMLTableSectionElement | null>,
  models: readonly ModelOfRow[],
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
