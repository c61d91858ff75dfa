import { markOneOf } from '@trojanscope/schema';
import { type GraphQLObjectType, type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { buildSchema, getMetadataStorage } from 'type-graphql';
import { enforceRules } from '../auth/rules.js';
import * as accounts from './accounts.js';
import { Curation } from './curation.js';
import { Datasets } from './datasets.js';
import { DetectionImages, DetectionMeasuresFields, Detections } from './detections.js';
import { EstimateQueries } from './estimates.js';
import { Explanations } from './explanations.js';
import { Jobs } from './jobs.js';
import { Models } from './models.js';
import { Nodes } from './nodes.js';
import { Outcomes } from './outcomes.js';
import { Probe } from './probe.js';
import { LargestRanges } from './ranges.js';
import { SavedViews } from './savedViews.js';
import { Server } from './server.js';
import { Studies } from './studies.js';
import { Subscriptions } from './subscriptions.js';
import { PointFields, RobustnessCurveFields, Sweeps } from './sweeps.js';
import { Uploads } from './uploads.js';

/**
 * The executable schema: the vocabulary of packages/schema with the resolvers of this folder.
 * @param basePath begins the addresses that it gives
 */
export async function createSchema(basePath = ''): Promise<GraphQLSchema> {
  // What an object simply has is read as graphql-js reads it, without a detour at each of thousands of fields.
  for (const type of getMetadataStorage().objectTypes) type.simpleResolvers = true;
  const schema = await buildSchema({
    resolvers: [
      Nodes,
      Models,
      Sweeps,
      RobustnessCurveFields,
      PointFields,
      Outcomes,
      Explanations,
      Detections,
      DetectionMeasuresFields,
      DetectionImages,
      LargestRanges,
      Studies,
      EstimateQueries,
      Jobs,
      Datasets,
      Uploads,
      Probe,
      Curation,
      SavedViews,
      Server,
      Subscriptions,
      accounts.AccountQueries,
      accounts.AccountMutations,
      accounts.AuditEntryFields,
    ],
    validate: false,
    // Subscriptions make their own iterators; type-graphql asks for a bus all the same.
    pubSub: { publish() {}, subscribe: () => ({}) as never },
  });
  if (basePath) for (const [type, field] of ADDRESSES) beginAddress(schema, type, field, basePath);
  return enforceRules(markOneOf(schema));
}

/** Fields that hold an address on this server. */
const ADDRESSES = [
  ['Image', 'url'],
  ['Image', 'thumbnailUrl'],
  ['CreatedUpload', 'url'],
] as const;

function beginAddress(schema: GraphQLSchema, type: string, name: string, basePath: string): void {
  const field = (schema.getType(type) as GraphQLObjectType).getFields()[name]!;
  // A probe's pictures are `data:` addresses.
  field.resolve = ({ [name]: address }: Record<string, string>) =>
    address!.startsWith('/') ? basePath + address : address;
}

/** The schema as text, types in alphabetical order so that a change shows as one. */
export const schemaText = (schema: GraphQLSchema) => `${printSchema(lexicographicSortSchema(schema))}\n`;
