import { Skeleton } from '@mantine/core';
import { count } from '../../format/count';
import { errorMessage } from '../../graphql/errorMessage';
import { graphql } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { Facts } from '../../ui/Facts';
import { Panel } from '../../ui/Panel';

const ServerFactsQuery = graphql(`
  query ServerFacts {
    server {
      version
      engine
      device
      queue
      queuedJobs
      runningJobs
    }
    rateLimit {
      limit
      remaining
    }
  }
`);

/** The server and what computes behind it. */
export function ServerFacts() {
  const { data, error } = useLiveQuery(ServerFactsQuery, {});
  return (
    <Panel title="Server" source={{ name: 'server', query: ServerFactsQuery, variables: {} }}>
      {data ? (
        <Facts
          facts={[
            ['trojanscope', data.server.version],
            ['Engine', data.server.engine ?? 'loaded with the first job or probe'],
            ['Device', data.server.device ?? '–'],
            ['Queue', data.server.queue],
            ['Jobs', `${data.server.runningJobs} running, ${data.server.queuedJobs} queued`],
            [
              'Requests',
              data.rateLimit.limit === null
                ? 'without limit'
                : `${count(data.rateLimit.remaining ?? 0)} of ${count(data.rateLimit.limit)} points left this minute`,
            ],
          ]}
        />
      ) : (
        ((error && errorMessage(error)) ?? <Skeleton height={150} />)
      )}
    </Panel>
  );
}
