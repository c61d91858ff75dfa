import {
  createProber,
  type DatasetId,
  datasetIds,
  datasetOf,
  differencePicture,
  type ImageShape,
  loadEngine,
  loadSplit,
  outcomePicture,
  type ProbeRequest,
  type ProbeResult,
  type Prober,
  partsOf,
  type ShownViews,
  samplePicture,
  showViews,
  TrojanscopeError,
  trojanedPicture,
  viewPicture,
} from '@trojanscope/core';
import { LRUCache } from 'lru-cache';
import { openDrivers } from '../drivers.js';
import { readArtifact } from '../store/artifacts.js';
import { rowsById } from '../store/batches.js';
import { endStart } from '../store/dataFolder.js';
import { detectionSpecOf, findDetection, imageAt } from '../store/detections.js';
import {
  type DetectionImageRef,
  type DetectionViewRef,
  type DifferenceRef,
  parseDetectionImageId,
  parseDetectionViewId,
  parseDifferenceId,
  parseOutcomeId,
  parseSampleId,
  type SampleRef,
} from '../store/ids.js';
import { hasModelOfSize, keptModel } from '../store/models.js';
import { sweepOfOutcome } from '../store/outcomes.js';
import { sweepSpecOf } from '../store/sweeps.js';
import type { EngineNote, InferenceReply, InferenceRequest } from './inference.js';

const { db, blobs } = await openDrivers(process.argv[2]!).catch(endStart);
/** Held so that its images stay in memory between looks. */
const splits = new Map<DatasetId, unknown>();

process.on('message', async (request: InferenceRequest) => {
  const { key } = request;
  const reply = await answer(request).then(
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

function answer(request: InferenceRequest): Promise<InferenceReply['result']> {
  if ('picture' in request) return draw(request.picture);
  return 'views' in request ? views(request.views) : probe(request.modelId, request.probe);
}

let told = false;
async function engineLoaded(): Promise<void> {
  const note: EngineNote = { engine: await loadEngine() };
  if (!told) process.send?.(note);
  told = true;
}

async function draw(id: string): Promise<Buffer | undefined> {
  const sample = parseSampleId(id);
  if (sample) return drawSample(sample);
  const difference = parseDifferenceId(id);
  if (difference) return drawDifference(difference);
  const judged = parseDetectionImageId(id);
  if (judged) return drawJudged(judged);
  const viewed = parseDetectionViewId(id);
  if (viewed) return drawView(viewed);
  const place = parseOutcomeId(id);
  const row = place && (await sweepOfOutcome(db, place.pointId, place.position));
  if (!row) return undefined;
  await engineLoaded();
  const model = await modelOf(row.model_id);
  const { dataset } = model.record.spec;
  await keep(dataset, partsOf(model.record.spec).shape);
  const setting = { ...sweepSpecOf(row), value: row.point_value };
  return outcomePicture(model, setting, place.position, row.sample_index);
}

async function drawJudged(image: DetectionImageRef): Promise<Buffer | undefined> {
  const found = await judged(image);
  if (!found) return undefined;
  const { model, sampleIndex } = found;
  const { dataset, sizePx } = model.record.spec;
  return image.kind === 'TROJANED'
    ? trojanedPicture(model, sampleIndex)
    : samplePicture(dataset, sampleIndex, sizePx);
}

async function drawView({ image, view }: DetectionViewRef): Promise<Buffer | undefined> {
  const found = await judged(image);
  return found && viewPicture(found.model, found.spec, image, view);
}

/** What an image was judged by, its test images in memory; undefined where there is none. */
async function judged(image: DetectionImageRef) {
  const row = await imageAt(db, image);
  if (!row) return undefined;
  const detection = await findDetection(db, row.detection_id);
  await engineLoaded();
  const model = await modelOf(detection.model_id);
  await keep(model.record.spec.dataset, partsOf(model.record.spec).shape);
  return { model, spec: detectionSpecOf(detection), sampleIndex: row.sample_index };
}

async function drawSample({ dataset, index, sizePx }: SampleRef): Promise<Buffer | undefined> {
  if (!datasetIds().includes(dataset as DatasetId)) return undefined;
  const { counts, shape } = datasetOf(dataset as DatasetId);
  if (index >= counts.test) return undefined;
  // Only sizes that a model takes: each keeps a whole test set in memory.
  if (sizePx && !(await hasModelOfSize(db, dataset, sizePx))) return undefined;
  await engineLoaded();
  await keep(dataset as DatasetId, sizePx ? { ...shape, height: sizePx, width: sizePx } : shape);
  return samplePicture(dataset as DatasetId, index, sizePx);
}

async function drawDifference({ explanationId, fromId }: DifferenceRef): Promise<Buffer | undefined> {
  const rows = await rowsById(db, 'explanation', [explanationId, fromId]);
  const [one, other] = [explanationId, fromId].map((id) => rows.find((row) => row.id === id));
  // Of one sample by one model, so that both are of one size.
  if (!one?.saliency || !other?.saliency || one.position !== other.position) return undefined;
  const [map, from] = await Promise.all([one.saliency, other.saliency].map((id) => readArtifact(blobs, id!)));
  return differencePicture(map!, from!);
}

/** Of weights: a prober that has drawn maps holds them some four times over. */
const PROBER_BYTES = 200e6;

const probers = new LRUCache<string, Prober>({
  max: 4,
  maxSize: PROBER_BYTES,
  sizeCalculation: ({ weightBytes }) => weightBytes,
  fetchMethod: async (modelId) => createProber(await modelOf(modelId)),
  dispose: (prober) => prober.dispose(),
});
/** One after another: they share the cores, and what holds a model warm is not to be disposed while it is at work. */
let turn: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = turn.then(work);
  turn = done.catch(() => {});
  return done;
}

const probe = (modelId: string, request: ProbeRequest): Promise<ProbeResult> =>
  inTurn(async () => {
    await engineLoaded();
    const prober = await probers.forceFetch(modelId);
    return prober.probe(request);
  });

const views = (imageId: string): Promise<ShownViews> =>
  inTurn(async () => {
    const image = parseDetectionImageId(imageId);
    const found = image && (await judged(image));
    if (!found) throw new TrojanscopeError('NOT_FOUND', `There is no image ${imageId}.`);
    return showViews(found.model, found.spec, image);
  });

async function keep(dataset: DatasetId, shape: ImageShape): Promise<void> {
  splits.set(dataset, await loadSplit(dataset, 'test', shape));
}

const modelOf = (modelId: string) => keptModel(db, blobs, modelId);
