import { Progress } from '@mantine/core';
import type { ReactNode } from 'react';
import { counted } from '../../format/count';
import { duration, secondsBetween } from '../../format/duration';
import { moment } from '../../format/moment';
import { CurveFields, JobFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { links } from '../../lib/links';
import { isUnfinished } from '../../lib/statuses';
import { samplesOf } from '../../lib/sweep';
import { Columns } from '../../ui/Columns';
import { InternalLink } from '../../ui/InternalLink';
import { PageHead } from '../../ui/PageHead';
import { Panel } from '../../ui/Panel';
import { Stack } from '../../ui/Stack';
import { StatusMark } from '../../ui/StatusMark';
import { ExplanationCard, ExplanationCardFields } from '../explanations/ExplanationCard';
import { explanationsSource } from '../explanations/explanationsSource';
import { JobEta } from '../jobs/JobEta';
import { JobList } from '../jobs/JobList';
import { jobsSource } from '../jobs/jobsSource';
import { ModelCard, ModelCardFields } from '../models/ModelCard';
import { modelCardsSource } from '../models/modelsSource';
import { TrainingPanel } from '../models/TrainingPanel';
import { CurveGrid } from '../sweeps/CurveGrid';
import { RobustnessLegend } from '../sweeps/RobustnessLegend';
import { sweepsSource } from '../sweeps/sweepsSource';
import { mergePoints } from '../sweeps/useSweepPoints';
import { doneShare } from './doneShare';
import classes from './StudySection.module.css';

/** Of the explanations those that are shown; a report counts all. */
export const StudyFields = graphql(
  `
  fragment StudyFields on Study {
    id
    name
    seed
    status
    createdAt
    finishedAt
    jobs {
      ...JobFields
    }
    models {
      ...ModelCardFields
    }
    sweeps {
      ...CurveFields
    }
    explanations(limit: 24) {
      ...ExplanationCardFields
    }
  }
`,
  [JobFields, ModelCardFields, CurveFields, ExplanationCardFields],
);
type Study = ResultOf<typeof StudyFields>;

/** A study as it goes: its jobs, what runs now, its curves, its saliency maps. */
export function StudySection({ study, actions }: { study: Study; actions: ReactNode }) {
  const { id, name, status, seed, jobs, models, sweeps, explanations, createdAt, finishedAt } = study;
  const done = jobs.filter((job) => job.status === 'SUCCEEDED').length;
  const trojaned = models.filter((model) => model.kind === 'TROJANED');
  return (
    <Stack>
      <div>
        <PageHead
          title={name}
          mark={<StatusMark status={status} />}
          facts={[
            `${done} of ${counted(jobs.length, 'job')} done`,
            `started ${moment(createdAt)}`,
            finishedAt && !isUnfinished(status) && `took ${duration(secondsBetween(createdAt, finishedAt))}`,
            `seed ${seed}`,
            done > 0 && (
              <InternalLink key="report" href={links.report(id)}>
                Report
              </InternalLink>
            ),
          ].filter((fact) => fact !== null && fact !== false)}
          actions={actions}
        />
        {isUnfinished(status) && (
          <Progress
            className={classes.progress}
            size={3}
            value={100 * doneShare(jobs)}
            aria-label={`Progress of ${name}`}
            color="var(--right)"
          />
        )}
        <Work study={study} trojaned={trojaned} />
      </div>
      {trojaned.map((model) => (
        <CurvesPanel
          key={model.id}
          title={trojaned.length > 1 ? `When the backdoor fires: ${model.name}` : 'When the backdoor fires'}
          model={model}
          sweeps={sweeps.filter((sweep) => sweep.model.id === model.id)}
        />
      ))}
      {explanations.length > 0 && (
        <Panel
          title="What the model looks at"
          bare
          aside="The trigger’s visible part is boxed"
          source={explanationsSource(explanations)}
        >
          <div className={classes.explanations}>
            {explanations.map((explanation) => (
              <ExplanationCard key={explanation.id} explanation={explanation} />
            ))}
          </div>
        </Panel>
      )}
      {status === 'SUCCEEDED' && (
        <details className={classes.jobs}>
          <summary>{counted(jobs.length, 'job')} of this study</summary>
          <JobList jobs={jobs} />
        </details>
      )}
    </Stack>
  );
}

/** Its jobs and the training that runs while there is something to do; then its models alone. */
function Work({ study, trojaned }: { study: Study; trojaned: Study['models'] }) {
  const { status, jobs, models } = study;
  const inTraining = models.find((model) => model.status === 'RUNNING');
  const training = jobs.find((job) => job.status === 'RUNNING' && job.model?.id === inTraining?.id);
  const cards = (
    <Panel
      title={trojaned.length > 1 ? 'Trojaned models' : 'The trojaned model'}
      source={modelCardsSource(trojaned)}
    >
      <div className={classes.cards}>
        {trojaned.map((model) => (
          <ModelCard key={model.id} model={model} />
        ))}
      </div>
    </Panel>
  );
  if (status === 'SUCCEEDED') return cards;
  return (
    <Columns wide="left">
      <Panel
        title="Jobs of this study"
        bare
        source={jobsSource('jobs', { first: 100, filter: { studyId: study.id } }, jobs)}
      >
        <JobList jobs={jobs} />
      </Panel>
      {inTraining && training ? (
        <TrainingPanel
          key={inTraining.id}
          title={training.title}
          aside={<JobEta jobId={training.id} />}
          modelId={inTraining.id}
          jobId={training.id}
        />
      ) : (
        cards
      )}
    </Columns>
  );
}

interface CurvesPanelProps {
  title: string;
  model: Study['models'][number];
  sweeps: Study['sweeps'];
}

function CurvesPanel({ title, model, sweeps }: CurvesPanelProps) {
  if (sweeps.length === 0) return null;
  return (
    <Panel
      bare
      title={title}
      aside={
        <RobustnessLegend
          samples={sharedSamples(sweeps)}
          benign={sweeps.some((sweep) => sweep.model.benign !== null)}
        />
      }
      source={sweepsSource(
        `ASR under transforms: ${model.name}`,
        sweeps.map((sweep) => ({ sweep, points: mergePoints(sweep.curve.points, []) })),
      )}
    >
      <CurveGrid sweeps={sweeps} />
    </Panel>
  );
}

/** The number of samples a point, where all sweeps agree. */
function sharedSamples(sweeps: Study['sweeps']): number | null {
  const [first, ...others] = new Set(sweeps.map(samplesOf));
  return others.length === 0 ? (first ?? null) : null;
}
