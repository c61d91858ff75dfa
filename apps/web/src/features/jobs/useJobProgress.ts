import { useSubscription } from 'urql';
import { graphql, type ResultOf } from '../../graphql/graphql';

const JobProgressSubscription = graphql(`
  subscription JobProgress($jobId: ID!) {
    jobProgress(jobId: $jobId) {
      status
      stage
      done
      total
      unit
      etaSeconds
    }
  }
`);

export type JobProgress = ResultOf<typeof JobProgressSubscription>['jobProgress'];

/** How far a job is, as it goes; undefined until the server says so. */
export function useJobProgress(jobId: string, active: boolean): JobProgress | undefined {
  const [{ data }] = useSubscription({
    query: JobProgressSubscription,
    variables: { jobId },
    pause: !active,
  });
  return active ? data?.jobProgress : undefined;
}
