import { graphql, type ResultOf } from '../../graphql/graphql';

/** What a point of an overlaid curve shows and says. */
export const OverlaidPointFields = graphql(`
  fragment OverlaidPointFields on Point {
    id
    value
    asr {
      value
      low
      high
      numerator
      denominator
    }
    asrDrop
    pValue
    cleanAccuracy {
      value
    }
    benignModelAccuracy {
      value
    }
  }
`);

export const OverlaidCurveFields = graphql(
  `
  fragment OverlaidCurveFields on RobustnessCurve {
    target
    model {
      id
      name
    }
    transform {
      id
      title
      valueName
      unit
      identity
    }
    sweep {
      id
      samples
      samplesUsed
    }
    points {
      ...OverlaidPointFields
    }
  }
`,
  [OverlaidPointFields],
);
export type OverlaidCurve = ResultOf<typeof OverlaidCurveFields>;

/** The curves of some models: finished ones, and those that grow. */
export const CurvesQuery = graphql(
  `
  query Curves($modelIds: [ID!]!, $transform: TransformId, $target: TransformTarget) {
    robustnessCurves(filter: { modelIds: $modelIds, transform: $transform, target: $target }) {
      ...OverlaidCurveFields
    }
  }
`,
  [OverlaidCurveFields],
);

export const GrowingCurvesQuery = graphql(
  `
  query GrowingCurves {
    sweeps(first: 50, filter: { status: [RUNNING] }) {
      nodes {
        curve {
          ...OverlaidCurveFields
        }
      }
    }
  }
`,
  [OverlaidCurveFields],
);
