import { ActionButton } from '../../controls/ActionButton';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';
import { useChange } from '../../graphql/useChange';
import { isUnfinished, type statuses } from '../../lib/statuses';
import { UserErrorList } from '../../ui/UserErrorList';

const CancelStudy = graphql(
  `
  mutation CancelStudy($input: CancelStudyInput!) {
    cancelStudy(input: $input) {
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

const ResumeStudy = graphql(
  `
  mutation ResumeStudy($input: ResumeStudyInput!) {
    resumeStudy(input: $input) {
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

interface StudyActionsProps {
  study: { id: string; status: keyof typeof statuses };
}

/** Stops all of a study that waits or runs; goes on with all of it that failed or was stopped. */
export function StudyActions({ study: { id, status } }: StudyActionsProps) {
  const cancel = useChange(CancelStudy);
  const resume = useChange(ResumeStudy);
  if (status === 'SUCCEEDED') return null;
  const [title, change] = isUnfinished(status)
    ? ['Cancel the study', cancel]
    : ['Go on with the study', resume];
  return (
    <>
      <UserErrorList errors={change.errors} />
      <ActionButton loading={change.busy} onClick={() => void change.run({ input: { studyId: id } })}>
        {title}
      </ActionButton>
    </>
  );
}
