import { graphql, type ResultOf } from '../../graphql/graphql';

export const PresetsQuery = graphql(`
  query Presets {
    catalog {
      studyPresets {
        id
        title
        description
      }
    }
  }
`);
export type Preset = ResultOf<typeof PresetsQuery>['catalog']['studyPresets'][number];
