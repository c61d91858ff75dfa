import * as S from '@trojanscope/schema';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { deleteView, findView, saveView, visibleTo } from '../store/savedViews.js';
import { viewerOf } from '../viewer.js';
import { answer, INPUT } from './answer.js';
import type { Context } from './context.js';
import { listTable } from './lists.js';
import { personById } from './lookups.js';
import { type PresentedView, presentView } from './present.js';

@Resolver(() => S.SavedView)
export class SavedViews {
  @Rule('VIEWER')
  @Query(() => S.SavedViewConnection, {
    description: 'One’s own views and those that others share, newest first.',
  })
  savedViews(@Args(() => S.PageArgs) page: S.PageArgs, @Ctx() context: Context) {
    return listTable(context.db, 'saved_view', page, presentView, visibleTo(viewerOf(context)));
  }

  @Rule('VIEWER')
  @Mutation(() => S.SaveViewPayload, { description: 'Saves a view of one’s own, or changes one.' })
  saveView(@Arg('input', () => S.SaveViewInput, INPUT) input: S.SaveViewInput, @Ctx() context: Context) {
    return answer(async () => {
      const id = await saveView(context.db, input, viewerOf(context));
      return { view: await viewById(id, context) };
    });
  }

  @Rule('VIEWER')
  @Mutation(() => S.DeleteViewPayload, { description: 'Deletes a view.' })
  deleteView(
    @Arg('input', () => S.DeleteViewInput, INPUT) { viewId }: S.DeleteViewInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => ({
      view: presentView(await deleteView(context.db, viewId, viewerOf(context))),
    }));
  }

  @FieldResolver()
  createdBy(@Root() { row }: PresentedView, @Ctx() context: Context) {
    return personById(row.created_by, context);
  }
}

export async function viewById(id: string, context: Context) {
  const row = await findView(context.db, id, viewerOf(context));
  return row ? presentView(row) : null;
}
