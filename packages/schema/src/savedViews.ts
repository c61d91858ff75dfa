import { id, nameSchema } from '@trojanscope/core/definitions';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ObjectType } from 'type-graphql';
import { z } from 'zod';
import { connectionOf, Node } from './connections.js';
import { inputOf } from './inputOf.js';
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

/** A path of this server's and nothing that a browser would take for another's address. */
function isOwnPage(address: string): boolean {
  const base = 'http://here.invalid';
  if (!/^\/[^\p{C}\\]*$/u.test(address) || !URL.canParse(address, base)) return false;
  return new URL(address, base).origin === base;
}

export const saveViewRequest = z.strictObject({
  viewId: id('One of one’s own to change; a new one when left out.').optional(),
  name: nameSchema.describe('What to call it, 1 to 120 characters.'),
  address: z
    .string()
    .max(2_000)
    .refine(isOwnPage, 'expected path and query of a page, such as /models?tag=ours')
    .describe(
      'Path and query of a page of the dashboard, such as `/models?tag=ours`, at most 2,000 characters.',
    ),
  shared: z.boolean().default(false).describe('Whether everybody is to see it.'),
});
export const SaveViewInput = inputOf('SaveViewInput', 'A view to save.', saveViewRequest);
export type SaveViewInput = z.output<typeof saveViewRequest>;

export const deleteViewRequest = z.strictObject({
  viewId: id('One of one’s own; for admins also one that is shared.'),
});
export const DeleteViewInput = inputOf('DeleteViewInput', 'A view to delete.', deleteViewRequest);
export type DeleteViewInput = z.output<typeof deleteViewRequest>;

export const SaveViewPayload = payloadOf('SaveView', 'view', () => SavedView, 'The view as it is now.');
export const DeleteViewPayload = payloadOf('DeleteView', 'view', () => SavedView, 'The view as it was.');

export const SavedViewConnection = connectionOf(SavedView);
