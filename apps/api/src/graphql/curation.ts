import { parseParameters } from '@trojanscope/core';
import * as S from '@trojanscope/schema';
import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { writeAudit } from '../store/audit.js';
import { annotate, moveToTrash, restoreFromTrash, setLock, tagsInUse } from '../store/curation.js';
import type { Db } from '../store/database.js';
import { typeOfId } from '../store/ids.js';
import { purgeTrash } from '../store/purge.js';
import { viewerOf } from '../viewer.js';
import { answer, INPUT } from './answer.js';
import type { Context } from './context.js';
import { nodeById } from './nodes.js';

const TAGS_SHOWN = 500;

@Resolver()
export class Curation {
  @Rule('VIEWER')
  @Query(() => [String], {
    description: `Every tag that models, sweeps, studies or detections have, in alphabetical order, at most ${TAGS_SHOWN}.`,
  })
  tags(@Ctx() { db }: Context) {
    return tagsInUse(db, TAGS_SHOWN);
  }

  @Rule('RUNNER')
  @Mutation(() => S.AnnotatePayload, { description: 'Writes names, notes and tags.' })
  annotate(@Arg('input', () => S.AnnotateInput, INPUT) input: S.AnnotateInput, @Ctx() context: Context) {
    return curate('annotate', input.ids, context, (tx) => annotate(tx, input));
  }

  @Rule('RUNNER')
  @Mutation(() => S.SetLockPayload, { description: 'Locks things against deletion, or unlocks them.' })
  setLock(
    @Arg('input', () => S.SetLockInput, INPUT) { ids, locked }: S.SetLockInput,
    @Ctx() context: Context,
  ) {
    return curate('setLock', ids, context, (tx) => setLock(tx, ids, locked));
  }

  @Rule('RUNNER')
  @Mutation(() => S.DeleteItemsPayload, {
    description: 'Moves things to the trash: out of lists and curves, with nothing lost.',
  })
  deleteItems(
    @Arg('input', () => S.DeleteItemsInput, INPUT) { ids }: S.DeleteItemsInput,
    @Ctx() context: Context,
  ) {
    return curate('deleteItems', ids, context, (tx) => moveToTrash(tx, ids));
  }

  @Rule('RUNNER')
  @Mutation(() => S.RestoreItemsPayload, { description: 'Takes things out of the trash.' })
  restoreItems(
    @Arg('input', () => S.RestoreItemsInput, INPUT) { ids }: S.RestoreItemsInput,
    @Ctx() context: Context,
  ) {
    return curate('restoreItems', ids, context, (tx) => restoreFromTrash(tx, ids));
  }

  @Rule('ADMIN')
  @Mutation(() => S.PurgeTrashPayload, {
    description:
      'Deletes for good what is in the trash, with everything that hangs on it. A benign model stays as long as another that is compared with it.',
  })
  purgeTrash(
    @Arg('input', () => S.PurgeTrashInput, INPUT) input: S.PurgeTrashInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      const { olderThanDays } = parseParameters(S.purgeRequest, { ...input });
      const { db, blobs, events } = context;
      const ids = await purgeTrash(db, blobs, olderThanDays, viewerOf(context));
      for (const id of ids) events.emit(typeOfId(id)!, id);
      return { purged: { ids } };
    });
  }
}

/** Does something to models, sweeps, studies and detections, and answers with what became of them. */
const curate = (
  mutation: string,
  ids: readonly string[],
  context: Context,
  work: (tx: Db) => Promise<void>,
) =>
  answer(async () => {
    await context.db.transaction().execute(async (tx) => {
      await work(tx);
      await writeAudit(tx, viewerOf(context), mutation, ids);
    });
    for (const id of ids) context.events.emit(typeOfId(id)!, id);
    return { items: await Promise.all(ids.map((id) => nodeById(id, context))) };
  });
