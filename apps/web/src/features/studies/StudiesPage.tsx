'use client';

import { Group } from '@mantine/core';
import { counted } from '../../format/count';
import type { ResultOf, VariablesOf } from '../../graphql/graphql';
import { livePage } from '../../ui/livePage';
import { Notice } from '../../ui/Notice';
import { PageHead } from '../../ui/PageHead';
import { Pages } from '../../ui/Pages';
import { PanelExport } from '../../ui/PanelExport';
import { Stack } from '../../ui/Stack';
import { useAddress } from '../../ui/useAddress';
import { RunStudyMenu } from './RunStudyMenu';
import { StudiesQuery, StudiesTable } from './StudiesTable';
import { studiesSource } from './studiesSource';

const PAGE_SIZE = 20;

export const StudiesPage = livePage(
  StudiesQuery,
  (get) => {
    const before = get('before');
    return before === null
      ? { first: PAGE_SIZE, after: get('after') }
      : { last: PAGE_SIZE, before: before || null };
  },
  Studies,
);

interface StudiesProps {
  data: ResultOf<typeof StudiesQuery>;
  variables: VariablesOf<typeof StudiesQuery>;
}

function Studies({ data, variables }: StudiesProps) {
  const { change } = useAddress();
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
