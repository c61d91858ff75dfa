'use client';

import { Slider, Switch } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { PanelSource } from '../../export/panelSource';
import { picturesSvg } from '../../export/sheet';
import { type Column, tableOf } from '../../export/table';
import { counted } from '../../format/count';
import { percent } from '../../format/percent';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { links } from '../../lib/links';
import { placeOf } from '../../lib/sweep';
import { InternalLink } from '../../ui/InternalLink';
import { hydratedPage, Live } from '../../ui/livePage';
import { Notice } from '../../ui/Notice';
import { PageHead } from '../../ui/PageHead';
import { PageLink } from '../../ui/PageLink';
import { Panel } from '../../ui/Panel';
import { PixelImage } from '../../ui/PixelImage';
import { Stack } from '../../ui/Stack';
import { useAddress } from '../../ui/useAddress';
import { ExplainControls, type Look, SMOOTHGRAD } from './ExplainControls';
import {
  type ExplainedOutcome,
  ExplainedOutcomeFields,
  ExplainedSample,
  explanationOf,
  identityOf,
  methodText,
} from './ExplainedSample';
import classes from './ExplanationsPage.module.css';
import { scoreColumns } from './explanationsSource';

const ExplainedOutcomesQuery = graphql(
  `
  query ExplainedOutcomes($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on Outcome {
        ...ExplainedOutcomeFields
      }
    }
  }
`,
  [ExplainedOutcomeFields],
);
/** The newest explanations tell which samples to show where none are named. */
const NewestExplanationsQuery = graphql(`
  query NewestExplanations($modelId: ID) {
    explanations(first: 24, filter: { modelId: $modelId }) {
      nodes {
        outcome {
          id
        }
      }
    }
  }
`);

export const ExplanationsPage = hydratedPage(function Explanations() {
  const { get } = useAddress();
  const named = get('outcomes')?.split(',').filter(Boolean);
  if (named) return <ExplainedOutcomes ids={named} />;
  return (
    <Live query={NewestExplanationsQuery} variables={{ modelId: get('model') }}>
      {(data) => <Newest data={data} />}
    </Live>
  );
});

function Newest({ data }: { data: ResultOf<typeof NewestExplanationsQuery> }) {
  const ids = [...new Set(data.explanations.nodes.flatMap(({ outcome }) => (outcome ? [outcome.id] : [])))];
  if (ids.length === 0) {
    return (
      <Notice title="No explanations yet" action={<PageLink href={links.jobs}>See what runs</PageLink>}>
        An explanation shows which pixels a decision hangs on. Open the outcomes of a point, choose samples,
        and have them explained; they show up here by themselves.
      </Notice>
    );
  }
  return <ExplainedOutcomes ids={ids} />;
}

function ExplainedOutcomes({ ids }: { ids: readonly string[] }) {
  return (
    <Live query={ExplainedOutcomesQuery} variables={{ ids: [...ids] }}>
      {({ nodes }, retry) => <OutcomesView ids={ids} nodes={nodes} onAsked={retry} />}
    </Live>
  );
}

interface OutcomesViewProps {
  ids: readonly string[];
  nodes: ResultOf<typeof ExplainedOutcomesQuery>['nodes'];
  onAsked: () => void;
}

function OutcomesView({ ids, nodes, onAsked }: OutcomesViewProps) {
  const { get, change } = useAddress();
  const outcomes = useMemo(() => nodes.flatMap((node) => (node && 'id' in node ? [node] : [])), [nodes]);
  const look: Look = {
    method: get('method') ?? SMOOTHGRAD,
    mode: get('palette') === 'signed' ? 'SIGNED' : 'MAGNITUDE',
  };
  const [opacity, setOpacity] = useState(0.7);
  const [boxed, setBoxed] = useState(true);
  if (outcomes.length === 0) {
    return (
      <Notice
        title="These samples are not here"
        action={<PageLink href="/explanations/">Newest explanations</PageLink>}
      >
        The address names none that this server knows. They may belong to a sweep that was deleted for good.
      </Notice>
    );
  }
  const samples = bySample(outcomes);
  const source: PanelSource = {
    name: 'explanations',
    query: ExplainedOutcomesQuery,
    variables: { ids: [...ids] },
    table: () =>
      tableOf(
        outcomes.map((outcome) => ({ outcome, look })),
        columns,
      ),
    picture: () => figure5(samples.flat(), look),
  };
  return (
    <>
      <PageHead
        title="Explanations"
        facts={[
          'Which pixels does a decision hang on?',
          counted(outcomes.length, 'image'),
          counted(samples.length, 'sample'),
        ]}
      />
      <Stack>
        <Panel title="How to explain">
          <ExplainControls
            outcomeIds={ids}
            identityIds={outcomes.flatMap((outcome) => identityOf(outcome)?.id ?? [])}
            look={look}
            onLook={({ method, mode }) =>
              change(
                {
                  method: method === SMOOTHGRAD ? null : method,
                  palette: mode === 'SIGNED' ? 'signed' : null,
                },
                'replace',
              )
            }
            onAsked={onAsked}
          />
        </Panel>
        <Panel
          title="What the model looks at"
          bare
          source={source}
          aside={
            <>
              <span id="opacity">Opacity of the map</span>
              <Slider
                w={140}
                thumbProps={{ 'aria-labelledby': 'opacity' }}
                min={0}
                max={1}
                step={0.05}
                value={opacity}
                onChange={setOpacity}
                label={(value) => percent(value, 10)}
              />
              <Switch
                size="xs"
                label="Trigger box"
                checked={boxed}
                onChange={(event) => setBoxed(event.currentTarget.checked)}
              />
            </>
          }
        >
          <div className={classes.samples}>
            {samples.map((same) => (
              <SampleRow
                key={`${same[0]!.point.sweep.model.id} ${same[0]!.sample.index}`}
                {...{ same, look, opacity, boxed }}
              />
            ))}
          </div>
        </Panel>
      </Stack>
    </>
  );
}

