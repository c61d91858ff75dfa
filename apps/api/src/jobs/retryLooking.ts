import type { Db } from '../store/database.js';
import { retryJob } from '../store/jobs.js';
import { checkFiles } from './checks.js';

/**
 * Queues a failed or cancelled job again, once the files are looked at that its attack is still to take: what makes its
 * trigger does not need them any more once that is made.
 * @returns whether it was failed or cancelled
 * @throws TrojanscopeError BAD_USER_INPUT as `checkFiles`
 */
export async function retryLooking(db: Db, id: string, byId?: string): Promise<boolean> {
  const model = await db
    .selectFrom('job')
    .innerJoin('model', 'model.job_id', 'job.id')
    .select('model.spec')
    .where('job.id', '=', id)
    .where('job.kind', '=', 'model')
    .where('job.status', 'in', ['FAILED', 'CANCELLED'])
    .where('model.trigger_box', 'is', null)
    .executeTakeFirst();
  if (model?.spec.backdoor) await checkFiles(model.spec, []);
  return retryJob(db, id, byId);
}
