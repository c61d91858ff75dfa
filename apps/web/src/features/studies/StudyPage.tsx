'use client';

import { graphql } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { Hydrated } from '../../ui/Hydrated';
import { LoadError } from '../../ui/LoadError';
import { PageSkeleton } from '../../ui/PageSkeleton';
import { Stack } from '../../ui/Stack';
import { UnknownId } from '../../ui/UnknownId';
import { useAddress } from '../../ui/useAddress';
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

export function StudyPage() {
  return (
    <Hydrated fallback={<PageSkeleton />}>
      <StudyOfAddress />
    </Hydrated>
  );
}

function StudyOfAddress() {
  const id = useAddress().get('id') ?? '';
  const { data, error, retry } = useLiveQuery(StudyQuery, { id });
  if (!data?.node && error) return <LoadError error={error} retry={retry} />;
  if (!data) return <PageSkeleton />;
  if (data.node?.__typename !== 'Study') return <UnknownId what="study" />;
  return (
    <Stack>
      <StudySection
        key={id}
        study={data.node}
        actions={<StudyActions key={data.node.status} study={data.node} />}
      />
      <Curation key={`${id} notes`} item={data.node} what="study" />
    </Stack>
  );
}
