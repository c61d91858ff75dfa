import { createApp } from '@trojanscope/api/app';
import type { Auth } from '@trojanscope/api/auth/auth';
import { createFolderBlobs } from '@trojanscope/api/blobs/folderBlobs';
import { createEvents } from '@trojanscope/api/events';
import type { ServerParts } from '@trojanscope/api/graphql/context';
import { NO_QUEUE } from '@trojanscope/api/queue/jobQueue';
import { createMemoryLimits } from '@trojanscope/api/rateLimits';
import { openDatabase } from '@trojanscope/api/store/database';

type Parts = Pick<ServerParts, 'auth' | 'events'>;
/** Accounts are off: nobody signs in. */
const NOBODY = { on: false, publicUrl: null } as Auth;

/** The app with nothing that computes: no worker, no inference. For a process of its own, which runs what is built. */
export async function bareApp(
  dataFolder: string,
  { auth = NOBODY, events = createEvents() }: Partial<Parts> = {},
) {
  const db = await openDatabase(dataFolder);
  const nothing = async () => undefined;
  const inference = {
    engine: () => undefined,
    picture: nothing,
    probe: nothing as never,
    views: nothing as never,
    close() {},
  };
  const [blobs, rateLimits] = [createFolderBlobs(dataFolder), createMemoryLimits()];
  const parts = {
    db,
    blobs,
    queue: NO_QUEUE,
    events,
    rateLimits,
    inference,
    version: 'test',
    auth,
    demoFolder: null,
  };
  const options = { host: '127.0.0.1', allowHosts: [], pointsPerMinute: 0, timeoutMs: 10_000 };
  return { db, app: await createApp(parts, options) };
}
