'use client';

import { Switch, Tooltip } from '@mantine/core';
import { useRouter } from 'next/navigation';
import { type ComponentProps, useDeferredValue, useMemo, useState } from 'react';
import { sheetSvg } from '../../export/sheet';
import { counted } from '../../format/count';
import { percent, percentagePoints } from '../../format/percent';
import { graphql } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { links } from '../../lib/links';
import { transformValue } from '../../lib/sweep';
import classes from '../../ui/Controls.module.css';
import { LoadError } from '../../ui/LoadError';
import { hydratedPage } from '../../ui/livePage';
import { Notice } from '../../ui/Notice';
import { PageHead } from '../../ui/PageHead';
import { PageLink } from '../../ui/PageLink';
import { PageSkeleton } from '../../ui/PageSkeleton';
import { Panel } from '../../ui/Panel';
import { Stack } from '../../ui/Stack';
import { useAddress } from '../../ui/useAddress';
import { SavedViews } from '../curation/SavedViews';
import {
  bandWords,
  benignWords,
  CurvesBoard,
  curvesTable,
  type Multiple,
  multiplesOf,
  useBoardSource,
} from './CurvesBoard';
import { CurvesLegend } from './CurvesLegend';
import { CurvesQuery, GrowingCurvesQuery, type OverlaidCurve } from './curves';
import { measured } from './curvesChart';
import { HeatmapFigure } from './HeatmapFigure';
import { type HeatmapData, heatmapChart, heatmapHeight } from './heatmapChart';
import { ModelChooser } from './ModelChooser';
import { overlayOf, SeedFields, seedGroupsOf } from './overlay';

/** The newest models stand there until others are chosen. */
const NewestModelsQuery = graphql(`
  query NewestModels {
    models(first: 6, filter: { kind: TROJANED, status: [SUCCEEDED] }) {
      nodes {
        id
        name
      }
    }
  }
`);
const ChosenModelsQuery = graphql(
  `
  query ChosenModels($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      ...SeedFields
    }
    catalog {
      transforms {
        id
      }
    }
  }
`,
  [SeedFields],
);

const NONE: readonly Multiple[] = [];
/** The server tells of no more at once, and more lines cannot be told apart. */
const MOST_OVERLAID = 100;

export const CurvesPage = hydratedPage(Curves);

function Curves() {
  const { get } = useAddress();
  const newest = useLiveQuery(NewestModelsQuery, {});
  const asked = get('models');
  const newestModels = newest.data?.models.nodes;
  const ids = useMemo(
    () =>
      asked?.split(',').filter(Boolean).slice(0, MOST_OVERLAID) ?? newestModels?.map(({ id }) => id) ?? null,
    [asked, newestModels],
  );
  if (ids === null) {
    return newest.error ? <LoadError error={newest.error} retry={newest.retry} /> : <PageSkeleton />;
  }
  if (ids.length === 0 && asked === null) return <NoModels />;
  return <CurvesOf ids={ids} />;
}

function NoModels() {
  return (
    <Notice title="No curves yet" action={<PageLink href="/">Go to the overview</PageLink>}>
      Curves come from sweeps of a trojaned model: its trigger or the whole image is transformed further and
      further, and the attack success rate is measured at every value. Run a study from the overview, or
      implant a backdoor first.
    </Notice>
  );
}

