import { graphql, type ResultOf } from './graphql';

export const RateFields = graphql(`
  fragment RateFields on Rate {
    value
    numerator
    denominator
    low
    high
    definition
  }
`);
export type Rate = ResultOf<typeof RateFields>;

export const ImageFields = graphql(`
  fragment ImageFields on Image {
    url
    thumbnailUrl
    width
    height
  }
`);
export type Image = ResultOf<typeof ImageFields>;

/** What a control for the strength of a transform needs. */
export const TransformFields = graphql(`
  fragment TransformFields on Transform {
    id
    title
    description
    valueName
    unit
    identity
    minimum
    maximum
  }
`);

export const JobFields = graphql(`
  fragment JobFields on Job {
    id
    kind
    title
    status
    attempt
    progress {
      stage
      done
      total
      unit
      etaSeconds
    }
    error {
      code
      message
    }
    queuePosition
    startsInSeconds
    waitsFor {
      id
      title
      status
    }
    model {
      id
      name
    }
    sweep {
      id
    }
    createdBy {
      id
      name
    }
    createdAt
    startedAt
    finishedAt
  }
`);
export type Job = ResultOf<typeof JobFields>;
export type JobStatus = Job['status'];

export const PointFields = graphql(
  `
  fragment PointFields on Point {
    id
    value
    asr {
      ...RateFields
    }
    cleanAccuracy {
      ...RateFields
    }
    benignModelAccuracy {
      ...RateFields
    }
  }
`,
  [RateFields],
);
export type Point = ResultOf<typeof PointFields>;

/** What a panel with a robustness curve needs, saved points included. */
export const CurveFields = graphql(
  `
  fragment CurveFields on Sweep {
    id
    status
    values
    samples
    samplesUsed
    target
    model {
      id
      name
      benign {
        id
      }
    }
    transform {
      id
      title
      valueName
      unit
      identity
    }
    curve {
      points {
        ...PointFields
      }
    }
  }
`,
  [PointFields],
);
export type SweepCurve = ResultOf<typeof CurveFields>;
export type TransformTarget = SweepCurve['target'];

export const SaliencyScoresFields = graphql(`
  fragment SaliencyScoresFields on SaliencyScores {
    pointingHit
    pointingNear
    marginPx
    triggerEnergy
    chanceEnergy
    iou
    highlight
    rankAccuracy
    deletion
    insertion
    randomDeletion
    randomInsertion
    completenessError
  }
`);
export type SaliencyScores = ResultOf<typeof SaliencyScoresFields>;

export const ExplanationFields = graphql(
  `
  fragment ExplanationFields on Explanation {
    id
    status
    job {
      ...JobFields
    }
    method
    explainer {
      title
    }
    settings
    explainedLabel {
      name
    }
    image {
      ...ImageFields
    }
    saliency {
      ...ImageFields
    }
    overlay {
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
`,
  [ImageFields, JobFields, SaliencyScoresFields],
);
export type Explanation = ResultOf<typeof ExplanationFields>;
export type Box = NonNullable<Explanation['triggerBox']>;

export const OutcomeFields = graphql(
  `
  fragment OutcomeFields on Outcome {
    id
    trueLabel {
      name
    }
    predicted {
      name
    }
    confidence
    kind
    image {
      ...ImageFields
    }
  }
`,
  [ImageFields],
);
export type Outcome = ResultOf<typeof OutcomeFields>;
export type OutcomeKind = Outcome['kind'];

export const UserErrorFields = graphql(`
  fragment UserErrorFields on UserError {
    code
    message
    field
  }
`);
export type UserError = ResultOf<typeof UserErrorFields>;
