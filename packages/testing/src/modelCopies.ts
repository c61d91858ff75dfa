import { openDatabase, type Tables } from '@trojanscope/api/store/database';
import { newId } from '@trojanscope/api/store/ids';
import { type Insertable, type Selectable, sql } from 'kysely';

const ROWS_AT_ONCE = 400;

/**
 * Copies of a trained model with its training history, finished sweeps and points, straight into the database of a data
 * folder: what years of work would leave there. Seeds, ASR and tags differ. Outcomes and weights are not copied.
 * @param original the model's id; that of the oldest sweep where it is left out
 * @returns their ids
 */
export async function addCopies(dataFolder: string, count: number, original?: string): Promise<string[]> {
  const db = await openDatabase(dataFolder);
  try {
    return await db.transaction().execute(async (tx) => {
      const oldest = tx.selectFrom('sweep').select('model_id').orderBy('id').limit(1);
      const modelId = original ?? (await oldest.executeTakeFirstOrThrow()).model_id;
      const jobOf = (id: string) =>
        tx.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
      const {
        asr: _,
        clean_accuracy: __,
        ...model
      } = await tx.selectFrom('model').selectAll().where('id', '=', modelId).executeTakeFirstOrThrow();
      const job = await jobOf(model.job_id);
      const sweeps = [];
      for (const sweep of await tx
        .selectFrom('sweep')
        .selectAll()
        .where('model_id', '=', modelId)
        .execute()) {
        const job = await jobOf(sweep.job_id);
        if (job.status === 'SUCCEEDED') sweeps.push({ sweep, job });
      }
      const rows: { [T in 'job' | 'model' | 'sweep']: Insertable<Tables[T]>[] } = {
        job: [],
        model: [],
        sweep: [],
      };
      for (let i = 0; i < count; i++) {
        const copy = { id: newId('Model'), job_id: newId('Job') };
        rows.job.push({ ...job, id: copy.job_id, model_id: copy.id, study_id: null });
        rows.model.push({ ...model, ...copy, ...differing(model, i + 2) });
        for (const { sweep, job } of sweeps) {
          const ids = { id: newId('Sweep'), job_id: newId('Job') };
          rows.job.push({ ...job, id: ids.job_id, model_id: copy.id, sweep_id: ids.id, study_id: null });
          rows.sweep.push({ ...sweep, ...ids, model_id: copy.id });
        }
      }
      for (const table of ['job', 'model', 'sweep'] as const)
        for (let from = 0; from < rows[table].length; from += ROWS_AT_ONCE)
          await tx
            .insertInto(table)
            .values(rows[table].slice(from, from + ROWS_AT_ONCE))
            .execute();
      const ids = rows.model.map(({ id }) => id);
      const copies = sql`select value from json_each(${JSON.stringify(ids)})`;
      await sql`insert into training_step (model_id, step, epoch, loss, accuracy)
        select copy.value, step, epoch, loss, accuracy from (${copies}) as copy, training_step
        where model_id = ${modelId}`.execute(tx);
      await sql`insert into point (id, sweep_id, position, value, counts, created_at)
        select 'pnt_' || substr(lower(hex(randomblob(13))), 1, 26), s.id, p.position, p.value, p.counts, p.created_at
        from (${copies}) as copy join sweep s on s.model_id = copy.value
        join sweep o on o.model_id = ${modelId} and o.transform = s.transform and o.target = s.target
        join point p on p.sweep_id = o.id`.execute(tx);
      return ids;
    });
  } finally {
    await db.destroy();
  }
}

/** What makes the model of one seed another than that of the next. */
function differing(
  { name, spec, record }: Pick<Selectable<Tables['model']>, 'name' | 'spec' | 'record'>,
  seed: number,
) {
  if (!record?.asr) throw new Error(`${name} is no trained model with a backdoor.`);
  const hits = Math.round(record.asr.total * (0.5 + 0.5 * Math.abs(Math.sin(seed))));
  return {
    name: `${name}, seed ${seed}`,
    spec: { ...spec, seed },
    record: { ...record, asr: { ...record.asr, hits } },
    tags: [`batch ${seed % 20}`],
  };
}
