import type { Db, Row } from './database.js';

export const outcomeAt = (db: Db, pointId: string, position: number): Promise<Row<'outcome'> | undefined> =>
  db
    .selectFrom('outcome')
    .selectAll()
    .where('point_id', '=', pointId)
    .where('position', '=', position)
    .executeTakeFirst();

/** The next outcomes of a point behind a position, as the samples were drawn. */
export const outcomesAfter = (
  db: Db,
  pointId: string,
  position: number,
  limit: number,
): Promise<Row<'outcome'>[]> =>
  db
    .selectFrom('outcome')
    .selectAll()
    .where('point_id', '=', pointId)
    .where('position', '>', position)
    .orderBy('position')
    .limit(limit)
    .execute();

/** An outcome's sample and value, with the sweep that it is of. */
export const sweepOfOutcome = (db: Db, pointId: string, position: number) =>
  db
    .selectFrom('outcome')
    .innerJoin('point', 'point.id', 'outcome.point_id')
    .innerJoin('sweep', 'sweep.id', 'point.sweep_id')
    .selectAll('sweep')
    .select(['outcome.sample_index', 'point.value as point_value'])
    .where('outcome.point_id', '=', pointId)
    .where('outcome.position', '=', position)
    .executeTakeFirst();

/** At what setting an outcome came out, and its labels. There must be one. */
export const settingOfOutcome = (db: Db, pointId: string, position: number) =>
  db
    .selectFrom('outcome')
    .innerJoin('point', 'point.id', 'outcome.point_id')
    .innerJoin('sweep', 'sweep.id', 'point.sweep_id')
    .select(['sweep.transform', 'sweep.target', 'point.value', 'outcome.kind'])
    .select(['outcome.true_label as trueLabel', 'outcome.clean_prediction as cleanLabel'])
    .where('outcome.point_id', '=', pointId)
    .where('outcome.position', '=', position)
    .executeTakeFirstOrThrow();
