'use client';

import { Curation, CurationFields } from '../../components/Curation';
import { Hydrated } from '../../components/Hydrated';
import { LoadError } from '../../components/LoadError';
import { PageSkeleton } from '../../components/PageSkeleton';
import { Stack } from '../../components/Stack';
import { StudyActions } from '../../components/StudyActions';
import { StudyFields, StudySection } from '../../components/StudySection';
import { UnknownId } from '../../components/UnknownId';
import { useAddress } from '../../components/useAddress';
import { graphql } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';

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

export default function StudyPage() {
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
