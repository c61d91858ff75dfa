import { type Kysely, sql } from 'kysely';

/**
 * Detectors tried on models, and every image that they judged. Answers are packed (store/detections.ts), and as long as a
 * page at times, of which a table without rowids keeps no more than a quarter together.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table detection (
      id text primary key, model_id text not null references model, benign_id text references model,
      job_id text not null references job, detector text not null, parameters text not null,
      queries integer not null, samples integer not null, seed integer not null, summary text,
      auroc real as (json_extract(summary, '$.measures.ALL.auroc.value')) virtual,
      notes text not null default '', tags text not null default '[]', locked integer not null default 0,
      deleted_at text, created_at text not null
    ) strict`,
    sql`create index detection_by_model on detection (model_id, id)`,
    sql`create index detection_shown on detection (deleted_at, id)`,
    sql`create table detection_image (
      detection_id text not null references detection, kind text not null, position integer not null,
      sample_index integer not null, true_label integer not null, predicted integer not null,
      confidence real not null, as_expected integer not null, score real not null, benign_score real,
      answers blob not null, benign_answers blob, primary key (detection_id, kind, position)
    ) strict`,
  ];
  for (const statement of statements) await statement.execute(db);
}
