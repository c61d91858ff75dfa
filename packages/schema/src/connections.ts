import { GraphQLDateTime } from 'graphql-scalars';
import { type ClassType, Field, ID, Int, InterfaceType, ObjectType } from 'type-graphql';

@InterfaceType({
  description: 'Anything with an id of its own.',
  // Resolvers return plain objects, which name their type themselves.
  resolveType: (node: { __typename: string }) => node.__typename,
})
export abstract class Node {
  @Field(() => ID, { description: 'Opaque, typed and stable.' })
  id!: string;
}

@InterfaceType({
  implements: Node,
  description:
    'What people keep in order: with notes and tags, locked against deletion, in the trash or not.',
  resolveType: (node: { __typename: string }) => node.__typename,
})
export abstract class Curated extends Node {
  @Field(() => String, { description: 'Notes of the people who work with it, in Markdown.' })
  notes!: string;
  @Field(() => [String], { description: 'Tags, in alphabetical order.' })
  tags!: string[];
  @Field(() => Boolean, { description: 'Whether it is locked: it cannot be deleted before it is unlocked.' })
  locked!: boolean;
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When it went to the trash, from which it can be restored; null where it did not.',
  })
  deletedAt!: Date | null;
}

@ObjectType({ description: 'Where a page of a connection lies.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether there is more behind this page.' })
  hasNextPage!: boolean;
  @Field(() => Boolean, { description: 'Whether there is more before this page.' })
  hasPreviousPage!: boolean;
  @Field(() => String, { nullable: true, description: 'Cursor of the first edge.' })
  startCursor!: string | null;
  @Field(() => String, { nullable: true, description: 'Cursor of the last edge.' })
  endCursor!: string | null;
}

export interface Connection<T> {
  nodes: T[];
  edges: { cursor: string; node: T }[];
  pageInfo: PageInfo;
  totalCount: Promise<number>;
}

/** The connection type of a node type, named `<Name>Connection`, its edges `<Name>Edge`. */
function connectionOf<T extends object>(NodeType: ClassType<T>): ClassType<Connection<T>> {
  @ObjectType(`${NodeType.name}Edge`, { description: 'One entry of a list with its cursor.' })
  class EdgeType {
    @Field(() => String, { description: 'For `after` or `before`.' })
    cursor!: string;
    @Field(() => NodeType, { description: 'The entry.' })
    node!: T;
  }
  @ObjectType(`${NodeType.name}Connection`, { description: 'A page of a list.' })
  class ConnectionType {
    @Field(() => [NodeType], { description: 'The entries of this page.' })
    nodes!: T[];
    @Field(() => [EdgeType], { description: 'The entries with their cursors.' })
    edges!: EdgeType[];
    @Field(() => PageInfo, { description: 'Where this page lies.' })
    pageInfo!: PageInfo;
    @Field(() => Int, { description: 'How many entries there are in all.' })
    totalCount!: Promise<number>;
  }
  return ConnectionType;
}

export { connectionOf };
