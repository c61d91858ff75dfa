import { id, nameSchema } from '@trojanscope/core/definitions';
import { z } from 'zod';
import { inputOf } from './inputOf.js';

const item = z
  .array(id('An item.'))
  .min(1)
  .max(100)
  .describe('Models, sweeps, studies and detections, 1 to 100. All of them, or where one cannot, none.');
const tag = z
  .string()
  .trim()
  .min(1)
  .max(50)
  .regex(/^\P{C}*$/u, 'expected a tag without control characters');

export const annotateRequest = z.strictObject({
  ids: item,
  name: nameSchema.optional().describe('A new name, for one model or study.'),
  notes: z.string().max(20_000).optional().describe('New notes, in Markdown, at most 20,000 characters.'),
  addTags: z.array(tag).max(50).optional().describe('Tags to add, each of at most 50 characters.'),
  removeTags: z.array(z.string()).max(50).optional().describe('Tags to take away.'),
});
export const AnnotateInput = inputOf(
  'AnnotateInput',
  'What to write on models, sweeps, studies and detections; what is left out stays.',
  annotateRequest,
);
export type AnnotateInput = z.output<typeof annotateRequest>;

export const setLockRequest = z.strictObject({
  ids: item,
  locked: z.boolean().describe('Whether they shall be locked.'),
});
export const SetLockInput = inputOf('SetLockInput', 'What to lock or unlock.', setLockRequest);
export type SetLockInput = z.output<typeof setLockRequest>;

export const itemsRequest = z.strictObject({ ids: item });
export const DeleteItemsInput = inputOf('DeleteItemsInput', 'What to move to the trash.', itemsRequest);
export type DeleteItemsInput = z.output<typeof itemsRequest>;
export const RestoreItemsInput = inputOf('RestoreItemsInput', 'What to take out of the trash.', itemsRequest);
export type RestoreItemsInput = z.output<typeof itemsRequest>;

export const purgeRequest = z.strictObject({
  olderThanDays: z
    .int()
    .min(0)
    .max(36_500)
    .describe('What has been in the trash for so many days; 0 for all of it.'),
});
export const PurgeTrashInput = inputOf('PurgeTrashInput', 'What to delete for good.', purgeRequest);
export type PurgeTrashInput = z.output<typeof purgeRequest>;
