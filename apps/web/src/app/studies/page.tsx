'use client';

import { Hydrated } from '../../components/Hydrated';
import { LoadError } from '../../components/LoadError';
import { Notice } from '../../components/Notice';
import { PageHead } from '../../components/PageHead';
import { PageSkeleton } from '../../components/PageSkeleton';
import { Pages } from '../../components/Pages';
import { RunStudyMenu } from '../../components/RunStudyMenu';
import { Stack } from '../../components/Stack';
import { StudiesTable, StudyRowFields } from '../../components/StudiesTable';
import { useAddress } from '../../components/useAddress';
import { counted } from '../../format/count';
import { graphql } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';

const StudiesQuery = graphql(
  `
  query Studies($first: Int, $after: String, $last: Int, $before: String) {
    studies(first: $first, after: $after, last: $last, before: $before) {
      totalCount
      nodes {
        ...StudyRowFields
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`,
  [StudyRowFields],
);

const PAGE_SIZE = 20;

export default function StudiesPage() {
  return (
    <Hydrated fallback={<PageSkeleton />}>
      <Studies />
    </Hydrated>
  );
}

function Studies() {
  const { get, change } = useAddress();
  const before = get('before');
  const { data, error, retry } = useLiveQuery(
    StudiesQuery,
    before === null ? { first: PAGE_SIZE, after: get('after') } : { last: PAGE_SIZE, before: before || null },
  );
  if (!data) return error ? <LoadError error={error} retry={retry} /> : <PageSkeleton />;
  const { nodes, totalCount, pageInfo } = data.studies;
  return (
    <>
      <PageHead
        title="Studies"
        facts={[counted(totalCount, 'study', 'studies')]}
        actions={nodes.length > 0 && <RunStudyMenu />}
      />
      {nodes.length === 0 ? (
        <Notice part title="No studies yet" action={<RunStudyMenu />}>
          A study trains the models, sweeps them and explains decisions, as one piece of work with one seed.
        </Notice>
      ) : (
        <Stack>
          <StudiesTable studies={nodes} />
          <Pages info={pageInfo} shown={nodes.length} total={totalCount} onChange={change} />
        </Stack>
      )}
    </>
  );
}
