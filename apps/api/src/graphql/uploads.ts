import * as S from '@trojanscope/schema';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { startDatasetImport, startModelImport } from '../jobs/startImport.js';
import { createUpload, findUpload } from '../uploads/uploads.js';
import { answer, INPUT } from './answer.js';
import type { Context } from './context.js';
import { presentUpload } from './present.js';
import { jobById } from './stored.js';

@Resolver()
export class UploadMutations {
  @Rule('RUNNER')
  @Mutation(() => S.CreateUploadPayload, {
    description: 'Gives an address to send one file to: a model bundle or a data set, as a zip archive.',
  })
  createUpload(
    @Arg('input', () => S.CreateUploadInput, INPUT) input: S.CreateUploadInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      const { id, url } = await createUpload(context.db, input, context.viewer!);
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
    return started(context, () => startModelImport(context.db, input, context.viewer!));
  }

  @Rule('RUNNER')
  @Mutation(() => S.ImportDatasetPayload, {
    description: 'Queues the import of a data set that was uploaded. One that is there is not replaced.',
  })
  importDataset(
    @Arg('input', () => S.ImportDatasetInput, INPUT) input: S.ImportDatasetInput,
    @Ctx() context: Context,
  ) {
    return started(context, () => startDatasetImport(context.db, input, context.viewer!));
  }
}

const started = (context: Context, start: () => Promise<string>) =>
  answer(async () => {
    const jobId = await start();
    context.queue.wake();
    context.events.emit('Job', jobId);
    return { job: await jobById(jobId, context) };
  });

export async function uploadById(id: string, { db, viewer }: Context) {
  const row = await findUpload(db, id, viewer!);
  return row ? presentUpload(row) : null;
}
