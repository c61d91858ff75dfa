import { type Auroc, datasetInfoOf, POPULATIONS, TrojanscopeError } from '@trojanscope/core';
import type { DetectionFilter } from '@trojanscope/schema';
import { sweepsOfCurves } from '../graphql/curves.js';
import { presentDetection, presentMeasures, presentPoint } from '../graphql/present.js';
import { knownRow, pointsOfSweeps, rowsById } from '../store/batches.js';
import type { Db } from '../store/database.js';
import { detectionsWanted, imagesAfter, unpackAnswers } from '../store/detections.js';
import { tableList } from '../store/lists.js';
import { outcomesAfter } from '../store/outcomes.js';
import { sweepIdOfPoint, sweepWithSpec } from '../store/sweeps.js';
import { CURVE_COLUMNS, pointRow } from '../tables/curves.js';
import type { TableRow } from '../tables/format.js';

/** A table to download: its columns, and its rows as they are read, so that none of any size is in memory as a whole. */
export interface Table {
  columns: readonly string[];
  rows: AsyncIterable<TableRow>;
}

const BATCH = 1_000;

const OUTCOME_COLUMNS = [
  'sweepId',
  'modelId',
  'transform',
  'target',
  'value',
  'position',
  'sampleIndex',
  'trueLabel',
  'trueName',
  'predicted',
  'predictedName',
  'confidence',
  'kind',
  'cleanPrediction',
  'identityKind',
  'visibleTrigger',
  'transformParameters',
  'cleanPredictionHere',
  'cleanConfidenceHere',
  'benignPredictionHere',
] as const;

/** Every outcome of a sweep, value after value; or of one of its points alone. @throws TrojanscopeError NOT_FOUND */
export async function outcomesOfSweep(db: Db, sweepId: string, pointId?: string): Promise<Table> {
  const sweep = await sweepWithSpec(db, sweepId);
  if (!sweep) throw new TrojanscopeError('NOT_FOUND', `There is no sweep ${sweepId}.`, ['sweepId']);
  const { classNames } = datasetInfoOf(sweep.spec.dataset);
  const points = (await pointsOfSweeps(db, [sweepId])).filter(
    ({ id }) => pointId === undefined || id === pointId,
  );
  const common = { sweepId, modelId: sweep.model_id, transform: sweep.transform, target: sweep.target };

  async function* rows(): AsyncGenerator<TableRow> {
    for (const { id, value } of points) {
      for (let after = -1; ; ) {
        const batch = await outcomesAfter(db, id, after, BATCH);
        for (const row of batch)
          yield {
            ...common,
            value,
            position: row.position,
            sampleIndex: row.sample_index,
            trueLabel: row.true_label,
            trueName: classNames[row.true_label] ?? null,
            predicted: row.predicted,
            predictedName: classNames[row.predicted] ?? null,
            confidence: row.confidence,
            kind: row.kind,
            cleanPrediction: row.clean_prediction,
            identityKind: row.identity_kind,
            visibleTrigger: row.visible_trigger,
            transformParameters: JSON.stringify(row.parameters),
            cleanPredictionHere: row.clean_here,
            cleanConfidenceHere: row.clean_confidence,
            benignPredictionHere: row.benign_here,
          };
        if (batch.length < BATCH) break;
        after = batch.at(-1)!.position;
      }
    }
  }
  return { columns: OUTCOME_COLUMNS, rows: rows() };
}

/** Every outcome of a point. @throws TrojanscopeError NOT_FOUND */
export async function outcomesOfPoint(db: Db, pointId: string): Promise<Table> {
  const sweepId = await sweepIdOfPoint(db, pointId);
  if (!sweepId) throw new TrojanscopeError('NOT_FOUND', `There is no point ${pointId}.`, ['pointId']);
  return outcomesOfSweep(db, sweepId, pointId);
}

/** Every point of the curves that `robustnessCurves` would give. */
export async function pointsOfCurves(db: Db, filter: Parameters<typeof sweepsOfCurves>[1]): Promise<Table> {
  const sweeps = await sweepsOfCurves(db, filter);
  async function* rows(): AsyncGenerator<TableRow> {
    for (const sweep of sweeps) {
      const model = await knownRow(db, 'model', sweep.row.model_id);
      for (const row of await pointsOfSweeps(db, [sweep.id])) {
        const point = presentPoint(row, sweep.row);
        yield {
          modelId: sweep.row.model_id,
          modelName: model.name,
          dataset: model.dataset,
          attack: model.attack,
          sweepId: sweep.id,
          transform: sweep.transform.id,
          target: sweep.target,
          unit: sweep.transform.unit,
          ...pointRow(point),
          samplesAsked: sweep.samples,
        };
      }
    }
  }
  return { columns: CURVE_COLUMNS, rows: rows() };
}

const IMAGE_COLUMNS = [
  'detectionId',
  'modelId',
  'detector',
  'kind',
  'position',
  'sampleIndex',
  'trueLabel',
  'trueName',
  'predicted',
  'predictedName',
  'confidence',
  'asExpected',
  'score',
  'benignScore',
  'labels',
  'confidences',
  'entropies',
  'benignLabels',
  'benignConfidences',
  'benignEntropies',
] as const;

