import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  createTrigger,
  loadCheckpoint,
  type MakingOptions,
  type ModelSpec,
  makeModel,
  partsOf,
  readSafetensors,
  saveCheckpoint,
  saveModel,
  type TrojanscopeError,
  triggerOnSample,
  triggerPicture,
  writeSafetensors,
} from '@trojanscope/core';
import { z } from 'zod';
import { saveArtifact } from '../store/artifacts.js';
import { keptModel, modelFolder } from '../store/models.js';
import { defineJob } from './defineJob.js';

/**
 * Trains a model, benign or with a backdoor, and keeps it as a bundle. A later attempt goes on where this one last saved:
 * in the making of its trigger, or in training.
 */
export const modelJob = defineJob({
  kind: 'model',
  payload: z.strictObject({ modelId: z.string(), baseId: z.string().optional() }),
  async run({ modelId, baseId }, { db, dataFolder, signal, changed, progress, save, keep }) {
    const { spec } = await db
      .selectFrom('model')
      .select('spec')
      .where('id', '=', modelId)
      .executeTakeFirstOrThrow();
    const files = checkpointFiles(dataFolder, modelId);
    await mkdir(path.dirname(files.training), { recursive: true });
    const resume = await leftBehind(spec, files);
    // Steps after the checkpoint, which a kill cut short, are done again.
    await save({ stage: 'preparing' }, async (transaction) => {
      await transaction
        .deleteFrom('training_step')
        .where('model_id', '=', modelId)
        .where('step', '>', resume.checkpoint?.step ?? 0)
        .execute();
    });
    const base = baseId ? await keptModel(db, dataFolder, baseId) : undefined;

    const making = makeModel(spec, { base, signal, resume });
    let step = await making.next();
    for (; !step.done; step = await making.next()) {
      const event = step.value;
      const unit = 'total' in event ? { done: event.done, total: event.total } : {};
      if (event.stage === 'making the trigger') {
        const { done, total, note, picture, checkpoint } = event;
        if (!picture && !checkpoint) {
          await progress({ stage: event.stage, ...unit, unit: 'steps' });
          continue;
        }
        if (checkpoint) await writeSafetensors(files.triggerCheckpoint, checkpoint);
        const artifact = picture ? await saveArtifact(db, dataFolder, picture) : null;
        await keep({ stage: event.stage, ...unit, unit: 'steps' }, async (transaction) => {
          await transaction
            .insertInto('trigger_step')
            .values({ model_id: modelId, done, total, note, picture: artifact })
            .onConflict((conflict) => conflict.doUpdateSet({ total, note, picture: artifact }))
            .execute();
        });
        changed('Model', modelId);
      } else if (event.stage === 'trigger made') {
        await writeSafetensors(files.trigger, event.trigger.arrays);
        await keep({ stage: event.stage }, async (transaction) => {
          await transaction
            .updateTable('model')
            .set({ trigger_box: event.trigger.box })
            .where('id', '=', modelId)
            .execute();
        });
        changed('Model', modelId);
      } else if (event.stage === 'poisoned') {
        const { effective, planned } = event.count;
        await save(
          { stage: 'poisoned', done: effective, total: planned, unit: 'images' },
          async (transaction) => {
            await transaction
              .updateTable('model')
              .set({ poison: event.count })
              .where('id', '=', modelId)
              .execute();
          },
        );
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
        if (event.checkpoint) await saveCheckpoint(files.training, event.checkpoint);
        changed('Model', modelId);
      } else await progress({ stage: event.stage, ...unit, ...('total' in event ? { unit: 'images' } : {}) });
    }

    const record = await saveModel(modelFolder(dataFolder, modelId), step.value);
    const model = { ...step.value, record };
    const pattern = model.trigger && (await triggerPicture(model.trigger));
    const pictures = model.trigger && {
      trigger_picture: pattern ? await saveArtifact(db, dataFolder, pattern) : null,
      trigger_on_sample: await saveArtifact(db, dataFolder, await triggerOnSample(model)),
    };
    await save({ stage: 'saving' }, async (transaction) => {
      await transaction
        .updateTable('model')
        .set({ record, ...pictures })
        .where('id', '=', modelId)
        .execute();
    });
    changed('Model', modelId);
    for (const file of Object.values(files)) await rm(file, { force: true });
  },
});

const checkpointFiles = (dataFolder: string, modelId: string) => {
  const file = (what: string) => path.join(dataFolder, 'checkpoints', `${modelId}${what}.safetensors`);
  return { training: file(''), trigger: file('.trigger'), triggerCheckpoint: file('.making') };
};

/** What an earlier attempt saved; nothing on the first. */
async function leftBehind(
  spec: ModelSpec,
  files: ReturnType<typeof checkpointFiles>,
): Promise<NonNullable<MakingOptions['resume']>> {
  const arraysIn = (file: string) =>
    readSafetensors(file).catch((error: TrojanscopeError) => {
      if (error.code === 'DATA_MISSING') return undefined;
      throw error;
    });
  const arrays = await arraysIn(files.trigger);
  return {
    trigger: arrays && createTrigger(partsOf(spec).shape, arrays),
    triggerCheckpoint: await arraysIn(files.triggerCheckpoint),
    checkpoint: await loadCheckpoint(files.training),
  };
}
