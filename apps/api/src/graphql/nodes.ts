import { TrojanscopeError } from '@trojanscope/core';
import * as S from '@trojanscope/schema';
import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { typeOfId } from '../store/ids.js';
import { accessTokenById, auditEntryById, userById } from './accounts.js';
import type { Context } from './context.js';
import {
  detectionById,
  detectionImageById,
  explanationById,
  jobById,
  modelById,
  outcomeById,
  pointById,
  rangeById,
  studyById,
  sweepById,
} from './lookups.js';
import { MAXIMUM_PAGE_SIZE } from './pages.js';
import { viewById } from './savedViews.js';
import { uploadById } from './uploads.js';

@Resolver()
export class Nodes {
  @Rule('VIEWER')
  @Query(() => S.Node, {
    nullable: true,
    description: 'Anything by its id; null where there is no such thing.',
  })
  node(@Arg('id', () => ID, { description: 'Its id.' }) id: string, @Ctx() context: Context) {
    return nodeById(id, context);
  }

  @Rule('VIEWER')
  @Query(() => [S.Node], { nullable: 'items', description: 'Several things by their ids, in their order.' })
  nodes(
    @Arg('ids', () => [ID], { description: 'Their ids, at most 100.' }) ids: string[],
    @Ctx() context: Context,
  ) {
    if (ids.length > MAXIMUM_PAGE_SIZE) {
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        `ids: expected at most ${MAXIMUM_PAGE_SIZE}; got ${ids.length}.`,
        ['ids'],
      );
    }
    return Promise.all(ids.map((id) => nodeById(id, context)));
  }
}

const finders = {
  Model: modelById,
  Sweep: sweepById,
  Point: pointById,
  Outcome: outcomeById,
  Detection: detectionById,
  DetectionImage: detectionImageById,
  Explanation: explanationById,
  Job: jobById,
  Study: studyById,
  LargestRange: rangeById,
  Upload: uploadById,
  SavedView: viewById,
  User: userById,
  AccessToken: accessTokenById,
  AuditEntry: auditEntryById,
};

export async function nodeById(id: string, context: Context): Promise<object | null> {
  const type = typeOfId(id);
  const found = type && (await finders[type](id, context));
  return found ? { ...found, __typename: type } : null;
}
