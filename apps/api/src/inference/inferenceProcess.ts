import {
  createProber,
  type DatasetId,
  datasetIds,
  datasetOf,
  loadEngine,
  loadSplit,
  type Model,
  outcomePicture,
  type ProbeRequest,
  type ProbeResult,
  type Prober,
  partsOf,
  samplePicture,
  TrojanscopeError,
  useDataFolder,
} from '@trojanscope/core';
import { openDatabase } from '../store/database.js';
import { parseOutcomeId } from '../store/ids.js';
import { loadModelById } from '../store/models.js';
import { sweepSpecOf } from '../store/sweeps.js';
import type { InferenceReply, InferenceRequest } from './inference.js';

const dataFolder = process.argv[2]!;
useDataFolder(dataFolder);
const db = await openDatabase(dataFolder);
const models = new Map<string, Promise<Model>>();
/** Held so that its images stay in memory between looks. */
const splits = new Map<DatasetId, unknown>();
const MODELS_KEPT = 8;

process.on('message', async (request: InferenceRequest) => {
  const { key } = request;
  const work = 'picture' in request ? draw(request.picture) : probe(request.modelId, request.probe);
  const reply = await work.then(
    (result): InferenceReply => ({ key, result }),
    (error: Error): InferenceReply => {
      if (!(error instanceof TrojanscopeError))
        return { key, error: { message: error.stack ?? error.message } };
      const { message, code, field } = error;
      return { key, error: { message, code, field: [...field] } };
    },
  );
  process.send?.(reply);
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});

async function draw(id: string): Promise<Buffer | undefined> {
  const sample = /^smp_([a-z0-9-]+)_(\d{1,7})$/i.exec(id);
  if (sample) {
    const dataset = sample[1] as DatasetId;
    const index = Number(sample[2]);
    if (!datasetIds().includes(dataset) || index >= datasetOf(dataset).counts.test) return undefined;
    await loadEngine();
    await keep(dataset);
    return samplePicture(dataset, index);
  }
  const place = parseOutcomeId(id);
  const row =
    place &&
    (await db
      .selectFrom('outcome')
      .innerJoin('point', 'point.id', 'outcome.point_id')
      .innerJoin('sweep', 'sweep.id', 'point.sweep_id')
      .selectAll('sweep')
      .select(['outcome.sample_index', 'point.value as point_value'])
      .where('outcome.point_id', '=', place.pointId)
      .where('outcome.position', '=', place.position)
      .executeTakeFirst());
  if (!row) return undefined;
  await loadEngine();
  const model = await modelOf(row.model_id);
  const { dataset } = model.record.spec;
  await keep(dataset, partsOf(model.record.spec).shape);
  const setting = { ...sweepSpecOf(row), value: row.point_value };
  return outcomePicture(model, setting, place.position, row.sample_index);
}

const probers = new Map<string, Promise<Prober>>();
const PROBERS_KEPT = 4;
/** One after another: they share the cores, and a prober is not to be disposed while it is at work. */
let turn: Promise<unknown> = Promise.resolve();

function probe(modelId: string, request: ProbeRequest): Promise<ProbeResult> {
  const answer = turn.then(async () => {
    await loadEngine();
    const prober = await proberOf(modelId);
    return prober.probe(request);
  });
  turn = answer.catch(() => {});
  return answer;
}

async function proberOf(modelId: string): Promise<Prober> {
  const prober = probers.get(modelId) ?? modelOf(modelId).then(createProber);
  probers.delete(modelId);
  probers.set(modelId, prober);
  prober.catch(() => probers.delete(modelId));
  for (const [oldest, unused] of probers) {
    if (probers.size <= PROBERS_KEPT) break;
    probers.delete(oldest);
    void unused.then(({ dispose }) => dispose());
  }
  return prober;
}

async function keep(dataset: DatasetId, shape = datasetOf(dataset).shape): Promise<void> {
  splits.set(dataset, await loadSplit(dataset, 'test', shape));
}

/** The models looked at last stay loaded. */
async function modelOf(modelId: string): Promise<Model> {
  const model = models.get(modelId) ?? loadModelById(db, dataFolder, modelId);
  models.delete(modelId);
  models.set(modelId, model);
  // What could not be loaded may be repaired by the next look.
  model.catch(() => models.delete(modelId));
  for (const oldest of models.keys()) {
    if (models.size <= MODELS_KEPT) break;
    models.delete(oldest);
  }
  return model;
}