function CurvesOf({ ids }: { ids: readonly string[] }) {
  const { get } = useAddress();
  const router = useRouter();
  const [lifted, setLifted] = useState<string | null>(null);
  const models = useLiveQuery(ChosenModelsQuery, { ids: [...ids] });
  const finished = useLiveQuery(CurvesQuery, { modelIds: [...ids] });
  const growing = useLiveQuery(GrowingCurvesQuery, {});
  const measure = get('drop') === '1' ? 'drop' : 'asr';
  // Over many curves bands and dots would hide the lines; they can be switched on.
  const bands = get('bands') ? get('bands') === '1' : ids.length <= 6;
  const baselines = get('baselines') ? get('baselines') === '1' : ids.length <= 6;
  const curves = useMemo(
    () =>
      together(
        ids,
        finished.data?.robustnessCurves,
        growing.data?.sweeps.nodes.map(({ curve }) => curve),
      ),
    [ids, finished.data, growing.data],
  );
  // While others are being fetched, the answer may still be that about those chosen before.
  const chosen = useMemo(
    () =>
      (models.data?.nodes ?? []).flatMap((node) =>
        node?.__typename === 'Model' && ids.includes(node.id) ? [node] : [],
      ),
    [models.data, ids],
  );
  const alike = useMemo(() => seedGroupsOf(chosen), [chosen]);
  const pooled = get('seeds') === '1' && alike.length > 0;
  // A mean has no band of its own.
  const banded = bands && !(pooled && alike.flatMap(({ ids }) => ids).length === chosen.length);
  const overlay = useMemo(() => overlayOf(ids, chosen, pooled ? alike : []), [ids, chosen, alike, pooled]);
  const order = models.data?.catalog.transforms;
  const multiples = useMemo(
    () =>
      multiplesOf(curves, order?.map(({ id }) => id) ?? [], overlay.styles, {
        measure,
        bands: banded,
        baselines,
        seedGroups: pooled ? alike.map(({ ids }) => ids) : [],
      }),
    [curves, order, overlay, measure, banded, baselines, pooled, alike],
  );
  // The heatmap is further down: it may come when the curves stand.
  const heated = useDeferredValue(multiples, NONE);
  const title = measure === 'asr' ? 'ASR under transforms' : 'ASR lost to transforms';
  const source = useBoardSource(title, multiples, overlay);
  const error = finished.error ?? models.error;
  if (error && (!finished.data || !models.data)) return <LoadError error={error} retry={finished.retry} />;
  if (!finished.data || !models.data) return <PageSkeleton />;
  return (
    <>
      <PageHead
        title="Curves"
        facts={[
          'When does the backdoor fire, and how does that change with the transform?',
          counted(curves.length, 'curve'),
        ]}
        actions={<SavedViews />}
      />
      <Stack>
        <CurvesControls {...{ chosen, measure, bands, banded, baselines, pooled }} seeds={alike.length > 0} />
        {multiples.length === 0 ? (
          <NoCurveYet chosen={chosen.length > 0} />
        ) : (
          <>
            <Panel title={title} bare source={source}>
              <Stack>
                <CurvesLegend
                  {...{ overlay, lifted, seeds: pooled }}
                  baselines={
                    baselines && measure === 'asr'
                      ? benignWords(multiples, 'of the benign model without colour')
                      : null
                  }
                  onLift={setLifted}
                  bands={banded ? bandWords(multiples) : null}
                />
                <CurvesBoard
                  {...{ multiples, overlay, lifted }}
                  onLift={setLifted}
                  onOpen={(address) => router.push(address)}
                />
              </Stack>
            </Panel>
            <HeatmapPanel
              multiples={heated}
              names={overlay.names}
              measure={measure}
              onOpen={(point) => router.push(links.outcomes(point))}
            />
          </>
        )}
      </Stack>
    </>
  );
}

const NoCurveYet = ({ chosen }: { chosen: boolean }) => (
  <Notice part title="These models have no curve yet" action={null}>
    {chosen
      ? 'A finished or running sweep of one of them shows up here by itself. Its page has a form that starts one.'
      : 'Choose one or more models above.'}
  </Notice>
);

interface CurvesControlsProps {
  chosen: ComponentProps<typeof ModelChooser>['chosen'];
  measure: 'asr' | 'drop';
  /** Asked for, and drawn: where seeds are one there are none. */
  bands: boolean;
  banded: boolean;
  baselines: boolean;
  /** Some of the models differ in their seed alone. */
  seeds: boolean;
  pooled: boolean;
}

