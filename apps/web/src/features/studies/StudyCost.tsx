import { useEffect, useState } from 'react';
import { useQuery } from 'urql';
import { ActionButton } from '../../controls/ActionButton';
import { EstimateLine } from '../../controls/EstimateLine';
import { UserErrorFields } from '../../graphql/fragments';
import { graphql, type VariablesOf } from '../../graphql/graphql';
import { useChange } from '../../graphql/useChange';
import { links } from '../../lib/links';
import { isUnfinished } from '../../lib/statuses';
import { InternalLink } from '../../ui/InternalLink';
import { UserErrorList } from '../../ui/UserErrorList';
import { useJobProgress } from '../jobs/useJobProgress';
import classes from './StudyCost.module.css';

const CostQuery = graphql(`
  query StudyEstimate($preset: StudyPresetId, $document: String, $seed: Int, $seeds: Int, $sizePx: Int) {
    estimateStudy(preset: $preset, document: $document, seed: $seed, seeds: $seeds, sizePx: $sizePx) {
      seconds
      memoryBytes
      diskBytes
      basis
    }
  }
`);
type Study = VariablesOf<typeof CostQuery>;

const Measure = graphql(
  `
  mutation MeasureStudy($input: MeasureStudyInput!) {
    measureStudy(input: $input) {
      job {
        id
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

/** What a study will cost on this machine, which can be measured for it. */
export function StudyCost({ study }: { study: Study }) {
  const [{ data, error }, ask] = useQuery({ query: CostQuery, variables: study });
  const { run, busy, errors } = useChange(Measure);
  const [jobId, setJobId] = useState<string | null>(null);
  const status = useJobProgress(jobId ?? '', jobId !== null)?.status;
  const measured = status !== undefined && !isUnfinished(status);
  useEffect(() => {
    if (measured) ask({ requestPolicy: 'network-only' });
  }, [measured, ask]);
  const estimate = data?.estimateStudy;
  return (
    <div className={classes.cost}>
      {error ? <UserErrorList errors={error.graphQLErrors} /> : <EstimateLine estimate={estimate} />}
      {/* A second of work is not worth measuring. */}
      {estimate?.memoryBytes === null &&
        (estimate.seconds ?? 1) >= 1 &&
        (jobId ? (
          <InternalLink href={links.job(jobId)}>The measurement of this machine is on its way</InternalLink>
        ) : (
          <ActionButton
            size="xs"
            loading={busy}
            onClick={async () => setJobId((await run({ input: study }))?.measureStudy.job?.id ?? null)}
          >
            Measure this machine
          </ActionButton>
        ))}
      <UserErrorList errors={errors} />
    </div>
  );
}
