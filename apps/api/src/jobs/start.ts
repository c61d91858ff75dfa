import { createHash } from 'node:crypto';
import {
  type AttackId,
  architectures,
  attackOf,
  attacks,
  checkTransformValue,
  datasetIds,
  datasetOf,
  type ExplainSettings,
  implantParameters,
  isInstalled,
  type ModelSpec,
  type ProbeRequest,
  parseParameters,
  partsOf,
  recipeSchema,
  type Start,
  sweepParameters,
  TrojanscopeError,
  trainingParameters,
  transforms,
  triggerRefusal,
} from '@trojanscope/core';
import {
  type ExplainInput,
  type FindLargestRangeInput,
  type ImplantBackdoorInput,
  type ProbeInput,
  parameterSchema,
  type RunSweepInput,
  type TrainingInput,
  type TrainModelInput,
} from '@trojanscope/schema';
import { z } from 'zod';
import { writeAudit } from '../auth/audit.js';
import type { Actor, Viewer } from '../auth/viewer.js';
import { nameSchema } from '../store/curation.js';
import { type Db, now } from '../store/database.js';
import { insertExplanations, type OutcomeRef } from '../store/explanations.js';
import { newId, parseOutcomeId } from '../store/ids.js';
import { insertJob } from '../store/jobs.js';

/**
 * Everything that starts work: checks the input whole, then writes rows and jobs in one transaction. What is refused has
 * left no trace.
 */

const seedSchema = trainingParameters.shape.seed;
export const check = <T extends z.ZodType>(schema: T, value: unknown, field: string) =>
  parseParameters(schema, value, [field]);

/**
 * Runs `start` once for a key of whoever asks: the same key with the same input again gives the entities of the first
 * time. What was started is written into the audit log.
 * @returns ids with blanks between
 * @throws TrojanscopeError BAD_USER_INPUT where the key is empty or too long, CONFLICT where the input is another
 */
export async function once(
  db: Db,
  mutation: string,
  { idempotencyKey: key, ...input }: { idempotencyKey?: string | null },
  by: Actor,
  start: (db: Db) => Promise<string>,
): Promise<string> {
  const startAndTell = async (transaction: Db) => {
    const ids = await start(transaction);
    await checkQueue(transaction, by);
    await writeAudit(transaction, by, mutation, ids.split(' '));
    return ids;
  };
  if (key == null) return db.transaction().execute(startAndTell);
  check(z.string().min(1).max(200), key, 'idempotencyKey');
  const input_sha256 = createHash('sha256').update(canonical(input)).digest('hex');
  return db.transaction().execute(async (transaction) => {
    // Without accounts as it was before there were any.
    const owner = by.id.startsWith('usr_') ? `${by.id}/` : '';
    const stored = `${mutation}/${owner}${key}`;
    const known = await transaction
      .selectFrom('idempotency')
      .selectAll()
      .where('key', '=', stored)
      .executeTakeFirst();
    if (known) {
      // Keys from before inputs were kept have none.
      if (known.input_sha256 === null || known.input_sha256 === input_sha256) return known.entity_id;
      throw new TrojanscopeError(
        'CONFLICT',
        'idempotencyKey: this key was used before, with another input. Use a new key for a new request.',
        ['idempotencyKey'],
      );
    }
    const entity_id = await startAndTell(transaction);
    await transaction
      .insertInto('idempotency')
      .values({ key: stored, entity_id, created_at: now(), input_sha256 })
      .execute();
    return entity_id;
  });
}

/** What one person may have waiting. */
const MAXIMUM_QUEUED = 1_000;

/** @throws TrojanscopeError LIMIT_EXCEEDED */
async function checkQueue(db: Db, by: Actor): Promise<void> {
  const { queued } = await db
    .selectFrom('job')
    .select(({ fn }) => fn.countAll<number>().as('queued'))
    .where('status', '=', 'QUEUED')
    .where('created_by', '=', by.id)
    .executeTakeFirstOrThrow();
  if (queued <= MAXIMUM_QUEUED) return;
  throw new TrojanscopeError(
    'LIMIT_EXCEEDED',
    `Expected at most ${MAXIMUM_QUEUED} queued jobs of yours; with this there would be ${queued}. Wait for some, or cancel some.`,
  );
}

