import type { ModelSpec } from '@trojanscope/core';
import { imageAt } from '../store/detections.js';
import { parseDetectionImageId, parseOutcomeId } from '../store/ids.js';
import { outcomeAt } from '../store/outcomes.js';
import type { Context } from './context.js';
import * as P from './present.js';

/** Stored things by their ids, as the fields that lead to them look them up: through the loaders of the request. */

/** A user, `local` or `server`. */
export async function personById(id: string, { load }: Context) {
  return { id, name: (await load.user.load(id))?.name ?? id };
}

export async function jobById(id: string | null, { load }: Context) {
  const row = id ? await load.job.load(id) : null;
  return row && P.presentJob(row);
}

export async function modelById(id: string | null, { load }: Context) {
  const row = id ? await load.model.load(id) : null;
  return row && P.presentModel(row);
}

export async function sweepById(id: string | null, { load }: Context) {
  const row = id ? await load.sweep.load(id) : null;
  return row && P.presentSweep(row);
}

export async function studyById(id: string | null, { load }: Context) {
  const row = id ? await load.study.load(id) : null;
  return row && P.presentStudy(row);
}

export async function rangeById(id: string | null, { load }: Context) {
  const row = id ? await load.largest_range.load(id) : null;
  return row && P.presentRange(row);
}

export async function detectionById(id: string | null, { load }: Context) {
  const row = id ? await load.detection.load(id) : null;
  return row && P.presentDetection(row);
}

export async function detectionImageById(id: string, { db, load }: Context) {
  const place = parseDetectionImageId(id);
  const row = place && (await imageAt(db, place));
  const detection = row && (await load.detection.load(row.detection_id));
  const model = detection && (await load.model.load(detection.model_id));
  return row && model ? P.presentDetectionImage(row, model.spec) : null;
}

export async function explanationById(id: string | null, { load }: Context) {
  const row = id ? await load.explanation.load(id) : null;
  return row && P.presentExplanation(row);
}

export async function pointById(id: string, { load }: Context) {
  const row = await load.point.load(id);
  const sweep = row && (await load.sweep.load(row.sweep_id));
  return row && sweep && P.presentPoint(row, sweep);
}

export async function outcomeById(id: string, context: Context) {
  const place = parseOutcomeId(id);
  return place ? outcomeByPlace(place.pointId, place.position, context) : null;
}

export async function outcomeByPlace(pointId: string, position: number, context: Context) {
  const row = await outcomeAt(context.db, pointId, position);
  return row ? P.presentOutcome(row, await specOfPoint(pointId, context)) : null;
}

export async function statusOf(jobId: string, { load }: Context) {
  return (await load.job.load(jobId))?.status;
}

export async function specOfPoint(pointId: string, { load }: Context): Promise<ModelSpec> {
  const point = await load.point.load(pointId);
  const sweep = await load.sweep.load(point!.sweep_id);
  const model = await load.model.load(sweep!.model_id);
  return model!.spec;
}
