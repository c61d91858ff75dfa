import { graphql } from '../graphql/graphql';

/** What the lines above and below each page say of the server; asked for once for both. */
export const ServerQuery = graphql(`
  query Server {
    server {
      version
      engine
      device
      queue
      queuedJobs
      runningJobs
      demoFolder
    }
  }
`);
