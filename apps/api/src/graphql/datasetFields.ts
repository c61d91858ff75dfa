import * as S from '@trojanscope/schema';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { findDataset } from '../datasets/catalog.js';
import { summariseClasses } from '../datasets/classes.js';
import type { Context } from './context.js';
import * as P from './present.js';
import type { PresentedDataset } from './presentCatalog.js';

@Resolver(() => S.Dataset)
export class DatasetFields {
  @FieldResolver()
  async origin(@Root() { id }: PresentedDataset, @Ctx() { dataFolder }: Context) {
    const dataset = await findDataset(dataFolder, id);
    if (dataset.state !== 'imported') return null;
    const { from, at, skipped = [], notes = [] } = dataset.imported;
    return { from, at: new Date(at), skipped, notes };
  }
  @FieldResolver()
  async classSummaries(@Root() { id }: PresentedDataset, @Ctx() { dataFolder }: Context) {
    return P.presentClasses(id, await summariseClasses(dataFolder, await findDataset(dataFolder, id)));
  }
}
