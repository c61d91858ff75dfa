import type {
  AnsweredImage,
  Answers,
  DetectedImage,
  DetectionSpec,
  DetectionSummary,
  JudgedImage,
} from '@trojanscope/core';
import { canonical, detectorNotes, isAsExpected } from '@trojanscope/core';
import type { DetectionFilter, DetectionOrder } from '@trojanscope/schema';
import { type Insertable, sql } from 'kysely';
import { type Db, holds, now, type Row, type Tables } from './database.js';
import type { DetectionImageRef } from './ids.js';
import { USABLE } from './jobs.js';
import { type Filter, filterCurated, type Order } from './lists.js';
import { isMadeWith, madeWith, pluginsOfJob } from './plugins.js';

export const findDetection = (db: Db, id: string): Promise<Row<'detection'>> =>
  db.selectFrom('detection').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

export const detectionOfJob = (db: Db, jobId: string): Promise<Row<'detection'>> =>
  db.selectFrom('detection').selectAll().where('job_id', '=', jobId).executeTakeFirstOrThrow();

/** A detection's row as core takes it. */
export const detectionSpecOf = (row: Row<'detection'>): DetectionSpec => ({
  detector: row.detector,
  parameters: row.parameters,
  samples: row.samples,
  seed: row.seed,
});

/** Finished detections of a model, newest first. */
export const finishedDetectionsOf = (db: Db, modelId: string): Promise<Row<'detection'>[]> =>
  db
    .selectFrom('detection')
    .selectAll()
    .where('model_id', '=', modelId)
    .where('summary', 'is not', null)
    .where('deleted_at', 'is', null)
    .orderBy('id', 'desc')
    .execute();

export const insertDetectionRow = (
  db: Db,
  row: Omit<Insertable<Tables['detection']>, 'created_at'>,
): Promise<unknown> =>
  db
    .insertInto('detection')
    .values({ ...row, created_at: now() })
    .execute();

export async function saveSummary(db: Db, id: string, summary: DetectionSummary): Promise<void> {
  await db.updateTable('detection').set({ summary }).where('id', '=', id).execute();
}

/** The newest detection that was asked for alike and is not in the trash. */
export const detectionLike = (
  db: Db,
  { modelId, detector, parameters, samples, seed }: DetectionSpec & { modelId: string },
): Promise<{ id: string; jobId: string } | undefined> =>
  db
    .selectFrom('detection')
    .innerJoin('job', 'job.id', 'detection.job_id')
    .select(['detection.id', 'detection.job_id as jobId'])
    .where('detection.model_id', '=', modelId)
    .where('detection.detector', '=', detector)
    .where(holds('detection.parameters', parameters))
    .where('detection.samples', '=', samples)
    .where('detection.seed', '=', seed)
    .where('detection.deleted_at', 'is', null)
    .where(madeWith(detectorNotes(detector, parameters)))
    .orderBy('detection.id', 'desc')
    .executeTakeFirst();

/** Equal for trials of one model that are asked for alike. */
export const detectionKey = ({ detector, parameters, samples, seed }: DetectionSpec): string =>
  canonical([detector, parameters, samples, seed]);

/** The jobs of a model's detections that are done or will be, by their keys: of several alike the newest. */
export async function usableDetections(db: Db, modelId: string): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('detection')
    .innerJoin('job', 'job.id', 'detection.job_id')
    .selectAll('detection')
    .select(pluginsOfJob.as('plugins'))
    .where('detection.model_id', '=', modelId)
    .where('detection.deleted_at', 'is', null)
    .where('job.status', 'in', USABLE)
    .orderBy('detection.id')
    .execute();
  const asToday = rows.filter(({ detector, parameters, plugins }) =>
    isMadeWith(plugins, detectorNotes(detector, parameters)),
  );
  return new Map(asToday.map((row) => [detectionKey(detectionSpecOf(row)), row.job_id]));
}

/** How many samples are judged. */
export async function judgedSamples(db: Db, id: string): Promise<number> {
  const { next } = await db
    .selectFrom('detection_image')
    .select(sql<number>`coalesce(max(position) + 1, 0)`.as('next'))
    .where('detection_id', '=', id)
    .where('kind', '=', 'CLEAN')
    .executeTakeFirstOrThrow();
  return next;
}

/** Rows that go into one statement: SQLite takes 32,766 values. */
const ROWS = 1_000;

export async function insertImages(
  db: Db,
  detectionId: string,
  images: readonly DetectedImage[],
  targetLabel: number,
): Promise<void> {
  const rows = images.map((image) => ({
    detection_id: detectionId,
    kind: image.kind,
    position: image.position,
    sample_index: image.sampleIndex,
    true_label: image.trueLabel,
    predicted: image.predicted,
    confidence: image.confidence,
    as_expected: Number(isAsExpected(image, targetLabel)),
    score: image.score,
    benign_score: image.benign?.score ?? null,
    answers: packAnswers(image.answers),
    benign_answers: image.benign && packAnswers(image.benign.answers),
  }));
  for (let at = 0; at < rows.length; at += ROWS)
    await db
      .insertInto('detection_image')
      .values(rows.slice(at, at + ROWS))
      .execute();
}

