import {
  architectureOf,
  attackOf,
  backdoorOf,
  checkSameNormalization,
  chosenAttack,
  createTrigger,
  datasetOf,
  loadCheckpoint,
  type MakingOptions,
  type ModelSpec,
  makeModel,
  partsOf,
  pluginsOf,
  readSafetensors,
  requirePlugins,
  type Start,
  saveCheckpoint,
  saveModel,
  specOf,
  TrojanscopeError,
  triggerOnSample,
  triggerPicture,
  writeSafetensors,
} from '@trojanscope/core';
import { implantBackdoorRequest, trainModelRequest } from '@trojanscope/schema';
import { z } from 'zod';
import type { Blobs } from '../blobs/blobs.js';
import { saveArtifact } from '../store/artifacts.js';
import type { Db } from '../store/database.js';
import { newId } from '../store/ids.js';
import type { NewJob } from '../store/jobs.js';
import {
  findModel,
  forgetTrainingSteps,
  insertModelRow,
  keptModel,
  modelKey,
  noteTrainingStep,
  noteTriggerStep,
  updateModel,
} from '../store/models.js';
import { checkBackdoor, checkFiles, checkPaths, knownDataset, modelRow, trainable } from './checks.js';
import { defineJob } from './defineJob.js';
import type { Starter } from './start.js';

/**
 * Trains a model, benign or with a backdoor, and keeps it as a bundle. A later attempt goes on where this one last saved:
 * in the making of its trigger, or in training.
 */
export const modelJob = defineJob({
  kind: 'model',
  title(spec: ModelSpec) {
    const what = describe(spec);
    return spec.backdoor
      ? `Implant ${attackOf(spec.backdoor.attack).title} into ${what}`
      : `Train a benign ${what}`;
  },
  makesModel: true,
  payload: z.strictObject({ modelId: z.string(), baseId: z.string().optional() }),
  async run({ modelId, baseId }, { db, blobs, signal, changed, progress, save, keep }) {
    const { spec } = (await findModel(db, modelId))!;
    requirePlugins(pluginsOf(spec));
    const files = checkpointKeys(modelId);
    const resume = await leftBehind(blobs, spec, files);
    // Steps after the checkpoint, which a kill cut short, are done again.
    await save({ stage: 'preparing' }, (transaction) =>
      forgetTrainingSteps(transaction, modelId, resume.checkpoint?.step ?? 0),
    );
    const base = baseId ? await keptModel(db, blobs, baseId) : undefined;

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
        if (checkpoint)
          await blobs.put(files.triggerCheckpoint, (file) => writeSafetensors(file, checkpoint));
        const artifact = picture ? await saveArtifact(db, blobs, picture) : null;
        await keep({ stage: event.stage, ...unit, unit: 'steps' }, (transaction) =>
          noteTriggerStep(transaction, { model_id: modelId, done, total, note, picture: artifact }),
        );
        changed('Model', modelId);
      } else if (event.stage === 'trigger made') {
        const { arrays } = event.trigger;
        await blobs.put(files.trigger, (file) => writeSafetensors(file, arrays));
        await keep({ stage: event.stage }, (transaction) =>
          updateModel(transaction, modelId, { trigger_box: event.trigger.box }),
        );
        changed('Model', modelId);
      } else if (event.stage === 'poisoned') {
        const { effective, planned } = event.count;
        await save({ stage: 'poisoned', done: effective, total: planned, unit: 'images' }, (transaction) =>
          updateModel(transaction, modelId, { poison: event.count }),
        );
        changed('Model', modelId);
      } else if (event.stage === 'training') {
        const { step: done, steps: total, epoch, loss, accuracy } = event;
        const note = event.checkpoint ? keep : save;
        await note({ stage: 'training', done, total, unit: 'steps' }, (transaction) =>
          noteTrainingStep(transaction, { model_id: modelId, step: done, epoch, loss, accuracy }),
        );
        // After its step is noted: the next attempt starts behind the checkpoint and would leave a gap.
        const { checkpoint } = event;
        if (checkpoint) await blobs.put(files.training, (file) => saveCheckpoint(file, checkpoint));
        changed('Model', modelId);
      } else await progress({ stage: event.stage, ...unit, ...('total' in event ? { unit: 'images' } : {}) });
    }

    const made = step.value;
    const record = await blobs.put(modelKey(modelId), (folder) => saveModel(folder, made));
    const model = { ...made, record };
    const pattern = model.trigger && (await triggerPicture(model.trigger));
    const pictures = model.trigger && {
      trigger_picture: pattern ? await saveArtifact(db, blobs, pattern) : null,
      trigger_on_sample: await saveArtifact(db, blobs, await triggerOnSample(model)),
    };
    await save({ stage: 'saving' }, (transaction) =>
      updateModel(transaction, modelId, { record, ...pictures }),
    );
    changed('Model', modelId);
    for (const key of Object.values(files)) await blobs.remove(key);
  },
});

const checkpointKeys = (modelId: string) => {
  const key = (what: string) => `checkpoints/${modelId}${what}.safetensors`;
  return { training: key(''), trigger: key('.trigger'), triggerCheckpoint: key('.making') };
};

