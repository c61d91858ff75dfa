'use client';

import { useMemo } from 'react';
import { ValueStrip } from '../../controls/ValueStrip';
import { CurveFields, type SweepCurve } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { links } from '../../lib/links';
import { lowestPoint, samplesText, targets } from '../../lib/sweep';
import classes from '../../ui/Controls.module.css';
import { InternalLink } from '../../ui/InternalLink';
import { hydratedPage, Live } from '../../ui/livePage';
import { Notice } from '../../ui/Notice';
import { PageHead } from '../../ui/PageHead';
import { PageLink } from '../../ui/PageLink';
import { Stack } from '../../ui/Stack';
import { UnknownId } from '../../ui/UnknownId';
import { useAddress } from '../../ui/useAddress';
import { PointSection } from './PointSection';

const OutcomesPageQuery = graphql(
  `
  query OutcomesPage($pointId: ID!) {
    node(id: $pointId) {
      __typename
      ... on Point {
        id
        value
        sweep {
          ...CurveFields
        }
      }
    }
  }
`,
  [CurveFields],
);
type Point = Extract<ResultOf<typeof OutcomesPageQuery>['node'], { __typename: 'Point' }>;

/** Where one comes in without a point: the newest sweep, where its backdoor fires least. */
const NewestSweepQuery = graphql(
  `
  query NewestSweep {
    sweeps(first: 1, filter: { status: [SUCCEEDED] }) {
      nodes {
        ...CurveFields
      }
    }
  }
`,
  [CurveFields],
);

export const OutcomesPage = hydratedPage(function Outcomes() {
  const pointId = useAddress().get('point');
  if (pointId !== null) return <OutcomesOfPoint pointId={pointId} />;
  return (
    <Live query={NewestSweepQuery} variables={{}}>
      {({ sweeps: { nodes } }) => <NewestOutcomes sweep={nodes[0]} />}
    </Live>
  );
});

function NewestOutcomes({ sweep }: { sweep: SweepCurve | undefined }) {
  const point = sweep && lowestPoint(sweep.curve.points);
  if (!point) {
    return (
      <Notice title="No outcomes yet" action={<PageLink href="/">Go to the overview</PageLink>}>
        An outcome is what became of one sample at one point of a sweep: target, truth or other. They come
        with the first finished sweep.
      </Notice>
    );
  }
  return <OutcomesOfPoint pointId={point.id} />;
}

function OutcomesOfPoint({ pointId }: { pointId: string }) {
  return (
    <Live query={OutcomesPageQuery} variables={{ pointId }}>
      {({ node }) =>
        node?.__typename === 'Point' ? <OutcomesView point={node} /> : <UnknownId what="point" />
      }
    </Live>
  );
}

function OutcomesView({ point: { id, sweep } }: { point: Point }) {
  const { change } = useAddress();
  const { transform, target, model, curve } = sweep;
  const points = useMemo(() => [...curve.points].sort((a, b) => a.value - b.value), [curve.points]);
  return (
    <>
      <PageHead
        title="Outcomes"
        facts={[
          <InternalLink key="sweep" href={links.sweep(sweep.id, { point: id })}>
            {transform.title} of the {targets[target]}
          </InternalLink>,
          <InternalLink key="model" href={links.model(model.id)}>
            {model.name}
          </InternalLink>,
          samplesText(sweep, ' samples a point'),
          <InternalLink key="curves" href={links.curves([model.id])}>
            all its curves
          </InternalLink>,
        ]}
      />
      <Stack>
        <div className={classes.scroll}>
          <ValueStrip
            values={sweep.values}
            unit={transform.unit}
            points={points}
            selectedId={id}
            onSelect={(point) => change({ point, outcome: null })}
          />
        </div>
        <PointSection key={id} pointId={id} transform={transform} />
      </Stack>
    </>
  );
}
