import * as S from '@trojanscope/schema';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { importDataset } from '../jobs/importDataset.js';
import { importModel } from '../jobs/importModel.js';
import { start } from '../jobs/start.js';
import { createUpload, findUpload } from '../uploads/uploads.js';
import { viewerOf } from '../viewer.js';
import { answer, INPUT } from './answer.js';
import type { Context } from './context.js';
import { jobById } from './lookups.js';
import { presentUpload } from './present.js';

@Resolver()
export class Uploads {
  @Rule('RUNNER')
  @Mutation(() => S.CreateUploadPayload, {
    description: 'Gives an address to send one file to: a model bundle or a data set, as a zip archive.',
  })
  createUpload(
    @Arg('input', () => S.CreateUploadInput, INPUT) input: S.CreateUploadInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      const { id, url } = await createUpload(context.db, input, viewerOf(context));
      return { created: { url, upload: await uploadById(id, context) } };
    });
  }

  @Rule('RUNNER')
  @Mutation(() => S.ImportModelPayload, {
    description: 'Queues the import of a model bundle that was uploaded. What is refused leaves no trace.',
  })
  importModel(
    @Arg('input', () => S.ImportModelInput, INPUT) input: S.ImportModelInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => ({ job: await jobById(await start(importModel, input, context), context) }));
  }

  @Rule('RUNNER')
  @Mutation(() => S.ImportDatasetPayload, {
    description: 'Queues the import of a data set that was uploaded. One that is there is not replaced.',
  })
  importDataset(
    @Arg('input', () => S.ImportDatasetInput, INPUT) input: S.ImportDatasetInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => ({ job: await jobById(await start(importDataset, input, context), context) }));
  }
}

export async function uploadById(id: string, context: Context) {
  const row = await findUpload(context.db, id, viewerOf(context));
  return row ? presentUpload(row) : null;
}
