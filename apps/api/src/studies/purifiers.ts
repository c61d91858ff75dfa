import { detectorOf, isPurifier, mergePurifiers, purifiersOf } from '@trojanscope/core';
import { judgePurifiers } from '@trojanscope/core/evaluation';
import type { Db, Row } from '../store/database.js';
import { answeredImages, finishedDetectionsOf } from '../store/detections.js';

type Detection = Row<'detection'>;

/** What the views of a finished detection do as purifiers, of the answers that are kept. */
export async function purifiersOfDetection(db: Db, row: Detection, targetLabel: number) {
  return judgePurifiers(await countsOf(db, row, targetLabel));
}

/** The same over a model's detections that are of the same samples. */
export async function purifiersOfModel(db: Db, modelId: string, targetLabel: number) {
  const found = sameSamples(await finishedDetectionsOf(db, modelId));
  const counts = await Promise.all(found.map((row) => countsOf(db, row, targetLabel)));
  return judgePurifiers(mergePurifiers(counts.flat()));
}

async function countsOf(db: Db, { id, detector, parameters }: Detection, targetLabel: number) {
  const views = detectorOf(detector).views(parameters);
  return views.some(isPurifier) ? purifiersOf(views, await answeredImages(db, id), targetLabel) : [];
}

/** The newest of each detector and variant that are of the same samples: where most are, else the newest. */
function sameSamples(newestFirst: readonly Detection[]): Detection[] {
  const groups = new Map<string, Map<string, Detection>>();
  for (const row of newestFirst) {
    const samples = JSON.stringify([row.samples, row.seed, row.benign_id]);
    const group = groups.get(samples) ?? new Map<string, Detection>();
    groups.set(samples, group);
    const variant = JSON.stringify([row.detector, row.parameters]);
    if (!group.has(variant)) group.set(variant, row);
  }
  let most = new Map<string, Detection>();
  for (const group of groups.values()) if (group.size > most.size) most = group;
  return [...most.values()];
}
