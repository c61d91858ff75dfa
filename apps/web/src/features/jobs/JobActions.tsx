import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useMutation } from 'urql';
import type { Job } from '../../graphql/fragments';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';
import { isUnfinished } from '../../lib/statuses';
import { useRefusal, useViewer } from '../../session/viewer';
import { CancelIcon, RetryIcon } from '../../ui/icons';
import classes from './JobActions.module.css';

const CancelJob = graphql(
  `
  mutation CancelJob($jobId: ID!) {
    cancelJob(input: { jobId: $jobId }) {
      job {
        id
        status
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

const RetryJob = graphql(
  `
  mutation RetryJob($jobId: ID!) {
    retryJob(input: { jobId: $jobId }) {
      job {
        id
        status
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

/** Cancel what runs or waits, retry what failed or was cancelled. @param worded where there is room for a word */
export function JobActions({ job, worded = false }: { job: Job; worded?: boolean }) {
  const [cancelled, cancel] = useMutation(CancelJob);
  const [retried, retry] = useMutation(RetryJob);
  const notAllowed = useNotMine(job);
  if (job.status === 'SUCCEEDED') return null;
  const refusals = [
    ...(cancelled.data?.cancelJob.errors ?? []),
    ...(retried.data?.retryJob.errors ?? []),
    ...[cancelled.error, retried.error].filter((error) => error !== undefined),
  ];
  const refusal = refusals.map(({ message }) => message).join(' ');
  const unfinished = isUnfinished(job.status);
  const word = unfinished ? 'Cancel' : 'Retry';
  const icon = unfinished ? <CancelIcon /> : <RetryIcon />;
  const button = {
    'aria-label': `${word}: ${job.title}`,
    loading: cancelled.fetching || retried.fetching,
    'data-disabled': notAllowed !== null || undefined,
    'aria-disabled': notAllowed !== null,
    'aria-description': notAllowed ?? undefined,
    onClick: () => notAllowed === null && (unfinished ? cancel : retry)({ jobId: job.id }),
  };
  return (
    <span className={classes.actions}>
      {refusal && (
        <span role="alert" className={classes.refusal}>
          {refusal}
        </span>
      )}
      <Tooltip
        label={
          notAllowed ?? (unfinished ? 'Cancel. What is done is kept' : 'Retry. Goes on from what is done')
        }
      >
        {worded ? (
          <Button variant="default" leftSection={icon} {...button}>
            {word}
          </Button>
        ) : (
          <ActionIcon variant="subtle" size="sm" {...button}>
            {icon}
          </ActionIcon>
        )}
      </Tooltip>
    </span>
  );
}

/** Why the viewer may not cancel or retry it; null where they may. */
function useNotMine({ createdBy }: Job): string | null {
  const refusal = useRefusal();
  const { id, role } = useViewer();
  if (refusal || role === 'ADMIN' || createdBy?.id === id) return refusal;
  return `${createdBy?.name ?? 'Somebody else'} started this; an admin may change it too.`;
}
