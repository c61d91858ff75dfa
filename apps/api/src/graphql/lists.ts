import type { ModelSpec } from '@trojanscope/core';
import type { Connection, OutcomeFilter, OutcomeOrder, PageArgs } from '@trojanscope/schema';
import type { Db, Shown } from '../store/database.js';
import { type Filter, type Listed, type Order, outcomeList, tableList } from '../store/lists.js';
import { paginate } from './pages.js';
import { type PresentedOutcome, presentOutcome } from './present.js';

/** A table as a connection, newest first where there is no order. */
export const listTable = <T extends Listed, Presented extends { id: string }>(
  db: Db,
  table: T,
  page: PageArgs,
  present: (row: Shown<T>) => Presented,
  filter: Filter<T>,
  orders?: readonly Order[],
): Promise<Connection<Presented>> => paginate(page, tableList(db, table, filter, orders), present);

/** The outcomes of a point as a connection, as the samples were drawn or by confidence. */
export const outcomesOf = (
  db: Db,
  pointId: string,
  spec: ModelSpec,
  page: PageArgs,
  filter: OutcomeFilter | null,
  order?: OutcomeOrder,
): Promise<Connection<PresentedOutcome>> =>
  paginate(page, outcomeList(db, pointId, filter, order), (row) => presentOutcome(row, spec));