/** The same text for the same input, whatever the order in which a client names its fields, and whether or not it says null. */
export const canonical = (input: object): string =>
  JSON.stringify(withoutNulls(input), (_, value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

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
      spec: JSON.stringify(spec),
      benign_id: options.benignId ?? null,
      job_id: jobId,
      created_at: now(),
    })
    .execute();
  return { id, jobId };
}

/** What both kinds of training say. @param start what the weights begin as */
function specOf(input: TrainingInput, start: Start): ModelSpec {
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
  return {
    dataset,
    ...(sizePx != null && resizable ? { sizePx } : {}),
    architecture,
    recipe: check(recipeSchema, { ...recipes[start], ...withoutNulls(input.recipe ?? {}) }, 'recipe'),
    start,
    seed: check(seedSchema, input.seed, 'seed'),
  };
}

/** What was left out comes as null from some clients; zod would refuse it. */
export const withoutNulls = (given: object): object =>
  Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value != null)
      .map(([name, value]) => [
        name,
        typeof value === 'object' && !Array.isArray(value) ? withoutNulls(value) : value,
      ]),
  );

/** @throws TrojanscopeError BAD_USER_INPUT where there is no such data set, DATA_MISSING where it is not imported */
export function knownDataset(id: string): string {
  if (!datasetIds().includes(id)) {
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `dataset: expected one of ${datasetIds().join(', ')}; got ${JSON.stringify(id)}.`,
      ['dataset'],
    );
  }
  if (datasetOf(id).resizable && !isInstalled(id)) {
    throw new TrojanscopeError(
      'DATA_MISSING',
      `${datasetOf(id).title} is not imported. Run \`npm run trojanscope -- data fetch ${id}\` (docs/data.md).`,
      ['dataset'],
    );
  }
  return id;
}

export function startTraining(db: Db, input: TrainModelInput, by: Actor): Promise<string> {
  const { startFromModelId } = input;
  const spec = specOf(input, startFromModelId ? 'MODEL' : 'SCRATCH');
  const name = check(nameSchema.optional(), input.name ?? undefined, 'name');
  const createdBy = by.id;
  return once(db, 'trainModel', input, by, async (tx) => {
    if (!startFromModelId) return (await insertModel(tx, spec, { name, createdBy })).id;
    const base = await modelRow(tx, startFromModelId, 'startFromModelId');
    const { architecture } = JSON.parse(base.spec) as ModelSpec;
    if (architecture !== spec.architecture || base.dataset !== spec.dataset) {
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        `startFromModelId: expected a ${spec.architecture} of ${spec.dataset}; “${base.name}” is a ${architecture} of ${base.dataset}.`,
        ['startFromModelId'],
      );
    }
    return (await insertModel(tx, spec, { name, createdBy, baseId: base.id, needs: [base.job_id] })).id;
  });
}

/** @throws TrojanscopeError NOT_FOUND, CONFLICT at `field` */
async function modelRow(db: Db, id: string, field: string) {
  const row = await db.selectFrom('model').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new TrojanscopeError('NOT_FOUND', `There is no model ${id}.`, [field]);
  if (row.deleted_at)
    throw new TrojanscopeError('CONFLICT', `“${row.name}” is in the trash. Restore it first.`, [field]);
  return row;
}

/** @throws TrojanscopeError CONFLICT */
function requireTrained({ name, record }: { name: string; record: string | null }): void {
  if (record) return;
  throw new TrojanscopeError('CONFLICT', `“${name}” is not trained yet. Ask again when it is.`, ['modelId']);
}

/**
 * Files are read with the server's rights, and become part of what everybody sees.
 * @param names parameters that are paths
 * @throws TrojanscopeError FORBIDDEN for whoever is no admin and names one
 */
export function checkFiles(names: string[], given: object, path: string[], { role }: Viewer): void {
  const named = names.find((name) => given[name as keyof typeof given]);
  if (role === 'ADMIN' || !named) return;
  throw new TrojanscopeError(
    'FORBIDDEN',
    `${named}: only an admin may name files on the server. Ask one, or leave it out.`,
    [...path, named],
  );
}

