import {
  type AttackId,
  architectures,
  attackOf,
  attacks,
  checkNormalization,
  checkPoisonRate,
  checkSameNormalization,
  datasetOf,
  implantParameters,
  type ModelSpec,
  nameSchema,
  normalizationSchema,
  parseParameters,
  partsOf,
  recipeSchema,
  type Start,
  type TrainingRequest,
  TrojanscopeError,
  trainingParameters,
  withoutNulls,
} from '@trojanscope/core';
import type { ImplantBackdoorInput, TrainModelInput } from '@trojanscope/schema';
import { z } from 'zod';
import { type Db, now } from '../store/database.js';
import { newId } from '../store/ids.js';
import { insertJob } from '../store/jobs.js';
import type { Actor, Viewer } from '../viewer.js';
import { check, checkFiles, checkPaths, knownDataset, modelRow, seedSchema } from './checks.js';
import { once } from './once.js';

export function startTraining(db: Db, input: TrainModelInput, by: Actor): Promise<string> {
  const { startFromModelId } = input;
  const spec = specOf(input, startFromModelId ? 'MODEL' : 'SCRATCH');
  const name = check(nameSchema.optional(), input.name ?? undefined, 'name');
  const createdBy = by.id;
  return once(db, 'trainModel', input, by, async (tx) => {
    if (!startFromModelId) return (await insertModel(tx, spec, { name, createdBy })).id;
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
    return (await insertModel(tx, spec, { name, createdBy, baseId: base.id, needs: [base.job_id] })).id;
  });
}

export async function startImplant(db: Db, input: ImplantBackdoorInput, by: Viewer): Promise<string> {
  const clean = specOf(input, 'SCRATCH');
  const name = check(nameSchema.optional(), input.name ?? undefined, 'name');
  const classes = datasetOf(input.dataset).classNames.length;
  const chosen = Object.entries(input.attack).filter(([, value]) => value != null) as [AttackId, object][];
  if (chosen.length !== 1) {
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `attack: expected exactly one attack; got ${chosen.length}.`,
      ['attack'],
    );
  }
  const [attack, given] = chosen[0]!;
  const parameters = parseParameters(attackOf(attack).parameters, withoutNulls(given), ['attack', attack]);
  checkPaths(Object.keys(attackOf(attack).files ?? {}), given, ['attack', attack], by);
  const spec: ModelSpec = {
    ...(input.startFromBenign ? specOf(input, 'MODEL') : clean),
    backdoor: {
      attack,
      parameters,
      targetLabel: check(
        z
          .int()
          .min(0)
          .max(classes - 1),
        input.targetLabel,
        'targetLabel',
      ),
      poisonRate: check(
        implantParameters.shape.poisonRate.unwrap(),
        input.poisonRate ?? attackOf(attack).poisonRate,
        'poisonRate',
      ),
    },
  };
  checkBackdoor(spec);
  await checkFiles(spec, ['attack', attack]);
  return once(db, 'implantBackdoor', input, by, async (tx) => {
    let benign: { id: string; jobId: string };
    if (input.benignModelId) {
      const row = await modelRow(tx, input.benignModelId, 'benignModelId');
      if (row.kind !== 'BENIGN' || row.dataset !== input.dataset) {
        throw new TrojanscopeError(
          'BAD_USER_INPUT',
          `benignModelId: expected a benign model of ${input.dataset}; “${row.name}” is ${row.kind.toLowerCase()} and of ${row.dataset}.`,
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
      if (input.startFromBenign) checkSameNormalization(spec, row.spec);
      benign = { id: row.id, jobId: row.job_id };
    } else benign = await insertModel(tx, clean, { createdBy: by.id });
    return (
      await insertModel(tx, spec, { name, createdBy: by.id, benignId: benign.id, needs: [benign.jobId] })
    ).id;
  });
}

/** Lets the attack itself say whether its parameters fit the images; and something has to be poisoned. */
export function checkBackdoor(spec: ModelSpec): void {
  const { attack, parameters, poisonRate } = spec.backdoor!;
  checkPoisonRate(poisonRate, datasetOf(spec.dataset).counts.train);
  try {
    attackOf(attack).checkParameters(parameters, partsOf(spec).shape);
  } catch (error) {
    if (!(error instanceof TrojanscopeError)) throw error;
    throw new TrojanscopeError(error.code, error.message, ['attack', attack, ...error.field]);
  }
}

/** What both kinds of training say. @param start what the weights begin as */
function specOf(input: TrainingRequest, start: Start): ModelSpec {
  const { architecture, sizePx } = input;
  const dataset = knownDataset(input.dataset);
  const { shape, resizable, title } = datasetOf(dataset);
  const own = Math.min(shape.height, shape.width);
  if (sizePx != null && !resizable && sizePx !== own) {
    throw new TrojanscopeError('UNSUPPORTED', `${title} is ${own} px and cannot be resized.`, ['sizePx']);
  }
  const side = check(trainingParameters.shape.sizePx.unwrap(), sizePx ?? own, 'sizePx');
  const { minimumSidePx, title: network, recipes } = architectures[architecture];
  if (side < minimumSidePx) {
    throw new TrojanscopeError(
      'UNSUPPORTED',
      `${network} takes images from ${minimumSidePx} px; got ${side} px.`,
      [sizePx == null ? 'dataset' : 'sizePx'],
    );
  }
  const normalization =
    input.normalization && check(normalizationSchema, { ...input.normalization }, 'normalization');
  if (normalization) checkNormalization(normalization, shape.channels);
  return {
    dataset,
    ...(sizePx != null && resizable ? { sizePx } : {}),
    architecture,
    ...(normalization && { normalization }),
    recipe: check(recipeSchema, { ...recipes[start], ...withoutNulls(input.recipe ?? {}) }, 'recipe'),
    start,
    seed: check(seedSchema, input.seed, 'seed'),
  };
}

interface ModelOptions {
  createdBy: string;
  name?: string;
  studyId?: string;
  needs?: string[];
  /** The benign model that a trojaned one is compared with, and may start from. */
  benignId?: string;
  /** The model that a benign one starts from. */
  baseId?: string;
}

export async function insertModel(
  db: Db,
  spec: ModelSpec,
  options: ModelOptions,
): Promise<{ id: string; jobId: string }> {
  const id = newId('Model');
  const { backdoor } = spec;
  const seed = spec.seed === 1 ? '' : `, seed ${spec.seed}`;
  const what = `${architectures[spec.architecture].title} on ${datasetOf(spec.dataset).title}${seed}`;
  const name = options.name ?? (backdoor ? `${attacks[backdoor.attack].title} ${what}` : `Benign ${what}`);
  const jobId = await insertJob(db, {
    kind: 'model',
    title: backdoor ? `Implant ${attacks[backdoor.attack].title} into ${what}` : `Train a benign ${what}`,
    payload: { modelId: id, baseId: options.benignId ?? options.baseId },
    modelId: id,
    studyId: options.studyId,
    needs: options.needs,
    createdBy: options.createdBy,
  });
  await db
    .insertInto('model')
    .values({
      id,
      name,
      kind: backdoor ? 'TROJANED' : 'BENIGN',
      dataset: spec.dataset,
      attack: backdoor?.attack ?? null,
      spec,
      benign_id: options.benignId ?? null,
      job_id: jobId,
      created_at: now(),
    })
    .execute();
  return { id, jobId };
}
