import { datasetIds } from '@trojanscope/core';
import * as S from '@trojanscope/schema';
import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { findDataset } from '../datasets/catalog.js';
import { summariseClasses } from '../datasets/classes.js';
import type { Context } from './context.js';
import * as P from './present.js';
import { type PresentedDataset, presentCatalog, presentDataset } from './presentCatalog.js';

@Resolver(() => S.Dataset)
export class Datasets {
  @Rule('VIEWER')
  @Query(() => S.Catalog, { description: 'What there is to choose from.' })
  catalog() {
    return presentCatalog();
  }

  @Rule('VIEWER')
  @Query(() => S.Dataset, { nullable: true, description: 'A data set by its id; null where there is none.' })
  dataset(@Arg('id', () => String, { description: 'Its id.' }) id: string) {
    return datasetIds().includes(id) ? presentDataset(id) : null;
  }

  @FieldResolver()
  async origin(@Root() { id }: PresentedDataset, @Ctx() { blobs }: Context) {
    const dataset = await findDataset(blobs, id);
    if (dataset.state !== 'imported') return null;
    const { from, at, skipped = [], notes = [] } = dataset.imported;
    return { from, at: new Date(at), skipped, notes };
  }
  @FieldResolver()
  async classSummaries(@Root() { id }: PresentedDataset, @Ctx() { blobs }: Context) {
    return P.presentClasses(id, await summariseClasses(blobs, await findDataset(blobs, id)));
  }
}