/** Of an attack's parameters those that are paths. */
function fileParameters(attack: AttackId): string[] {
  const { properties } = parameterSchema(attack) as { properties: Record<string, { format?: string }> };
  return Object.keys(properties).filter((name) => properties[name]!.format === 'file');
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
  checkFiles(fileParameters(attack), given, ['attack', attack], by);
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
  checkTrigger(spec);
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
      const { architecture, sizePx } = JSON.parse(row.spec) as ModelSpec;
      if (architecture !== spec.architecture || sizePx !== spec.sizePx) {
        throw new TrojanscopeError(
          'BAD_USER_INPUT',
          `benignModelId: expected a ${spec.architecture} for the same size of images; “${row.name}” is a ${architecture} for ${sizePx ?? 'the data set’s own size'}.`,
          ['benignModelId'],
        );
      }
      benign = { id: row.id, jobId: row.job_id };
    } else benign = await insertModel(tx, clean, { createdBy: by.id });
    return (
      await insertModel(tx, spec, { name, createdBy: by.id, benignId: benign.id, needs: [benign.jobId] })
    ).id;
  });
}

/** Lets the attack itself say whether its parameters fit the images. */
export function checkTrigger(spec: ModelSpec): void {
  const { attack, parameters } = spec.backdoor!;
  try {
    attackOf(attack).checkParameters(parameters, partsOf(spec).shape);
  } catch (error) {
    if (!(error instanceof TrojanscopeError)) throw error;
    throw new TrojanscopeError(error.code, error.message, ['attack', attack, ...error.field]);
  }
}

export async function startSweep(db: Db, input: RunSweepInput, by: Actor): Promise<string> {
  const { transform } = input;
  const values = input.values ?? [...transforms[transform].defaultValues];
  check(z.array(z.number()).min(1).max(100), values, 'values');
  for (const [i, value] of values.entries()) checkTransformValue(transform, value, ['values', i]);
  const repeated = values.findIndex((value, i) => values.indexOf(value) !== i);
  if (repeated >= 0) {
    throw new TrojanscopeError('BAD_USER_INPUT', `values: ${values[repeated]} is there twice.`, [
      'values',
      repeated,
    ]);
  }
  check(sweepParameters.shape.samples, input.samples, 'samples');
  check(seedSchema, input.seed, 'seed');
  return once(db, 'runSweep', input, by, async (tx) => {
    const model = await modelRow(tx, input.modelId, 'modelId');
    if (model.kind === 'BENIGN' || !model.benign_id) {
      throw new TrojanscopeError('UNSUPPORTED', `“${model.name}” is benign: it has no trigger to sweep.`, [
        'modelId',
      ]);
    }
    requireTrained(model);
    const refusal = input.target === 'TRIGGER' ? triggerRefusal(model.attack as AttackId) : null;
    if (refusal) throw new TrojanscopeError('UNSUPPORTED', refusal, ['target']);
    return (await insertSweep(tx, { ...input, values }, model.benign_id, { createdBy: by.id })).id;
  });
}

export async function insertSweep(
  db: Db,
  input: Omit<RunSweepInput, 'idempotencyKey'> & { values: readonly number[] },
  benignId: string,
  options: { createdBy: string; studyId?: string; needs?: string[] },
): Promise<{ id: string; jobId: string }> {
  const id = newId('Sweep');
  const { transform, target, modelId } = input;
  const jobId = await insertJob(db, {
    kind: 'sweep',
    title: `${transforms[transform].title} of the ${target.toLowerCase()}`,
    payload: { sweepId: id },
    sweepId: id,
    modelId,
    ...options,
  });
  await db
    .insertInto('sweep')
    .values({
      id,
      model_id: modelId,
      benign_id: benignId,
      job_id: jobId,
      transform,
      target,
      values: JSON.stringify(input.values),
      samples: input.samples,
      seed: input.seed,
      eligibility: input.eligibility,
      created_at: now(),
    })
    .execute();
  return { id, jobId };
}

/** A step finer than that is a mistake, or an attempt to keep the server busy. */
const MAXIMUM_STEPS = 1_000;

