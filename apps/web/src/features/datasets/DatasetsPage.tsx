'use client';

import { type Column, tableOf } from '../../export/table';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { livePage } from '../../ui/livePage';
import { PageHead } from '../../ui/PageHead';
import { Panel } from '../../ui/Panel';
import { Stack } from '../../ui/Stack';
import { useAddress } from '../../ui/useAddress';
import { ImportDataset } from '../import/ImportDataset';
import type { DatasetRow } from './DatasetsTable';
import { DatasetRowFields, DatasetsTable } from './DatasetsTable';
import { DatasetView } from './DatasetView';

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

export const DatasetsPage = livePage(DatasetsQuery, () => ({}), Datasets);

/** All data sets, the one of the address in full, and the way to bring another. */
function Datasets({ data }: { data: ResultOf<typeof DatasetsQuery> }) {
  const asked = useAddress().get('id');
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
