'use client';

import type { DatasetRow } from '../../components/DatasetsTable';
import { DatasetRowFields, DatasetsTable } from '../../components/DatasetsTable';
import { DatasetView } from '../../components/DatasetView';
import { Hydrated } from '../../components/Hydrated';
import { LoadError } from '../../components/LoadError';
import { PageHead } from '../../components/PageHead';
import { PageSkeleton } from '../../components/PageSkeleton';
import { Panel } from '../../components/Panel';
import { Stack } from '../../components/Stack';
import { useAddress } from '../../components/useAddress';
import { type Column, tableOf } from '../../export/table';
import { graphql } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { ImportDataset } from '../../upload/ImportDataset';

const DatasetsQuery = graphql(
  `
  query Datasets {
    catalog {
      datasets {
        ...DatasetRowFields
      }
    }
  }
`,
  [DatasetRowFields],
);

const columns: readonly Column<DatasetRow>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'title', value: ({ title }) => title },
  { title: 'width, px', value: ({ width }) => width },
  { title: 'height, px', value: ({ height }) => height },
  { title: 'channels', value: ({ channels }) => channels },
  { title: 'classes', value: ({ classes }) => classes.length },
  { title: 'to train on', value: ({ trainCount }) => trainCount },
  { title: 'to test with', value: ({ testCount }) => testCount },
  { title: 'here', value: ({ installed }) => (installed ? 'yes' : 'no') },
];

export default function DatasetsPage() {
  return (
    <Hydrated fallback={<PageSkeleton />}>
      <Datasets />
    </Hydrated>
  );
}

/** All data sets, the one of the address in full, and the way to bring another. */
function Datasets() {
  const { data, error, retry } = useLiveQuery(DatasetsQuery, {});
  const asked = useAddress().get('id');
  if (!data) return error ? <LoadError error={error} retry={retry} /> : <PageSkeleton />;
  const { datasets } = data.catalog;
  const id = asked ?? datasets.find(({ installed }) => installed)?.id;
  return (
    <>
      <PageHead
        title="Data sets"
        facts={[`${datasets.filter(({ installed }) => installed).length} of ${datasets.length} are here`]}
      />
      <Stack>
        <Panel
          title="All data sets"
          bare
          source={{
            name: 'datasets',
            query: DatasetsQuery,
            variables: {},
            table: () => tableOf(datasets, columns),
          }}
        >
          <DatasetsTable datasets={datasets} shown={id} />
        </Panel>
        {id !== undefined && <DatasetView key={id} id={id} />}
        <Panel title="Import a data set">
          <ImportDataset />
        </Panel>
      </Stack>
    </>
  );
}
