import { parseParameters, TrojanscopeError } from '@trojanscope/core';
import { type SaveViewInput, saveViewRequest } from '@trojanscope/schema';
import type { Viewer } from '../viewer.js';
import { type Db, now, type Row } from './database.js';
import { newId } from './ids.js';
import type { Filter } from './lists.js';

type SavedView = Row<'saved_view'>;

const MAXIMUM_VIEWS = 200;
/** One's own views, and what others share. */
export const visibleTo =
  ({ id }: Viewer): Filter<'saved_view'> =>
  (query) =>
    query.where(({ or, eb }) => or([eb('created_by', '=', id), eb('shared', '=', 1)]));

export const findView = (db: Db, id: string, viewer: Viewer): Promise<SavedView | undefined> =>
  visibleTo(viewer)(db.selectFrom('saved_view')).selectAll().where('id', '=', id).executeTakeFirst();

/**
 * @returns its id
 * @throws TrojanscopeError BAD_USER_INPUT, NOT_FOUND, FORBIDDEN for somebody else's, LIMIT_EXCEEDED
 */
export async function saveView(db: Db, { viewId, ...input }: SaveViewInput, by: Viewer): Promise<string> {
  const { name, address, shared } = parseParameters(saveViewRequest.omit({ viewId: true }), { ...input });
  const values = { name, address, shared: Number(shared), changed_at: now() };
  return db.transaction().execute(async (tx) => {
    if (viewId) {
      await changeable(tx, viewId, by, by.id);
      await tx.updateTable('saved_view').set(values).where('id', '=', viewId).execute();
      return viewId;
    }
    const { count } = await tx
      .selectFrom('saved_view')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('created_by', '=', by.id)
      .executeTakeFirstOrThrow();
    if (count >= MAXIMUM_VIEWS)
      throw new TrojanscopeError(
        'LIMIT_EXCEEDED',
        `Expected at most ${MAXIMUM_VIEWS} views. Delete one first.`,
      );
    const id = newId('SavedView');
    await tx
      .insertInto('saved_view')
      .values({ id, created_by: by.id, created_at: now(), ...values })
      .execute();
    return id;
  });
}

/** @returns what it was @throws TrojanscopeError NOT_FOUND, FORBIDDEN */
export async function deleteView(db: Db, viewId: string, by: Viewer): Promise<SavedView> {
  return db.transaction().execute(async (tx) => {
    const view = await changeable(tx, viewId, by, by.role === 'ADMIN' ? undefined : by.id);
    await tx.deleteFrom('saved_view').where('id', '=', viewId).execute();
    return view;
  });
}

/** @param owner whose it has to be; anybody's where it is undefined */
async function changeable(tx: Db, viewId: string, by: Viewer, owner: string | undefined): Promise<SavedView> {
  const view = await findView(tx, viewId, by);
  if (!view) throw new TrojanscopeError('NOT_FOUND', `There is no view ${viewId}.`, ['viewId']);
  if (owner !== undefined && view.created_by !== owner)
    throw new TrojanscopeError('FORBIDDEN', 'Expected a view of your own; save a copy under another name.', [
      'viewId',
    ]);
  return view;
}
