'use client';

import { graphql, type ResultOf } from '../../graphql/graphql';
import { idOf, livePage } from '../../ui/livePage';
import { Stack } from '../../ui/Stack';
import { UnknownId } from '../../ui/UnknownId';
import { Curation, CurationFields } from '../curation/Curation';
import { StudyActions } from './StudyActions';
import { StudyFields, StudySection } from './StudySection';

const StudyQuery = graphql(
  `
  query StudyPage($id: ID!) {
    node(id: $id) {
      __typename
      ... on Study {
        ...StudyFields
        ...CurationFields
      }
    }
  }
`,
  [StudyFields, CurationFields],
);
type Study = Extract<ResultOf<typeof StudyQuery>['node'], { __typename: 'Study' }>;

export const StudyPage = livePage(StudyQuery, idOf, ({ data: { node } }) =>
  node?.__typename === 'Study' ? <StudyView key={node.id} study={node} /> : <UnknownId what="study" />,
);

function StudyView({ study }: { study: Study }) {
  return (
    <Stack>
      <StudySection study={study} actions={<StudyActions key={study.status} study={study} />} />
      <Curation item={study} what="study" />
    </Stack>
  );
}
