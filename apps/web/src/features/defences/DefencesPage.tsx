'use client';

import { SegmentedControl } from '@mantine/core';
import dynamic from 'next/dynamic';
import { useMemo } from 'react';
import { useQuery } from 'urql';
import type { ResultOf, VariablesOf } from '../../graphql/graphql';
import controls from '../../ui/Controls.module.css';
import { Empty } from '../../ui/Empty';
import { livePage } from '../../ui/livePage';
import { PageHead } from '../../ui/PageHead';
import { Panel } from '../../ui/Panel';
import { Stack } from '../../ui/Stack';
import { UserErrorList } from '../../ui/UserErrorList';
import { useAddress } from '../../ui/useAddress';
import { ModelSelect } from '../models/ModelSelect';
import { DetectionsTable } from './DetectionsTable';
import { DetectorChoices, DetectorForm } from './DetectorForm';
import { defencesSource, rocSource } from './defencesSource';
import { DefencesQuery, nameOf } from './detections';
import { PurifiersPanel } from './PurifiersPanel';
import { RocFigure } from './RocFigure';
import { MOST_CURVES, useDrawnCurves } from './useDrawnCurves';

// Not on every visit, so they are fetched when they are needed.
const JobList = dynamic(() => import('../jobs/JobList').then(({ JobList }) => JobList));
const DetectedSamples = dynamic(() =>
  import('./DetectedSamples').then(({ DetectedSamples }) => DetectedSamples),
);

type Variables = VariablesOf<typeof DefencesQuery>;

const variablesOf = (get: (name: string) => string | null): Variables => {
  const model = get('model');
  const ofModel = model ? { modelId: model } : {};
  return {
    filter: { ...ofModel, newest: true },
    unfinished: { ...ofModel, status: ['QUEUED', 'RUNNING', 'FAILED', 'CANCELLED'] },
    population: get('population') === 'FIRED_AND_RIGHT' ? 'FIRED_AND_RIGHT' : 'ALL',
  };
};

/** How well detectors tell trojaned images from clean ones, model by model. */
export const DefencesPage = livePage(DefencesQuery, variablesOf, Defences);

function Defences({ data, variables }: { data: ResultOf<typeof DefencesQuery>; variables: Variables }) {
  const { get, change } = useAddress();
  const model = get('model');
  const { nodes: detections, totalCount } = data.detections;
  const jobs = data.unfinished.nodes.flatMap(({ job }) => job ?? []);
  const modelIds = useMemo(() => [...new Set(detections.map(({ model }) => model.id))], [detections]);
  const opened = detections.find(({ id }) => id === get('detection'));
  const { curves, measured, choice } = useDrawnCurves(detections, opened?.id);
  const threshold = Number(get('threshold') ?? Number.NaN);
  const selected = opened && Number.isFinite(threshold) ? { id: opened.id, threshold } : null;
  return (
    <>
      <PageHead
        title="Defences"
        facts={['Would a defender notice? Detectors ask a model about changed copies of one image.']}
      />
      <Stack>
        <div className={controls.controls}>
          <ModelSelect
            label="Model"
            placeholder="All models"
            filter={{ kind: 'TROJANED' }}
            value={model}
            onChange={(id) => change({ model: id, detection: null, threshold: null, purifiers: null })}
            clearable
          />
          <SegmentedControl
            aria-label="Which images count"
            value={variables.population}
            data={[
              { value: 'ALL', label: 'All images' },
              { value: 'FIRED_AND_RIGHT', label: 'Fired and right' },
            ]}
            onChange={(population) => change({ population, detection: null, threshold: null })}
          />
        </div>
        {jobs.length > 0 && <JobList jobs={jobs} label="Detectors that run, wait or stopped" />}
        <Panel
          title="Who notices"
          bare
          aside={
            totalCount > detections.length
              ? `the newest ${detections.length} of ${totalCount}: choose a model for fewer`
              : `${totalCount} in all`
          }
          source={detections.length > 0 ? defencesSource(variables, detections) : undefined}
        >
          {detections.length > 0 ? (
            <DetectionsTable
              detections={detections}
              styles={new Map(curves.map(({ id, style }) => [id, style]))}
              choice={choice}
            />
          ) : (
            <Empty>
              No detector has been tried {model ? 'on this model ' : ''}yet. The form below runs one.
            </Empty>
          )}
        </Panel>
        {curves.length > 0 && (
          <Panel
            title="ROC curves"
            aside={
              choice && `${curves.length} of ${measured}, at most ${MOST_CURVES}: choose them in the table`
            }
            source={rocSource(variables, curves)}
          >
            <RocFigure
              curves={curves}
              selected={selected}
              onOpen={(detection, threshold) => change({ detection, threshold: String(threshold) })}
            />
          </Panel>
        )}
        {opened && selected && (
          <Panel title={`Samples flagged from a score of ${threshold.toPrecision(4)}: ${nameOf(opened)}`}>
            <DetectedSamples detection={opened} threshold={threshold} population={variables.population} />
          </Panel>
        )}
        {modelIds.length > 0 && (
          <PurifiersPanel
            // Other detections tell of other purifiers.
            key={detections.map(({ id }) => id).join()}
            modelIds={modelIds}
            listed={get('purifiers')}
            onList={(id) => change({ purifiers: id })}
          />
        )}
        <Panel title="Run a detector">
          <RunForm key={model} modelId={model} />
        </Panel>
      </Stack>
    </>
  );
}

function RunForm({ modelId }: { modelId: string | null }) {
  const [{ data, error }] = useQuery({ query: DetectorChoices });
  if (error) return <UserErrorList errors={[error]} />;
  return data ? <DetectorForm catalog={data.catalog} modelId={modelId} /> : <Empty>…</Empty>;
}
