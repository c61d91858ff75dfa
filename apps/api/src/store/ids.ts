import { monotonicFactory } from 'ulid';

const ulid = monotonicFactory();

/** Id prefixes by type. An id tells its type, and ids of a type sort by age. */
export const ID_PREFIXES = {
  Model: 'mod',
  Sweep: 'swp',
  Point: 'pnt',
  Outcome: 'out',
  Explanation: 'exp',
  Job: 'job',
  Study: 'stu',
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
