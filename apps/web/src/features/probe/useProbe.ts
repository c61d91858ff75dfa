import type { CombinedError } from '@urql/core';
import { useEffect, useRef, useState } from 'react';
import { useClient } from 'urql';
import { ImageFields, SaliencyScoresFields } from '../../graphql/fragments';
import { graphql, type ResultOf, type VariablesOf } from '../../graphql/graphql';

const ProbeFields = graphql(
  `
  fragment ProbeFields on Probe {
    image {
      ...ImageFields
    }
    trueLabel {
      index
      name
    }
    predicted {
      name
    }
    probabilities {
      label {
        index
        name
      }
      probability
    }
    kind
    visibleTrigger
    seconds
    besides {
      title
    }
  }
`,
  [ImageFields],
);

export const ProbeQuery = graphql(
  `
  query Probe(
    $modelId: ID!
    $sampleIndex: Int!
    $trigger: Boolean!
    $transform: TransformId!
    $target: TransformTarget!
    $value: Float!
  ) {
    probe(
      input: {
        modelId: $modelId
        sampleIndex: $sampleIndex
        trigger: $trigger
        transform: { transform: $transform, target: $target, value: $value }
      }
    ) {
      ...ProbeFields
    }
  }
`,
  [ProbeFields],
);

/** The same with a saliency map, which takes longer. */
export const ExplainedProbeQuery = graphql(
  `
  query ExplainedProbe(
    $modelId: ID!
    $sampleIndex: Int!
    $trigger: Boolean!
    $transform: TransformId!
    $target: TransformTarget!
    $value: Float!
    $explain: SmoothGradInput!
    $untrained: Boolean!
  ) {
    probe(
      input: {
        modelId: $modelId
        sampleIndex: $sampleIndex
        trigger: $trigger
        transform: { transform: $transform, target: $target, value: $value }
        explain: $explain
        untrained: $untrained
      }
    ) {
      ...ProbeFields
      explainedLabel {
        name
      }
      saliency {
        ...ImageFields
      }
      untrainedSaliency {
        ...ImageFields
      }
      triggerBox {
        top
        left
        width
        height
      }
      scores {
        ...SaliencyScoresFields
      }
      noScore
    }
  }
`,
  [ProbeFields, ImageFields, SaliencyScoresFields],
);

type ProbeVariables = VariablesOf<typeof ProbeQuery>;
type MapVariables = Pick<VariablesOf<typeof ExplainedProbeQuery>, 'explain' | 'untrained'>;
type Explained = ResultOf<typeof ExplainedProbeQuery>['probe'];
export type ProbeResult = ResultOf<typeof ProbeQuery>['probe'] & Partial<Explained>;

/** While a slider moves, so long after its last step; less would ask for what nobody sees. */
const SETTLE_MS = 40;

/** How often it is asked again where an answer did not come in time. */
const MOST_TRIES = 6;

interface ProbeState {
  /** What was asked for last and answered. */
  result: ProbeResult | null;
  error: CombinedError | undefined;
  waiting: boolean;
}

/**
 * One sample through one model, again whenever something is changed. There is never more than one question under way,
 * and the next is always the latest: what lies between is skipped.
 */
export function useProbe(variables: ProbeVariables, map: MapVariables | null): ProbeState {
  const client = useClient();
  const [state, setState] = useState<ProbeState>({ result: null, error: undefined, waiting: true });
  const key = JSON.stringify([variables, map]);
  const latest = useRef(key);
  const busy = useRef(false);
  const mounted = useRef(true);
  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);
  useEffect(() => {
    const ask = async () => {
      busy.current = true;
      let tries = 0;
      for (let asked: string | undefined; asked !== latest.current && mounted.current; ) {
        asked = latest.current;
        const [now, mapNow] = JSON.parse(asked) as [ProbeVariables, MapVariables | null];
        const fresh = { requestPolicy: 'network-only' } as const;
        const { data, error } = mapNow
          ? await client.query(ExplainedProbeQuery, { ...now, ...mapNow }, fresh).toPromise()
          : await client.query(ProbeQuery, now, fresh).toPromise();
        // The first answer waits for the engine and the model to be loaded, which a busy machine may not do in time.
        if (
          error?.graphQLErrors.some(({ extensions }) => extensions.code === 'TIMEOUT') &&
          ++tries < MOST_TRIES
        ) {
          asked = undefined;
          continue;
        }
        const waiting = asked !== latest.current;
        setState({ result: data?.probe ?? null, error, waiting });
      }
      busy.current = false;
    };
    latest.current = key;
    setState((before) => ({ ...before, waiting: true }));
    // A question under way takes up the latest by itself when it is answered.
    const timer = setTimeout(() => {
      if (!busy.current) void ask();
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [client, key]);
  return state;
}
