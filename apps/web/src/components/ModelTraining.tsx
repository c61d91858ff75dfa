import { Skeleton } from '@mantine/core';
import { useEffect } from 'react';
import { TrainingFigure } from '../charts/TrainingFigure';
import { graphql } from '../graphql/graphql';
import { useJobProgress } from '../graphql/useJobProgress';
import { useLiveQuery } from '../graphql/useLiveQuery';
import { Empty } from './Empty';

const ModelTrainingQuery = graphql(`
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

interface ModelTrainingProps {
  modelId: string;
  /** The job that trains it, while it does. */
  jobId: string | null;
}

/** A model's training curves, growing while it trains. */
export function ModelTraining({ modelId, jobId }: ModelTrainingProps) {
  const { data, refetch } = useLiveQuery(ModelTrainingQuery, { id: modelId });
  const done = useJobProgress(jobId ?? '', jobId !== null)?.done;
  useEffect(() => {
    if (done !== undefined) refetch();
  }, [done, refetch]);
  if (!data) return <Skeleton height={190} />;
  if (!data.node || !('training' in data.node)) return null;
  const { recipe, history } = data.node.training;
  if (history.length === 0 && jobId === null) {
    return <Empty>There is no record of its training: it was imported, or has not been trained.</Empty>;
  }
  return <TrainingFigure history={history} epochs={epochsOf(recipe)} />;
}

/** Recipes are free-form JSON; the number of epochs only lends the axis its end. */
function epochsOf(recipe: unknown): number | null {
  const epochs = (recipe as { epochs?: unknown } | null)?.epochs;
  return typeof epochs === 'number' ? epochs : null;
}
