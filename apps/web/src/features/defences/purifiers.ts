import { RateFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import type { SeriesStyle } from '../../theme/series';

export const PurifierFields = graphql(
  `
  fragment PurifierFields on Purifier {
    text
    draws
    cost
    onFront
    deployed
    asr {
      ...RateFields
    }
    cleanAccuracy {
      ...RateFields
    }
    benignAccuracy {
      ...RateFields
    }
  }
`,
  [RateFields],
);
export type Purifier = ResultOf<typeof PurifierFields>;

export const PurifiersQuery = graphql(
  `
  query Purifiers($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      ... on Model {
        id
        name
        purifiers {
          ...PurifierFields
        }
      }
    }
  }
`,
  [PurifierFields],
);

/** A model with what its purifiers leave, by falling clean accuracy. */
export interface PurifiedModel {
  id: string;
  name: string;
  style: SeriesStyle;
  purifiers: readonly Purifier[];
}

/** The image as it is: what purifiers are compared to. */
export const unchangedOf = ({ purifiers }: PurifiedModel) => purifiers.find(({ text }) => text === NOTHING);
export const bestOf = ({ purifiers }: PurifiedModel) => purifiers.find(({ deployed }) => deployed);

/** How many images each counts, whatever the draws. */
export const imagesOf = ({ asr, draws }: Purifier) => asr.denominator / draws;

/** What the API calls no transform. */
const NOTHING = 'nothing';
