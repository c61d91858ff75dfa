import { type Kysely, sql } from 'kysely';

/** Times are ISO strings; parameters, specs and records are JSON; ids are `<type>_<ulid>`, so that they sort by age. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table study (
      id text primary key, name text not null, preset text not null, seed integer not null, created_at text not null
    ) strict`,
    sql`create table job (
      id text primary key, kind text not null, title text not null, status text not null, payload text not null,
      study_id text references study, model_id text, sweep_id text,
      attempt integer not null default 0, crashes integer not null default 0,
      stage text not null default '', done integer not null default 0, total integer not null default 0,
      unit text not null default '', done_at_start integer not null default 0,
      error_code text, error_message text,
      created_at text not null, started_at text, heartbeat_at text, finished_at text
    ) strict`,
    sql`create index job_by_status on job (status, id)`,
    sql`create index job_by_study on job (study_id, id)`,
    sql`create table job_need (
      job_id text not null references job, needs_id text not null references job, primary key (job_id, needs_id)
    ) strict, without rowid`,
    sql`create table model (
      id text primary key, name text not null, kind text not null, dataset text not null, attack text,
      spec text not null, benign_id text references model, job_id text not null references job,
      record text, poison text, trigger_box text, trigger_picture text, trigger_on_sample text, created_at text not null
    ) strict`,
    sql`create table training_step (
      model_id text not null references model, step integer not null, epoch real not null, loss real not null,
      accuracy real not null, primary key (model_id, step)
    ) strict, without rowid`,
    sql`create table sweep (
      id text primary key, model_id text not null references model, benign_id text not null references model,
      job_id text not null references job, transform text not null, target text not null, "values" text not null,
      samples integer not null, seed integer not null, eligibility text not null, created_at text not null
    ) strict`,
    sql`create index sweep_by_model on sweep (model_id, id)`,
    sql`create table point (
      id text primary key, sweep_id text not null references sweep, position integer not null, value real not null,
      counts text not null, created_at text not null, unique (sweep_id, position)
    ) strict`,
    sql`create table outcome (
      point_id text not null references point, position integer not null, sample_index integer not null,
      true_label integer not null, predicted integer not null, confidence real not null, kind text not null,
      clean_prediction integer not null, identity_kind text not null, visible_trigger real not null,
      parameters text not null, primary key (point_id, position)
    ) strict, without rowid`,
    sql`create table explanation (
      id text primary key, model_id text not null references model, job_id text not null references job,
      point_id text not null, position integer not null, settings text not null,
      explained_label integer, image text, saliency text, overlay text, score text, created_at text not null,
      unique (point_id, position, settings)
    ) strict`,
    sql`create index explanation_by_model on explanation (model_id, id)`,
    sql`create table artifact (
      id text primary key, width integer not null, height integer not null, created_at text not null
    ) strict`,
    sql`create table idempotency (
      key text primary key, entity_id text not null, created_at text not null
    ) strict, without rowid`,
  ];
  for (const statement of statements) await statement.execute(db);
}
