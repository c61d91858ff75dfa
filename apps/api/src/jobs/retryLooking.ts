import type { Db } from '../store/database.js';
import { retryJob } from '../store/jobs.js';
import { specToMakeTriggerOf } from '../store/models.js';
import { checkFiles } from './checks.js';

/**
 * Queues a failed or cancelled job again, once the files are looked at that its attack is still to take: what makes its
 * trigger does not need them any more once that is made.
 * @returns whether it was failed or cancelled
 * @throws TrojanscopeError BAD_USER_INPUT as `checkFiles`
 */
export async function retryLooking(db: Db, id: string, byId?: string): Promise<boolean> {
  const spec = await specToMakeTriggerOf(db, id);
  if (spec?.backdoor) await checkFiles(spec, []);
  return retryJob(db, id, byId);
}