/** Labels in two bytes each, behind them confidences and entropies in four, little-endian: to the bit as they came. */
export function packAnswers({ labels, confidences, entropies }: Answers): Buffer {
  const count = labels.length;
  const packed = Buffer.alloc(10 * count);
  for (let i = 0; i < count; i++) {
    packed.writeUInt16LE(labels[i]!, 2 * i);
    packed.writeFloatLE(confidences[i]!, 2 * count + 4 * i);
    packed.writeFloatLE(entropies[i]!, 6 * count + 4 * i);
  }
  return packed;
}

export function unpackAnswers(packed: Buffer): Answers {
  const count = packed.length / 10;
  return {
    labels: unpackLabels(packed.subarray(0, 2 * count)),
    confidences: Float32Array.from({ length: count }, (_, i) => packed.readFloatLE(2 * count + 4 * i)),
    entropies: Float32Array.from({ length: count }, (_, i) => packed.readFloatLE(6 * count + 4 * i)),
  };
}

const unpackLabels = (packed: Buffer): Answers['labels'] =>
  Int32Array.from({ length: packed.length / 2 }, (_, i) => packed.readUInt16LE(2 * i));

/** All of a detection, without answers: what measures are made of. */
export async function judgedImages(db: Db, detectionId: string): Promise<JudgedImage[]> {
  const rows = await db
    .selectFrom('detection_image')
    .select(['kind', 'sample_index', 'true_label', 'predicted', 'score', 'benign_score'])
    .where('detection_id', '=', detectionId)
    .orderBy('kind')
    .orderBy('position')
    .execute();
  return rows.map(judged);
}

const judged = ({
  kind,
  sample_index,
  true_label,
  predicted,
  score,
  benign_score,
}: Pick<
  Row<'detection_image'>,
  'kind' | 'sample_index' | 'true_label' | 'predicted' | 'score' | 'benign_score'
>): JudgedImage => ({
  kind,
  sampleIndex: sample_index,
  trueLabel: true_label,
  predicted,
  score,
  benignScore: benign_score,
});

/** All of a detection, with labels alone of what was answered. */
export async function answeredImages(db: Db, detectionId: string): Promise<(JudgedImage & AnsweredImage)[]> {
  const labels = (of: 'answers' | 'benign_answers') =>
    sql<Buffer | null>`substr(${sql.ref(of)}, 1, length(${sql.ref(of)}) / 5)`;
  const rows = await db
    .selectFrom('detection_image')
    .select(['kind', 'sample_index', 'true_label', 'predicted', 'score', 'benign_score'])
    .select([labels('answers').as('own'), labels('benign_answers').as('benign')])
    .where('detection_id', '=', detectionId)
    .orderBy('kind')
    .orderBy('position')
    .execute();
  return rows.map(({ own, benign, ...row }) => ({
    ...judged(row),
    labels: unpackLabels(own!),
    benignLabels: benign && unpackLabels(benign),
  }));
}

/** The next images of a detection behind one, kind after kind as the samples were drawn. */
export const imagesAfter = (
  db: Db,
  detectionId: string,
  kind: string,
  position: number,
  limit: number,
): Promise<Row<'detection_image'>[]> =>
  db
    .selectFrom('detection_image')
    .selectAll()
    .where('detection_id', '=', detectionId)
    .where(sql<boolean>`(kind, position) > (${kind}, ${position})`)
    .orderBy('kind')
    .orderBy('position')
    .limit(limit)
    .execute();

/** One image of a detection; undefined where there is none. */
export const imageAt = (
  db: Db,
  { detectionId, kind, position }: DetectionImageRef,
): Promise<Row<'detection_image'> | undefined> =>
  db
    .selectFrom('detection_image')
    .selectAll()
    .where('detection_id', '=', detectionId)
    .where('kind', '=', kind)
    .where('position', '=', position)
    .executeTakeFirst();

export const detectionOrder = ({ field, direction }: DetectionOrder): Order => ({
  value: field === 'AUROC' ? sql.ref('detection.auroc') : undefined,
  descending: direction === 'DESC',
});

export const detectionsWanted =
  (wanted: Partial<DetectionFilter> | null): Filter<'detection'> =>
  (all) => {
    let query = filterCurated(all, 'detection', wanted as DetectionFilter | null);
    if (wanted?.modelId) query = query.where('model_id', '=', wanted.modelId);
    if (wanted?.modelIds) query = query.where('model_id', 'in', wanted.modelIds);
    if (wanted?.detector) query = query.where('detector', '=', wanted.detector);
    // Ids sort by age.
    if (wanted?.newest)
      query = query.where('detection.id', 'in', (newest) =>
        newest
          .selectFrom('detection as other')
          .select(({ fn }) => fn.max('other.id').as('id'))
          .where('other.summary', 'is not', null)
          .where('other.deleted_at', 'is', null)
          .groupBy(['other.model_id', 'other.detector', 'other.parameters']),
      );
    return query;
  };