/** What is overlaid and how; it all stands in the address. */
function CurvesControls({ chosen, measure, bands, banded, baselines, seeds, pooled }: CurvesControlsProps) {
  const { change } = useAddress();
  const set = (name: string) => (event: { currentTarget: { checked: boolean } }) =>
    change({ [name]: event.currentTarget.checked ? '1' : '0' }, 'replace');
  return (
    <div className={classes.controls}>
      <div className={classes.grow}>
        <ModelChooser
          most={MOST_OVERLAID}
          chosen={chosen}
          onChange={(next) => change({ models: next.join(',') }, 'replace')}
        />
      </div>
      <Switch label="Drop against the identity" checked={measure === 'drop'} onChange={set('drop')} />
      <Switch label="Wilson bands" checked={banded} disabled={bands && !banded} onChange={set('bands')} />
      <Switch
        label="Clean baselines"
        checked={baselines && measure === 'asr'}
        disabled={measure === 'drop'}
        onChange={set('baselines')}
      />
      {seeds && (
        <Tooltip label="Models that differ in their seed alone: their mean, each of them faint behind it">
          <Switch label="Seeds as one" checked={pooled} onChange={set('seeds')} />
        </Tooltip>
      )}
    </div>
  );
}

/** What is finished, and what grows where nothing is finished. */
function together(
  ids: readonly string[],
  finished: readonly OverlaidCurve[] = [],
  growing: readonly OverlaidCurve[] = [],
): OverlaidCurve[] {
  const keyOf = ({ model, transform, target }: OverlaidCurve) => `${model.id}/${transform.id}/${target}`;
  const known = new Set(finished.map(keyOf));
  const more = growing.filter((curve) => !known.has(keyOf(curve)));
  return [...finished, ...more].filter(({ model }) => ids.includes(model.id));
}

interface HeatmapPanelProps {
  multiples: readonly Multiple[];
  names: ReadonlyMap<string, string>;
  measure: 'asr' | 'drop';
  onOpen: (pointId: string) => void;
}

function HeatmapPanel({ multiples, names, measure, onOpen }: HeatmapPanelProps) {
  const data: HeatmapData = useMemo(
    () => ({
      models: [...names].map(([id, name]) => ({ id, name })),
      groups: multiples.map(({ key, title, data: { unit, values } }) => ({
        key,
        title,
        unit,
        values: [...values].sort((a, b) => a - b),
      })),
      cells: multiples.flatMap(({ key, data }) =>
        data.curves.flatMap(({ modelId, points }) =>
          points.map((point) => ({
            modelId,
            group: key,
            value: point.value,
            shown: measured(point, measure).value,
          })),
        ),
      ),
    }),
    [multiples, names, measure],
  );
  const pointOf = (modelId: string, group: string, value: number) =>
    multiples
      .find(({ key }) => key === group)
      ?.data.curves.find((curve) => curve.modelId === modelId)
      ?.points.find((point) => point.value === value);
  const title =
    measure === 'asr' ? 'ASR in %, model by value' : 'ASR drop in percentage points, model by value';
  return (
    <Panel
      title={title}
      aside="a click on a cell shows its samples"
      source={{
        name: 'heatmap',
        query: CurvesQuery,
        variables: { modelIds: [...names.keys()] },
        table: () => curvesTable(multiples.flatMap(({ curves }) => curves)),
        picture: () =>
          sheetSvg(
            {
              title,
              columns: 1,
              legend: [],
              size: { width: 1100, height: heatmapHeight(names.size) },
              charts: [
                { title: '', draw: (size, palette, document) => heatmapChart(data, size, palette, document) },
              ],
            },
            document,
          ),
      }}
    >
      <div className={classes.scroll}>
        <div style={{ minWidth: 180 + 18 * data.groups.flatMap(({ values }) => values).length }}>
          <HeatmapFigure
            label={`${title}: ${counted(data.models.length, 'model')}`}
            data={data}
            say={({ modelId, group, value }) => {
              const point = pointOf(modelId, group, value)!;
              const multiple = multiples.find(({ key }) => key === group)!;
              const { asr, asrDrop } = point;
              return `${names.get(modelId)}, ${multiple.title}, ${transformValue(value, multiple.data.unit)}: ASR ${percent(asr.value, asr.denominator)}, ${percentagePoints(-asrDrop)} against the identity, ${counted(asr.denominator, 'sample')}`;
            }}
            onOpen={({ modelId, group, value }) => onOpen(pointOf(modelId, group, value)!.id)}
          />
        </div>
      </div>
    </Panel>
  );
}
