import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  loadCheckpoint,
  type ModelSpec,
  makeModel,
  saveCheckpoint,
  saveModel,
  triggerOnSample,
  triggerPicture,
} from '@trojanscope/core';
import { z } from 'zod';
import { saveArtifact } from '../store/artifacts.js';
import { modelFolder } from '../store/models.js';
import { defineJob } from './defineJob.js';

/** Trains a model, benign or with a backdoor, and keeps it as a bundle. A later attempt goes on at the last epoch. */
export const modelJob = defineJob({
  kind: 'model',
  payload: z.strictObject({ modelId: z.string() }),
  async run({ modelId }, { db, dataFolder, signal, changed, progress, save, keep }) {
    const { spec: specText } = await db
      .selectFrom('model')
      .select('spec')
      .where('id', '=', modelId)
      .executeTakeFirstOrThrow();
    const spec = JSON.parse(specText) as ModelSpec;
    const checkpoint = path.join(dataFolder, 'checkpoints', `${modelId}.safetensors`);
    await mkdir(path.dirname(checkpoint), { recursive: true });
    const resume = await loadCheckpoint(checkpoint);
    // Steps of an epoch that a kill cut short are done again.
    await save({ stage: 'preparing' }, async (transaction) => {
      await transaction
        .deleteFrom('training_step')
        .where('model_id', '=', modelId)
        .where('epoch', '>', resume?.epoch ?? 0)
        .execute();
    });

    const making = makeModel(spec, { signal, resume });
    let step = await making.next();
    while (!step.done) {
      const event = step.value;
      if (event.stage === 'poisoned') {
        await save({ stage: 'poisoning' }, async (transaction) => {
          await transaction
            .updateTable('model')
            .set({ poison: JSON.stringify(event.count), trigger_box: JSON.stringify(event.trigger.box) })
            .where('id', '=', modelId)
            .execute();
        });
        changed('Model', modelId);
      } else if (event.stage === 'training') {
        const { step: done, steps: total, epoch, loss, accuracy } = event;
        const note = event.checkpoint ? keep : save;
        await note({ stage: 'training', done, total, unit: 'steps' }, async (transaction) => {
          await transaction
            .insertInto('training_step')
            .values({ model_id: modelId, step: done, epoch, loss, accuracy })
            .onConflict((conflict) => conflict.doNothing())
            .execute();
        });
        // After its step is noted: the next attempt starts behind the checkpoint and would leave a gap.
        if (event.checkpoint) await saveCheckpoint(checkpoint, event.checkpoint);
        changed('Model', modelId);
      } else await progress({ stage: event.stage });
      step = await making.next();
    }

    const record = await saveModel(modelFolder(dataFolder, modelId), step.value);
    const model = { ...step.value, record };
    const pictures = model.trigger && {
      trigger_picture: await saveArtifact(db, dataFolder, await triggerPicture(model.trigger)),
      trigger_on_sample: await saveArtifact(db, dataFolder, await triggerOnSample(model)),
    };
    await save({ stage: 'saving' }, async (transaction) => {
      await transaction
        .updateTable('model')
        .set({ record: JSON.stringify(record), ...pictures })
        .where('id', '=', modelId)
        .execute();
    });
    changed('Model', modelId);
    await rm(checkpoint, { force: true });
  },
});
