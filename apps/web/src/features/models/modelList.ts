import type { JobStatus } from '../../graphql/fragments';
import type { VariablesOf } from '../../graphql/graphql';
import { statuses } from '../../lib/statuses';
import type { ModelsQuery } from './modelColumns';

export type ModelsVariables = VariablesOf<typeof ModelsQuery>;
export type ModelOrder = NonNullable<ModelsVariables['orderBy']>;
export type OrderField = NonNullable<ModelOrder['field']>;

/** Columns that the list can be ordered by. */
export const orderFields: Readonly<Record<string, OrderField>> = {
  name: 'NAME',
  data: 'DATASET',
  network: 'ARCHITECTURE',
  attack: 'ATTACK',
  clean: 'CLEAN_ACCURACY',
  asr: 'ASR',
  made: 'CREATED_AT',
};
const WORDS = Object.fromEntries(Object.entries(orderFields).map(([word, field]) => [field, word]));
const MOST_ORDERS = 4;

/** `-asr,name` as orders: by ASR, the largest first, then by name. Words that say nothing are passed over. */
export function parseOrders(text: string | null): ModelOrder[] {
  const orders = (text ?? '').split(',').flatMap((word): ModelOrder[] => {
    const field = orderFields[word.replace(/^-/, '')];
    return field ? [{ field, direction: word.startsWith('-') ? 'DESC' : 'ASC' }] : [];
  });
  return orders.slice(0, MOST_ORDERS);
}

export const ordersText = (orders: readonly ModelOrder[]): string | null =>
  orders.map(({ field, direction }) => `${direction === 'DESC' ? '-' : ''}${WORDS[field!]}`).join(',') ||
  null;

/** Numbers are asked for largest first, words from A. */
const FIRST: Partial<Record<OrderField, 'DESC'>> = {
  CLEAN_ACCURACY: 'DESC',
  ASR: 'DESC',
  CREATED_AT: 'DESC',
};

/**
 * What a click on a column's title makes of the orders: by it alone, or with `further` by it among equal ones; a second
 * click turns it around, a third takes it away.
 */
export function nextOrders(
  orders: readonly ModelOrder[],
  field: OrderField,
  further: boolean,
): readonly ModelOrder[] {
  const first = FIRST[field] ?? 'ASC';
  const known = orders.find((order) => order.field === field);
  const others = further ? orders.filter((order) => order !== known) : [];
  const fresh: ModelOrder = { field, direction: first };
  if (!known) return [...others, fresh].slice(0, MOST_ORDERS);
  if (known.direction !== first) return others;
  const turned: ModelOrder = { field, direction: first === 'ASC' ? 'DESC' : 'ASC' };
  return further ? orders.map((order) => (order === known ? turned : order)) : [turned];
}

export const columnNames = [
  'name',
  'data',
  'network',
  'attack',
  'clean',
  'asr',
  'seed',
  'size',
  'status',
  'made',
] as const;
export type ColumnName = (typeof columnNames)[number];
export const usualColumns: readonly ColumnName[] = columnNames.filter(
  (name) => name !== 'seed' && name !== 'size',
);

/** `asr,made` as columns in that order, behind the name, which is always there. Words that say nothing are passed over. */
export function parseColumns(text: string | null): readonly ColumnName[] {
  const asked = (text ?? '').split(',').filter((word) => columnNames.includes(word as ColumnName));
  return text === null ? usualColumns : [...new Set(['name', ...asked] as ColumnName[])];
}
export const columnsText = (columns: readonly ColumnName[]): string | null =>
  columns.join() === usualColumns.join() ? null : columns.slice(1).join(',');

/** Tags in an address, whatever they are made of. */
export const tagsText = (tags: readonly string[]): string | null =>
  tags.map(encodeURIComponent).join(',') || null;
export const parseTags = (text: string | null): string[] =>
  (text ?? '').split(',').filter(Boolean).map(decodeURIComponent);

/** What the list of models shows, from its address. */
export function modelsFilter(get: (name: string) => string | null): NonNullable<ModelsVariables['filter']> {
  const attack = get('attack');
  const status = get('status');
  const tags = parseTags(get('tags'));
  const kind = { benign: 'BENIGN', trojaned: 'TROJANED' } as const;
  type Filter = NonNullable<ModelsVariables['filter']>;
  return {
    deleted: get('trash') !== null,
    search: get('q'),
    dataset: get('data'),
    architecture: get('network') as Filter['architecture'],
    ...(attack && attack in kind
      ? { kind: kind[attack as keyof typeof kind] }
      : { attack: attack as Filter['attack'] }),
    ...(status && status in statuses && { status: [status as JobStatus] }),
    ...(tags.length > 0 && { tags }),
  };
}
