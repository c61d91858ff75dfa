import { id, nameSchema, readingSchema } from '@trojanscope/core/definitions';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, Int, ObjectType } from 'type-graphql';
import { z } from 'zod';
import { Node } from './connections.js';
import { UploadKind } from './enums.js';
import { idempotent } from './idempotency.js';
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

/** What a server keeps of one file, in bytes. */
const MAXIMUM_BYTES = 2 ** 30;

export const createUploadRequest = z.strictObject({
  kind: z.enum(['MODEL', 'DATASET']).describe('What is in it.'),
  fileName: z
    .string()
    .trim()
    .min(1)
    .max(120)
    .regex(/^\P{C}*$/u, 'expected a name without control characters')
    .describe('What to call it, 1 to 120 characters.'),
  bytes: z.int().min(1).max(MAXIMUM_BYTES).describe('Its size in bytes; another is refused.'),
  sha256: z
    .string()
    .toLowerCase()
    .regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits')
    .describe('Its SHA-256 in hexadecimal; another is refused.'),
});
export const CreateUploadInput = inputOf('CreateUploadInput', 'A file to send.', createUploadRequest, {
  types: { kind: UploadKind },
});
export type CreateUploadInput = z.output<typeof createUploadRequest>;

export const importModelRequest = z.strictObject({
  uploadId: id('An upload of the kind MODEL that is here whole.'),
  name: nameSchema.optional().describe('What to call the model; made up when left out.'),
  benignModelId: id(
    'The benign model to compare a trojaned one with, where its own is not here; with neither it is compared with none.',
  ).optional(),
  measure: z
    .boolean()
    .default(false)
    .describe('Measure clean accuracy and ASR here, whatever the bundle says of them.'),
  dataset: id(
    'Of an ONNX network: the data set that it is for, where its import.json names none or another.',
  ).optional(),
  targetLabel: z
    .int()
    .min(0)
    .optional()
    .describe(
      'Of an ONNX network with a trigger: what the backdoor makes it say, where import.json does not; read off its answers where neither does and they are clear.',
    ),
  ...readingSchema.shape,
  ...idempotent,
});
export const ImportModelInput = inputOf(
  'ImportModelInput',
  'A model bundle, or an ONNX network, to take in.',
  importModelRequest,
);
export type ImportModelInput = z.output<typeof importModelRequest>;

export const importDatasetRequest = z.strictObject({
  uploadId: id('An upload of the kind DATASET that is here whole.'),
  datasetId: z
    .string()
    .describe(
      'Its id from now on: small letters, digits and hyphens, a letter first, at most 40; `gtsrb`, `fashion-mnist` and `cifar-10` for these themselves.',
    ),
  skipUnreadable: z
    .boolean()
    .default(false)
    .describe(
      'Leave out files that cannot be read, and record which, instead of refusing them all; not for `gtsrb`, `fashion-mnist` and `cifar-10`.',
    ),
  ...idempotent,
});
export const ImportDatasetInput = inputOf(
  'ImportDatasetInput',
  'A data set to take in.',
  importDatasetRequest,
);
export type ImportDatasetInput = z.output<typeof importDatasetRequest>;

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
