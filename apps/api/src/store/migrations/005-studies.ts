import { type Kysely, sql } from 'kysely';

/**
 * A study's jobs, those of others that it takes over included; what was chosen of its preset; strips of explanations (the
 * paper's Fig. 5).
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table study_job (
      study_id text not null references study, place integer not null, job_id text not null references job,
      primary key (study_id, place), unique (study_id, job_id)
    ) strict, without rowid`,
    sql`create index study_job_by_job on study_job (job_id)`,
    sql`insert into study_job (study_id, place, job_id)
      select study_id, row_number() over (partition by study_id order by id), id from job where study_id is not null`,
    sql`alter table study add column options text not null default '{}'`,
    sql`create table strip (
      model_id text not null references model, sample_index integer not null, job_id text not null references job,
      settings text not null, picture text not null, frames text not null, created_at text not null,
      primary key (model_id, sample_index, settings)
    ) strict, without rowid`,
  ];
  for (const statement of statements) await statement.execute(db);
}
