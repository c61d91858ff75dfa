import { IMAGE_KINDS, type ImageKind, type ImagePlace } from '@trojanscope/core';
import { monotonicFactory } from 'ulid';

const ulid = monotonicFactory();

/** Id prefixes by type. An id tells its type, and ids of a type sort by age. */
export const ID_PREFIXES = {
  Model: 'mod',
  Sweep: 'swp',
  Point: 'pnt',
  Outcome: 'out',
  Detection: 'det',
  DetectionImage: 'dim',
  Explanation: 'exp',
  Job: 'job',
  Study: 'stu',
  LargestRange: 'rng',
  Upload: 'upl',
  SavedView: 'vie',
  User: 'usr',
  // Sessions too: they are kept in one table.
  AccessToken: 'tok',
  AuditEntry: 'aud',
} as const;
export type EntityType = keyof typeof ID_PREFIXES;

export const newId = (type: EntityType) => `${ID_PREFIXES[type]}_${ulid().toLowerCase()}`;

export const isIdOf = (type: EntityType, id: string) =>
  id.startsWith(`${ID_PREFIXES[type]}_`) && /^[0-9a-z]{26}$/.test(id.slice(4));

/** The type an id names; undefined for anything else. */
export function typeOfId(id: string): EntityType | undefined {
  const prefix = id.split('_')[0];
  return (Object.keys(ID_PREFIXES) as EntityType[]).find((type) => ID_PREFIXES[type] === prefix);
}

/** An outcome has no row id: it is a place at a point. */
export const outcomeId = (pointId: string, position: number) =>
  `${ID_PREFIXES.Outcome}_${pointId.slice(4)}_${position}`;

export function parseOutcomeId(id: string): { pointId: string; position: number } | undefined {
  const match = /^out_([0-9a-z]{26})_(\d{1,6})$/.exec(id);
  return match ? { pointId: `${ID_PREFIXES.Point}_${match[1]}`, position: Number(match[2]) } : undefined;
}

/** Nor has an image that a detector judged: it is a place among those of its kind. */
export const detectionImageId = (detectionId: string, kind: ImageKind, position: number) =>
  `${ID_PREFIXES.DetectionImage}_${detectionId.slice(4)}_${kind.toLowerCase().replace('_', '-')}_${position}`;

export interface DetectionImageRef extends ImagePlace {
  detectionId: string;
}
export function parseDetectionImageId(id: string): DetectionImageRef | undefined {
  const match = /^dim_([0-9a-z]{26})_([a-z-]{5,11})_(\d{1,6})$/.exec(id);
  const kind = match && IMAGE_KINDS.find((one) => one.toLowerCase().replace('_', '-') === match[2]);
  return kind
    ? { detectionId: `${ID_PREFIXES.Detection}_${match[1]}`, kind, position: Number(match[3]) }
    : undefined;
}

/** Nor one of the pictures that its detector asked about. */
export const detectionViewId = (imageId: string, view: number) => `${imageId}_${view}`;

export interface DetectionViewRef {
  image: DetectionImageRef;
  /** Its place among the views of the image. */
  view: number;
}
export function parseDetectionViewId(id: string): DetectionViewRef | undefined {
  const match = /^(.+)_(\d{1,3})$/.exec(id);
  const image = match && parseDetectionImageId(match[1]!);
  return image ? { image, view: Number(match[2]) } : undefined;
}

/** A test image has no row either: it is a place in its data set, at a size where it is not the data set's own. */
export const sampleId = ({ dataset, sizePx }: { dataset: string; sizePx?: number }, index: number) =>
  `smp_${dataset}_${index}${sizePx ? `_${sizePx}` : ''}`;

export interface SampleRef {
  dataset: string;
  index: number;
  sizePx?: number;
}
export function parseSampleId(id: string): SampleRef | undefined {
  const match = /^smp_([a-z0-9-]+)_(\d{1,7})(?:_(\d{1,3}))?$/i.exec(id);
  if (!match) return undefined;
  const [, dataset, index, sizePx] = match;
  return { dataset: dataset!, index: Number(index), ...(sizePx && { sizePx: Number(sizePx) }) };
}

/** Two maps' difference is made when it is looked at: its id names both explanations. */
export const differenceId = (explanationId: string, fromId: string) =>
  `dif_${explanationId.slice(4)}_${fromId.slice(4)}`;

export interface DifferenceRef {
  explanationId: string;
  fromId: string;
}
export function parseDifferenceId(id: string): DifferenceRef | undefined {
  const match = /^dif_([0-9a-z]{26})_([0-9a-z]{26})$/.exec(id);
  return match
    ? {
        explanationId: `${ID_PREFIXES.Explanation}_${match[1]}`,
        fromId: `${ID_PREFIXES.Explanation}_${match[2]}`,
      }
    : undefined;
}
