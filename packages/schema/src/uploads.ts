import { id, nameSchema, readingSchema } from '@trojanscope/core/definitions';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { z } from 'zod';
import { Node } from './connections.js';
import { UploadKind } from './enums.js';
import { IDEMPOTENCY, idempotent } from './idempotency.js';
import { inputOf } from './inputOf.js';
import { payloadOf } from './payloads.js';
import { Job } from './stored.js';

// What people bring: an archive goes to a one-time address, and an import takes it from there.

@ObjectType({ implements: Node, description: 'An archive that was, or is to be, sent to the server.' })
export class Upload extends Node {
  @Field(() => UploadKind, { description: 'What is in it.' })
  kind!: keyof typeof UploadKind;
  @Field(() => String, { description: 'What its sender calls the file.' })
  fileName!: string;
  @Field(() => Int, { description: 'Its size in bytes.' })
  bytes!: number;
  @Field(() => String, { description: 'Its SHA-256.' })
  sha256!: string;
  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  createdAt!: Date;
  @Field(() => GraphQLDateTime, { description: 'Until when its address takes it.' })
  expiresAt!: Date;
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When it was here whole, with the right size and hash; null before.',
  })
  receivedAt!: Date | null;
}

@ObjectType({ description: 'An upload with its address, which is shown this once.' })
export class CreatedUpload {
  @Field(() => String, {
    description:
      'Where to PUT the file, as the body of one request, without the server’s origin. It needs no other credential, works once and for 15 minutes.',
  })
  url!: string;
  @Field(() => Upload, { description: 'The upload.' })
  upload!: Upload;
}

@InputType({ description: 'A file to send.' })
export class CreateUploadInput {
  @Field(() => UploadKind, { description: 'What is in it.' })
  kind!: keyof typeof UploadKind;
  @Field(() => String, { description: 'What to call it, 1 to 120 characters.' })
  fileName!: string;
  @Field(() => Int, { description: 'Its size in bytes, at most 1 GiB; another is refused.' })
  bytes!: number;
  @Field(() => String, { description: 'Its SHA-256 in hexadecimal; another is refused.' })
  sha256!: string;
}

export const importModelRequest = z.strictObject({
  uploadId: id('An upload of the kind MODEL that is here whole.'),
  name: nameSchema.optional().describe('What to call the model; made up when left out.'),
  benignModelId: id('The benign model to compare a trojaned one with, where its own is not here.').optional(),
  measure: z
    .boolean()
    .default(false)
    .describe('Measure clean accuracy and ASR here, whatever the bundle says of them.'),
  ...readingSchema.shape,
  ...idempotent,
});
export const ImportModelInput = inputOf('ImportModelInput', 'A model bundle to take in.', importModelRequest);
export type ImportModelInput = z.output<typeof importModelRequest>;

@InputType({ description: 'A data set to take in.' })
export class ImportDatasetInput {
  @Field(() => ID, { description: 'An upload of the kind DATASET that is here whole.' })
  uploadId!: string;
  @Field(() => String, {
    description:
      'Its id from now on: small letters, digits and hyphens, a letter first, at most 40; `gtsrb` for GTSRB itself.',
  })
  datasetId!: string;
  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Leave out files that cannot be read, and record which, instead of refusing them all; not for `gtsrb`.',
  })
  skipUnreadable!: boolean;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string;
}

export const CreateUploadPayload = payloadOf(
  'CreateUpload',
  'created',
  () => CreatedUpload,
  'The upload with its address.',
);
export const ImportModelPayload = payloadOf(
  'ImportModel',
  'job',
  () => Job,
  'The job that checks the bundle and takes it in; its `model` is there once it succeeded.',
);
export const ImportDatasetPayload = payloadOf(
  'ImportDataset',
  'job',
  () => Job,
  'The job that checks the images and takes them in; the catalog has them once it succeeded.',
);