/** What an earlier attempt saved; nothing on the first. */
async function leftBehind(
  blobs: Blobs,
  spec: ModelSpec,
  files: ReturnType<typeof checkpointKeys>,
): Promise<NonNullable<MakingOptions['resume']>> {
  const arraysIn = async (key: string) =>
    readSafetensors(await blobs.localPath(key)).catch((error: TrojanscopeError) => {
      if (error.code === 'DATA_MISSING') return undefined;
      throw error;
    });
  const arrays = await arraysIn(files.trigger);
  return {
    trigger: arrays && createTrigger(partsOf(spec).shape, arrays),
    triggerCheckpoint: await arraysIn(files.triggerCheckpoint),
    checkpoint: await loadCheckpoint(await blobs.localPath(files.training)),
  };
}

export const trainModel: Starter<typeof trainModelRequest> = {
  mutation: 'trainModel',
  request: trainModelRequest,
  makes: 'Model',
  check({ name, startFromModelId, ...input }, by) {
    const spec = checkedSpec(input, startFromModelId ? 'MODEL' : 'SCRATCH');
    const created = { name, createdBy: by.id };
    return async (tx) => {
      if (!startFromModelId) return [(await insertModel(tx, spec, created)).id];
      const base = await modelRow(tx, startFromModelId, 'startFromModelId');
      const { architecture } = base.spec;
      if (architecture !== spec.architecture || base.dataset !== spec.dataset) {
        throw new TrojanscopeError(
          'BAD_USER_INPUT',
          `startFromModelId: expected a ${spec.architecture} of ${spec.dataset}; “${base.name}” is a ${architecture} of ${base.dataset}.`,
          ['startFromModelId'],
        );
      }
      checkSameNormalization(spec, base.spec);
      return [(await insertModel(tx, spec, { ...created, baseId: base.id, needs: [base.job_id] })).id];
    };
  },
};

export const implantBackdoor: Starter<typeof implantBackdoorRequest> = {
  mutation: 'implantBackdoor',
  request: implantBackdoorRequest,
  makes: 'Model',
  async check({ name, benignModelId, ...input }, by) {
    const clean = checkedSpec(input, 'SCRATCH');
    const [attack, given] = chosenAttack(input.attack);
    checkPaths(Object.keys(attackOf(attack).files ?? {}), given, ['attack', attack], by);
    const spec: ModelSpec = {
      ...(input.startFromBenign ? specOf(input, 'MODEL') : clean),
      backdoor: backdoorOf(input, clean),
    };
    checkBackdoor(spec);
    await checkFiles(spec, ['attack', attack]);
    return async (tx) => {
      const benign = benignModelId
        ? await benignFor(tx, spec, benignModelId, input.startFromBenign)
        : await insertModel(tx, clean, { createdBy: by.id });
      const more = { name, createdBy: by.id, benignId: benign.id, needs: [benign.jobId] };
      return [(await insertModel(tx, spec, more)).id];
    };
  },
};

/** The benign model that was asked for. @throws TrojanscopeError BAD_USER_INPUT, NOT_FOUND, CONFLICT */
async function benignFor(db: Db, spec: ModelSpec, id: string, startsThere: boolean): Promise<Inserted> {
  const row = await modelRow(db, id, 'benignModelId');
  if (row.kind !== 'BENIGN' || row.dataset !== spec.dataset) {
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `benignModelId: expected a benign model of ${spec.dataset}; “${row.name}” is ${row.kind.toLowerCase()} and of ${row.dataset}.`,
      ['benignModelId'],
    );
  }
  const { architecture, sizePx } = row.spec;
  if (architecture !== spec.architecture || sizePx !== spec.sizePx) {
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `benignModelId: expected a ${spec.architecture} for the same size of images; “${row.name}” is a ${architecture} for ${sizePx ?? 'the data set’s own size'}.`,
      ['benignModelId'],
    );
  }
  if (startsThere) checkSameNormalization(spec, row.spec);
  return { id: row.id, jobId: row.job_id };
}

/** What is asked of a data set that is here. @throws TrojanscopeError as core's; DATA_MISSING */
function checkedSpec(input: Parameters<typeof specOf>[0], start: Start): ModelSpec {
  trainable(knownDataset(input.dataset));
  return specOf(input, start);
}

interface ModelOptions extends Pick<NewJob, 'createdBy' | 'studyId' | 'needs'> {
  name?: string;
  /** In what it differs from models that would be called alike, in words. */
  variant?: string;
  /** The benign model that a trojaned one is compared with, and may start from. */
  benignId?: string;
  /** The model that a benign one starts from. */
  baseId?: string;
}
interface Inserted {
  id: string;
  jobId: string;
}

const describe = (spec: ModelSpec) =>
  `${architectureOf(spec).title} on ${datasetOf(spec.dataset).title}${spec.seed === 1 ? '' : `, seed ${spec.seed}`}`;

/** A new model with the job that trains it. */
export async function insertModel(
  db: Db,
  spec: ModelSpec,
  { name, variant, benignId, baseId, ...more }: ModelOptions,
): Promise<Inserted> {
  const id = newId('Model');
  const { backdoor } = spec;
  const kind = backdoor ? attackOf(backdoor.attack).title : 'Benign';
  const payload = { modelId: id, baseId: benignId ?? baseId };
  const jobId = await modelJob.queue(db, spec, payload, { modelId: id, ...more });
  await insertModelRow(db, {
    id,
    name: name ?? `${kind}${variant ? ` (${variant})` : ''} ${describe(spec)}`,
    spec,
    benign_id: benignId ?? null,
    job_id: jobId,
  });
  return { id, jobId };
}
