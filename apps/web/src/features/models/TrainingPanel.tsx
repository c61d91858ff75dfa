import { Skeleton } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import type { PanelSource } from '../../export/panelSource';
import { sheetSvg } from '../../export/sheet';
import { type Column, tableOf } from '../../export/table';
import { percent } from '../../format/percent';
import { graphql } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { LoadError } from '../../ui/LoadError';
import { Panel } from '../../ui/Panel';
import { useJobProgress } from '../jobs/useJobProgress';
import { TrainingFigure } from './TrainingFigure';
import classes from './TrainingPanel.module.css';
import { type TrainingStep, trainingChart } from './trainingChart';

const TrainingQuery = graphql(`
  query ModelTraining($id: ID!) {
    node(id: $id) {
      ... on Model {
        id
        training {
          recipe
          history {
            step
            epoch
            loss
            accuracy
          }
        }
      }
    }
  }
`);

interface TrainingPanelProps {
  title: string;
  aside?: ReactNode;
  modelId: string;
  /** The job that trains it, while it does. */
  jobId: string | null;
}

/** A model's training curves, growing while it trains. */
export function TrainingPanel({ title, aside, modelId, jobId }: TrainingPanelProps) {
  const { data, error, retry, refetch } = useLiveQuery(TrainingQuery, { id: modelId });
  const done = useJobProgress(jobId ?? '', jobId !== null)?.done;
  useEffect(() => {
    if (done !== undefined) refetch();
  }, [done, refetch]);
  const training = data?.node && 'training' in data.node ? data.node.training : null;
  const { history, recipe } = training ?? { history: [], recipe: null };
  const epochs = epochsOf(recipe);
  return (
    <Panel
      title={title}
      aside={aside}
      source={history.length > 0 ? sourceOf(modelId, history, epochs) : undefined}
    >
      {training && history.length === 0 && jobId === null ? (
        <p className={classes.none}>No training curve is kept of this model: it was brought here.</p>
      ) : training ? (
        <TrainingFigure history={history} epochs={epochs} />
      ) : error ? (
        <LoadError part error={error} retry={retry} />
      ) : (
        <Skeleton height={190} />
      )}
    </Panel>
  );
}

type Step = TrainingStep & { step: number };
const columns: readonly Column<Step>[] = [
  { title: 'step', value: ({ step }) => step },
  { title: 'epoch', value: ({ epoch }) => epoch, text: ({ epoch }) => epoch.toFixed(2) },
  { title: 'loss', value: ({ loss }) => loss, text: ({ loss }) => loss.toPrecision(3) },
  {
    title: 'training accuracy',
    value: ({ accuracy }) => accuracy,
    text: ({ accuracy }) => percent(accuracy),
  },
];

const sourceOf = (id: string, history: readonly Step[], epochs: number | null): PanelSource => ({
  name: 'training',
  query: TrainingQuery,
  variables: { id },
  table: () => tableOf(history, columns),
  picture: () =>
    sheetSvg(
      {
        title: 'Training',
        columns: 2,
        legend: [],
        size: { width: 380, height: 200 },
        charts: (['loss', 'accuracy'] as const).map((measure) => ({
          title: measure === 'loss' ? 'Loss over epochs' : 'Training accuracy over epochs',
          draw: (size, palette, document) =>
            trainingChart({ history, measure, epochs }, size, palette, document),
        })),
      },
      document,
    ),
});

/** Recipes are free-form JSON; the number of epochs only lends the axis its end. */
function epochsOf(recipe: unknown): number | null {
  const epochs = (recipe as { epochs?: unknown } | null)?.epochs;
  return typeof epochs === 'number' ? epochs : null;
}
