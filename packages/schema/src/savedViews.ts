import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionOf, Node } from './connections.js';
import { payloadOf } from './payloads.js';
import { Person } from './values.js';

// What somebody looks at, under a name: a page with its filters, to come back to or to share.

@ObjectType({ implements: Node, description: 'A page of the dashboard with its filters, under a name.' })
export class SavedView extends Node {
  @Field(() => String, { description: 'Its name.' })
  name!: string;
  @Field(() => String, { description: 'Path and query of the page, without the server’s origin.' })
  address!: string;
  @Field(() => Boolean, { description: 'Whether everybody sees it, or only who saved it.' })
  shared!: boolean;
  @Field(() => Person, { description: 'Who saved it.' })
  createdBy!: Person;
  @Field(() => GraphQLDateTime, { description: 'When it was first saved.' })
  createdAt!: Date;
  @Field(() => GraphQLDateTime, { description: 'When it was last saved.' })
  changedAt!: Date;
}

@InputType({ description: 'A view to save.' })
export class SaveViewInput {
  @Field(() => ID, { nullable: true, description: 'One of one’s own to change; a new one when left out.' })
  viewId?: string;
  @Field(() => String, { description: 'What to call it, 1 to 120 characters.' })
  name!: string;
  @Field(() => String, {
    description:
      'Path and query of a page of the dashboard, such as `/models?tag=ours`, at most 2,000 characters.',
  })
  address!: string;
  @Field(() => Boolean, { defaultValue: false, description: 'Whether everybody is to see it.' })
  shared!: boolean;
}

@InputType({ description: 'A view to delete.' })
export class DeleteViewInput {
  @Field(() => ID, { description: 'One of one’s own; for admins also one that is shared.' })
  viewId!: string;
}

export const SaveViewPayload = payloadOf('SaveView', 'view', () => SavedView, 'The view as it is now.');
export const DeleteViewPayload = payloadOf('DeleteView', 'view', () => SavedView, 'The view as it was.');

export const SavedViewConnection = connectionOf(SavedView);
