import * as S from '@trojanscope/schema';
import { Ctx, Query, Resolver } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { countUnfinished } from '../store/jobs.js';
import type { Context } from './context.js';
import { MAXIMUM_PAGE_SIZE } from './pages.js';

@Resolver()
export class Server {
  @Rule('VIEWER')
  @Query(() => S.ServerInfo, { description: 'The server.' })
  async server(@Ctx() { db, queue, inference, version, demoFolder }: Context) {
    const engine = queue.engine() ?? inference.engine();
    const { QUEUED, RUNNING } = await countUnfinished(db);
    return {
      version,
      engine: engine?.engine ?? null,
      device: engine?.device ?? null,
      queue: queue.name,
      workers: queue.workers,
      queuedJobs: QUEUED,
      runningJobs: RUNNING,
      maximumPageSize: MAXIMUM_PAGE_SIZE,
      demoFolder,
    };
  }

  @Rule('VIEWER')
  @Query(() => S.RateLimit, { description: 'What this very request costs, and what is left.' })
  rateLimit(@Ctx() { bill }: Context) {
    const { points, objects, limit, remaining, resetAt } = bill!;
    return { cost: points, objects, limit, remaining, resetAt };
  }
}
