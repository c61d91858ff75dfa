'use client';

import { Group } from '@mantine/core';
import { Hydrated } from '../../components/Hydrated';
import { LoadError } from '../../components/LoadError';
import { Notice } from '../../components/Notice';
import { PageHead } from '../../components/PageHead';
import { PageSkeleton } from '../../components/PageSkeleton';
import { Pages } from '../../components/Pages';
import { PanelExport } from '../../components/PanelExport';
import { RunStudyMenu } from '../../components/RunStudyMenu';
import { Stack } from '../../components/Stack';
import { StudiesQuery, StudiesTable } from '../../components/StudiesTable';
import { useAddress } from '../../components/useAddress';
import { studiesSource } from '../../export/studies';
import { counted } from '../../format/count';
import { useLiveQuery } from '../../graphql/useLiveQuery';

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
  const variables =
    before === null ? { first: PAGE_SIZE, after: get('after') } : { last: PAGE_SIZE, before: before || null };
  const { data, error, retry } = useLiveQuery(StudiesQuery, variables);
  if (!data) return error ? <LoadError error={error} retry={retry} /> : <PageSkeleton />;
  const { nodes, totalCount, pageInfo } = data.studies;
  return (
    <>
      <PageHead
        title="Studies"
        facts={[counted(totalCount, 'study', 'studies')]}
        actions={
          nodes.length > 0 && (
            <Group gap={8}>
              <PanelExport source={studiesSource(variables, nodes)} />
              <RunStudyMenu />
            </Group>
          )
        }
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