interface SampleRowProps {
  same: readonly ExplainedOutcome[];
  look: Look;
  opacity: number;
  boxed: boolean;
}

/** One sample of one model, at all the points it is looked at. */
function SampleRow({ same, look, opacity, boxed }: SampleRowProps) {
  const { sample, trueLabel, point } = same[0]!;
  const { model } = point.sweep;
  const title = `${trueLabel.name}, test image ${sample.index}`;
  return (
    <section className={classes.row} aria-label={`${title}, ${model.name}`}>
      <div className={classes.clean}>
        <PixelImage image={sample.image} alt={`Clean sample: ${trueLabel.name}`} />
        <h3>{title}</h3>
        <InternalLink href={links.model(model.id)}>{model.name}</InternalLink>
      </div>
      <div className={classes.cards}>
        {same.map((outcome) => (
          <ExplainedSample key={outcome.id} {...{ outcome, look, opacity, boxed }} />
        ))}
      </div>
    </section>
  );
}

/** Outcomes of the same sample and model together, untransformed first, then by value. */
function bySample(outcomes: readonly ExplainedOutcome[]): ExplainedOutcome[][] {
  const groups = new Map<string, ExplainedOutcome[]>();
  for (const outcome of outcomes) {
    const key = `${outcome.point.sweep.model.id}/${outcome.sample.index}`;
    groups.set(key, [...(groups.get(key) ?? []), outcome]);
  }
  const distance = ({ point: { value, sweep } }: ExplainedOutcome) =>
    Math.abs(value - sweep.transform.identity);
  return [...groups.values()].map((group) => group.sort((a, b) => distance(a) - distance(b)));
}

interface Line {
  outcome: ExplainedOutcome;
  look: Look;
}
const columns: readonly Column<Line>[] = [
  { title: 'model', value: ({ outcome }) => outcome.point.sweep.model.name },
  { title: 'test image', value: ({ outcome }) => outcome.sample.index },
  { title: 'true label', value: ({ outcome }) => outcome.trueLabel.name },
  { title: 'predicted', value: ({ outcome }) => outcome.predicted.name },
  { title: 'where', value: ({ outcome }) => placeOf(outcome) },
  {
    title: 'method',
    value: ({ outcome, look }) => {
      const explanation = explanationOf(outcome, look);
      return explanation ? methodText(explanation) : null;
    },
  },
  ...scoreColumns.map(
    ({ title, value }): Column<Line> => ({
      title,
      value: ({ outcome, look }) => {
        const explanation = explanationOf(outcome, look);
        return explanation ? value(explanation) : null;
      },
    }),
  ),
];

/** Image above its map, sample by sample, as in the paper's Fig. 5. */
function figure5(outcomes: readonly ExplainedOutcome[], look: Look) {
  const explained = outcomes.flatMap((outcome) => {
    const explanation = explanationOf(outcome, look);
    return explanation?.overlay ? [{ outcome, explanation, overlay: explanation.overlay }] : [];
  });
  const pictures = explained.flatMap(({ outcome, explanation, overlay }) => {
    const caption = [`${outcome.trueLabel.name} → ${outcome.predicted.name}`, placeOf(outcome)];
    const box = explanation.triggerBox;
    return [
      { ...outcome.image, caption, box },
      { ...overlay, caption: ['saliency', ''], box },
    ];
  });
  const title = explained[0]?.explanation.explainer.title ?? 'no maps yet';
  return picturesSvg(`What the model looks at (${title})`, pictures, 6, document);
}
