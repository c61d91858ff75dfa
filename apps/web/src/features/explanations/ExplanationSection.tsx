import { Progress } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useMutation } from 'urql';
import { ActionButton } from '../../controls/ActionButton';
import { duration } from '../../format/duration';
import { type Explanation, type Job, UserErrorFields } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';
import { glossary } from '../../lib/glossary';
import { isUnfinished } from '../../lib/statuses';
import { useRefusal } from '../../session/viewer';
import { Term } from '../../ui/Term';
import { UserErrorList } from '../../ui/UserErrorList';
import { useJobProgress } from '../jobs/useJobProgress';
import { ExplanationPictures } from './ExplanationPictures';
import { ExplanationScore } from './ExplanationScore';
import classes from './ExplanationSection.module.css';

/** How long a sample is looked at before its map is asked for, so that leafing through starts no jobs. */
const LOOKED_AT_MS = 500;

const Explain = graphql(
  `
  mutation Explain($outcomeId: ID!) {
    explain(input: { outcomeIds: [$outcomeId] }) {
      explanations {
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

interface ExplanationSectionProps {
  outcomeId: string;
  explanation: Explanation | null;
  subject: string;
  /** Called when there is something new to fetch. */
  onChange: () => void;
}

/** The saliency map of a sample; asks for it when there is none yet. */
export function ExplanationSection({ outcomeId, explanation, subject, onChange }: ExplanationSectionProps) {
  const [{ data, error, fetching }, explain] = useMutation(Explain);
  const asked = useRef(false);
  const refusal = useRefusal();
  const missing = explanation === null;
  useEffect(() => {
    if (!missing || refusal || asked.current) return;
    const timer = setTimeout(async () => {
      asked.current = true;
      await explain({ outcomeId });
      onChange();
    }, LOOKED_AT_MS);
    return () => clearTimeout(timer);
  }, [missing, refusal, outcomeId, explain, onChange]);
  const ask = async () => {
    await explain({ outcomeId });
    onChange();
  };
  const refusals = [...(data?.explain.errors ?? []), ...(error ? [error] : [])];
  return (
    <section className={classes.section} aria-label="Explanation">
      <h3 className={classes.title}>
        <Term definition={glossary.saliency}>What the model looked at</Term>
        {explanation?.explainedLabel && (
          <span>
            for “{explanation.explainedLabel.name}”, by {explanation.explainer.title}
          </span>
        )}
      </h3>
      <UserErrorList errors={refusals} />
      {explanation?.status === 'SUCCEEDED' && (
        <>
          <ExplanationPictures explanation={explanation} subject={subject} />
          <ExplanationScore explanation={explanation} />
        </>
      )}
      {explanation && isUnfinished(explanation.status) && (
        <ExplanationProgress job={explanation.job} onChange={onChange} />
      )}
      {missing && refusals.length === 0 && (
        <p className={classes.note}>
          {refusal ? 'Nobody has asked for its saliency map yet.' : 'Asking for its saliency map.'}
        </p>
      )}
      {(explanation?.status === 'FAILED' || explanation?.status === 'CANCELLED') && (
        <p className={classes.note}>{explanation.job?.error?.message ?? 'The explanation was cancelled.'}</p>
      )}
      {((missing && refusal) ||
        refusals.length > 0 ||
        explanation?.status === 'FAILED' ||
        explanation?.status === 'CANCELLED') && (
        <ActionButton size="xs" loading={fetching} onClick={ask}>
          Explain
        </ActionButton>
      )}
    </section>
  );
}

/** A saliency map on its way: where it stands in the queue, what it waits for, how far it is. */
function ExplanationProgress({ job, onChange }: { job: Job | null; onChange: () => void }) {
  const live = useJobProgress(job?.id ?? '', job !== null);
  const progress = live ?? job?.progress;
  const over = live && !isUnfinished(live.status);
  useEffect(() => {
    if (over) onChange();
  }, [over, onChange]);
  const running = (live?.status ?? job?.status) === 'RUNNING';
  return (
    <div className={classes.waiting} role="status">
      <Progress
        size={4}
        value={progress && progress.total > 0 ? (100 * progress.done) / progress.total : 0}
        aria-label="Progress of the explanation"
        color="var(--right)"
      />
      <span>
        {running ? (progress?.stage ?? 'Starting') : queueWords(job)}
        {running && progress?.etaSeconds != null && `, ≈ ${duration(progress.etaSeconds)} left`}
      </span>
    </div>
  );
}

function queueWords(job: Job | null): string {
  if (!job) return 'Queued';
  const place = job.queuePosition === null ? 'Queued' : `Place ${job.queuePosition} in the queue`;
  const waits = job.waitsFor.map(({ title }) => title);
  return waits.length > 0 ? `${place}, waits for ${waits.join(' and ')}` : place;
}
