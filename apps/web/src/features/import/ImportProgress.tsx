import { Progress } from '@mantine/core';
import type { ReactNode } from 'react';
import { JobFields } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { UserErrorList } from '../../ui/UserErrorList';
import { JobList } from '../jobs/JobList';
import type { Sending } from './useUpload';

const ImportJobQuery = graphql(
  `
  query ImportJob($id: ID!) {
    node(id: $id) {
      ... on Job {
        ...JobFields
      }
    }
  }
`,
  [JobFields],
);

interface ImportProgressProps {
  sending: Sending | null;
  errors: readonly { message: string }[];
  /** The job that takes it in, once there is one. */
  jobId: string | null;
  /** What stands below it once it is done. */
  done: ReactNode;
}

const WORDS = { reading: 'Reading the file', sending: 'Sending it' };

/** How far an import is: the file on its way, then the job that checks it and takes it in, or refuses it. */
export function ImportProgress({ sending, errors, jobId, done }: ImportProgressProps) {
  return (
    <div aria-live="polite">
      {sending && (
        <>
          {WORDS[sending.doing]}, {Math.round(100 * sending.share)} %
          <Progress size={4} mt={4} value={100 * sending.share} color="var(--right)" aria-label="Progress" />
        </>
      )}
      <UserErrorList errors={errors} />
      {jobId && <ImportJob id={jobId} done={done} />}
    </div>
  );
}

function ImportJob({ id, done }: { id: string; done: ReactNode }) {
  const { data } = useLiveQuery(ImportJobQuery, { id });
  const job = data?.node && 'status' in data.node ? data.node : null;
  if (!job) return null;
  return (
    <>
      <JobList jobs={[job]} label="The import" />
      {job.status === 'SUCCEEDED' && done}
    </>
  );
}