export async function startRangeSearch(db: Db, input: FindLargestRangeInput, by: Actor): Promise<string> {
  const { transform } = input;
  const { identity, minimum, maximum } = transforms[transform];
  const limit = input.limit ?? (maximum === identity ? minimum : maximum);
  checkTransformValue(transform, limit, ['limit']);
  const way = Math.abs(limit - identity);
  if (way === 0)
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `limit: expected another value than the identity, ${identity}.`,
      ['limit'],
    );
  const step = check(
    z
      .number()
      .min(way / MAXIMUM_STEPS)
      .max(way),
    input.step ?? way / 20,
    'step',
  );
  const precision = check(
    z
      .number()
      .min(step / MAXIMUM_STEPS)
      .max(step),
    input.precision ?? step / 10,
    'precision',
  );
  const tolerance = check(z.number().min(0).max(1), input.tolerance, 'tolerance');
  const asked = check(sweepParameters.shape.samples, input.samples, 'samples');
  const seed = check(seedSchema, input.seed, 'seed');
  return once(db, 'findLargestRange', input, by, async (tx) => {
    const model = await modelRow(tx, input.modelId, 'modelId');
    requireTrained(model);
    const samples = Math.min(asked, datasetOf(model.dataset).counts.test);
    const id = newId('LargestRange');
    const jobId = await insertJob(tx, {
      kind: 'largestRange',
      title: `Largest range of ${transforms[transform].title.toLowerCase()}`,
      payload: { rangeId: id },
      modelId: model.id,
      createdBy: by.id,
    });
    await tx
      .insertInto('largest_range')
      .values({
        id,
        model_id: model.id,
        job_id: jobId,
        transform,
        limit,
        step,
        precision,
        tolerance,
        samples,
        seed,
        created_at: now(),
      })
      .execute();
    return id;
  });
}

const settingsSchema = z.object({
  copies: z.int().min(1).max(1000),
  noiseLevel: z.number().min(0).max(1),
  mode: z.enum(['MAGNITUDE', 'SIGNED']),
  explainedClass: z.enum(['PREDICTED', 'TARGET', 'TRUE']),
  seed: seedSchema,
});

/** What a probe asks for, checked. @throws TrojanscopeError BAD_USER_INPUT */
export function probeRequest({ sampleIndex, trigger, transform, seed, explain }: ProbeInput): ProbeRequest {
  if (transform) checkTransformValue(transform.transform, transform.value, ['transform', 'value']);
  return {
    sampleIndex: check(z.int().min(0), sampleIndex, 'sampleIndex'),
    trigger,
    setting: transform && { ...transform },
    seed: check(seedSchema, seed, 'seed'),
    explain: explain && check(settingsSchema, explain, 'explain'),
  };
}

/** @returns ids of explanations, one for each outcome; those that exist with the same settings are reused */
export async function startExplain(db: Db, input: ExplainInput, by: Actor): Promise<string[]> {
  const settings: ExplainSettings = parseParameters(settingsSchema, input);
  check(z.array(z.string()).min(1).max(100), input.outcomeIds, 'outcomeIds');
  const outcomes = input.outcomeIds.map((id, i): OutcomeRef => {
    const outcome = parseOutcomeId(id);
    if (!outcome) throw new TrojanscopeError('NOT_FOUND', `There is no outcome ${id}.`, ['outcomeIds', i]);
    return outcome;
  });
  const ids = await once(db, 'explain', input, by, async (tx) => {
    const models = new Set<string>();
    for (const [i, { pointId, position }] of outcomes.entries()) {
      const row = await tx
        .selectFrom('outcome')
        .innerJoin('point', 'point.id', 'outcome.point_id')
        .innerJoin('sweep', 'sweep.id', 'point.sweep_id')
        .select('sweep.model_id')
        .where('outcome.point_id', '=', pointId)
        .where('outcome.position', '=', position)
        .executeTakeFirst();
      if (!row) {
        throw new TrojanscopeError('NOT_FOUND', `There is no outcome ${input.outcomeIds[i]}.`, [
          'outcomeIds',
          i,
        ]);
      }
      models.add(row.model_id);
    }
    if (models.size > 1) {
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        'outcomeIds: expected outcomes of one model; got several.',
        ['outcomeIds'],
      );
    }
    const [modelId] = models;
    const jobId = newId('Job');
    // The job's row comes first, for the rows that point to it; it stays only if it has something to do.
    await insertJob(tx, {
      id: jobId,
      kind: 'explain',
      title: `Explain ${outcomes.length === 1 ? 'one decision' : `${outcomes.length} decisions`}`,
      payload: { modelId },
      modelId,
      createdBy: by.id,
    });
    const explanations = await insertExplanations(tx, modelId!, jobId, outcomes, settings);
    const { mine } = await tx
      .selectFrom('explanation')
      .select(({ fn }) => fn.countAll<number>().as('mine'))
      .where('job_id', '=', jobId)
      .executeTakeFirstOrThrow();
    if (mine === 0) await tx.deleteFrom('job').where('id', '=', jobId).execute();
    return explanations.join(' ');
  });
  return ids.split(' ');
}
