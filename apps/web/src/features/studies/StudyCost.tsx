import { useEffect, useEffectEvent, useState } from 'react';
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

export const StartStudy = graphql(
  `
  mutation StartStudy($input: RunStudyInput!) {
    runStudy(input: $input) {
      study {
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

/** Asks what a study will cost; while another one is asked for, what was said of the last one stays. */
export function useStudyCost(study: Study, pause = false) {
  const [{ data, error, fetching }, ask] = useQuery({ query: CostQuery, variables: study, pause });
  return {
    study,
    ask,
    asking: fetching,
    estimate: pause ? undefined : data?.estimateStudy,
    /** Why it cannot be run, and where it says so. */
    refusals: (fetching || pause ? [] : (error?.graphQLErrors ?? [])).map(({ message, extensions }) => ({
      message,
      field: (extensions?.field ?? []) as string[],
    })),
  };
}

interface StudyCostProps {
  cost: ReturnType<typeof useStudyCost>;
  /** Whether something else will be asked for in a moment. */
  stale?: boolean;
  /** Without refusals, which are told elsewhere. */
  silent?: boolean;
}

/** What a study will cost on this machine, which can be measured for it. */
export function StudyCost({ cost, stale = false, silent = false }: StudyCostProps) {
  const { study, ask, asking, estimate, refusals } = cost;
  const { run, busy, errors } = useChange(Measure);
  const [jobId, setJobId] = useState<string | null>(null);
  const status = useJobProgress(jobId ?? '', jobId !== null)?.status;
  const measured = status !== undefined && !isUnfinished(status);
  // Whatever is asked for then.
  const askAgain = useEffectEvent(() => ask({ requestPolicy: 'network-only' }));
  useEffect(() => {
    if (measured) askAgain();
  }, [measured]);
  return (
    <div className={classes.cost} data-stale={stale || asking || undefined}>
      {refusals.length > 0 ? (
        !silent && <UserErrorList errors={refusals} />
      ) : (
        <EstimateLine estimate={estimate} />
      )}
      {/* A second of work is not worth measuring. */}
      {estimate?.memoryBytes === null &&
        (estimate.seconds ?? 1) >= 1 &&
        (jobId && !measured ? (
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
