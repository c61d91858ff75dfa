import { sql } from 'kysely';
import { type Db, now } from './database.js';

/** A job that is interrupted again and again keeps its last lines. */
export const MAXIMUM_LINES = 500;

/** Notes what became of a job, and who did it where somebody did. */
export async function writeJobLog(db: Db, jobId: string, text: string, byId?: string | null): Promise<void> {
  await sql`
    insert into job_log (job_id, line, attempt, at, text, by_id)
    select id, (select coalesce(max(line), 0) + 1 from job_log where job_id = id), attempt, ${now()}, ${text},
      ${byId ?? null}
    from job where id = ${jobId}`.execute(db);
  await sql`
    delete from job_log where job_id = ${jobId}
      and line <= (select max(line) from job_log where job_id = ${jobId}) - ${MAXIMUM_LINES}`.execute(db);
}