/**
 * Every image that a detector judged, with what was answered about it, query by query: all that its score is made of.
 * @throws TrojanscopeError NOT_FOUND
 */
export async function imagesOfDetection(db: Db, detectionId: string): Promise<Table> {
  const [detection] = await rowsById(db, 'detection', [detectionId]);
  if (!detection)
    throw new TrojanscopeError('NOT_FOUND', `There is no detection ${detectionId}.`, ['detectionId']);
  const { model_id: modelId, detector } = detection;
  const { classNames } = datasetInfoOf((await knownRow(db, 'model', modelId)).spec.dataset);

  async function* rows(): AsyncGenerator<TableRow> {
    for (let [kind, position] = ['', -1]; ; ) {
      const batch = await imagesAfter(db, detectionId, kind, position, BATCH);
      for (const row of batch) {
        const own = unpackAnswers(row.answers);
        const benign = row.benign_answers && unpackAnswers(row.benign_answers);
        yield {
          detectionId,
          modelId,
          detector,
          kind: row.kind,
          position: row.position,
          sampleIndex: row.sample_index,
          trueLabel: row.true_label,
          trueName: classNames[row.true_label] ?? null,
          predicted: row.predicted,
          predictedName: classNames[row.predicted] ?? null,
          confidence: row.confidence,
          asExpected: row.as_expected === 1,
          score: row.score,
          benignScore: row.benign_score,
          labels: asList(own.labels),
          confidences: asList(own.confidences),
          entropies: asList(own.entropies),
          benignLabels: benign && asList(benign.labels),
          benignConfidences: benign && asList(benign.confidences),
          benignEntropies: benign && asList(benign.entropies),
        };
      }
      if (batch.length < BATCH) break;
      ({ kind, position } = batch.at(-1)!);
    }
  }
  return { columns: IMAGE_COLUMNS, rows: rows() };
}

const asList = (numbers: ArrayLike<number>): string => JSON.stringify(Array.from(numbers));

const AUROC = ['auroc', 'aurocLow', 'aurocHigh'];
const AT = ['At1', 'At5', 'At10'];
const DETECTION_COLUMNS = [
  'detectionId',
  'modelId',
  'modelName',
  'dataset',
  'attack',
  'detector',
  'parameters',
  'queries',
  'samples',
  'samplesUsed',
  'seed',
  'population',
  'trojaned',
  'clean',
  'why',
  ...AUROC,
  ...AT.flatMap((at) => [`tpr${at}`, `threshold${at}`, `heldOutTpr${at}`, `heldOutFpr${at}`]),
  ...AUROC.map((name) => `benign${name[0]!.toUpperCase()}${name.slice(1)}`),
];

/** What `detections` would list, one row for each of its populations. */
export async function measuresOfDetections(db: Db, filter: Partial<DetectionFilter>): Promise<Table> {
  const list = tableList(db, 'detection', detectionsWanted(filter));
  async function* rows(): AsyncGenerator<TableRow> {
    for (let bound: string | undefined; ; ) {
      const batch = await list.page({ limit: BATCH, backwards: false, bound });
      for (const row of batch) {
        const model = await knownRow(db, 'model', row.model_id);
        const detection = presentDetection(row);
        for (const population of POPULATIONS) {
          const measures = presentMeasures(detection, population, 'measures');
          const floor = presentMeasures(detection, population, 'benign');
          yield {
            detectionId: row.id,
            modelId: row.model_id,
            modelName: model.name,
            dataset: model.dataset,
            attack: model.attack,
            detector: row.detector,
            parameters: JSON.stringify(row.parameters),
            queries: row.queries,
            samples: row.samples,
            samplesUsed: detection.samplesUsed,
            seed: row.seed,
            population,
            trojaned: measures?.trojaned ?? null,
            clean: measures?.clean ?? null,
            why: measures?.why ?? null,
            ...areaColumns('auroc', measures?.auroc),
            ...areaColumns('benignAuroc', floor?.auroc),
            ...Object.assign(
              {},
              ...AT.map((name) => {
                const at = measures?.at.find(({ atMost }) => name === `At${Math.round(100 * atMost)}`);
                return {
                  [`tpr${name}`]: at?.truePositiveRate.value ?? null,
                  [`threshold${name}`]: at?.threshold ?? null,
                  [`heldOutTpr${name}`]: at?.heldOut?.truePositiveRate.value ?? null,
                  [`heldOutFpr${name}`]: at?.heldOut?.falsePositiveRate.value ?? null,
                };
              }),
            ),
          };
        }
      }
      if (batch.length < BATCH) break;
      bound = list.keyOf(batch.at(-1)!);
    }
  }
  return { columns: DETECTION_COLUMNS, rows: rows() };
}

const areaColumns = (name: string, auroc?: Auroc | null) => ({
  [name]: auroc?.value ?? null,
  [`${name}Low`]: auroc?.low ?? null,
  [`${name}High`]: auroc?.high ?? null,
});
