import { Table } from '@mantine/core';
import { count } from '../../format/count';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { links } from '../../lib/links';
import { InternalLink } from '../../ui/InternalLink';
import { TableScroll } from '../../ui/TableScroll';
import tables from '../../ui/tables.module.css';

export const DatasetRowFields = graphql(`
  fragment DatasetRowFields on Dataset {
    id
    title
    width
    height
    channels
    resizable
    trainCount
    testCount
    installed
    classes {
      index
    }
  }
`);
export type DatasetRow = ResultOf<typeof DatasetRowFields>;

interface DatasetsTableProps {
  datasets: readonly DatasetRow[];
  /** The one that is shown in full. */
  shown: string | undefined;
}

/** Data sets, one a line. */
export function DatasetsTable({ datasets, shown }: DatasetsTableProps) {
  return (
    <TableScroll label="Table of data sets">
      <Table className={tables.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Data set</Table.Th>
            <Table.Th>Images as networks see them</Table.Th>
            <Table.Th className={tables.number}>Classes</Table.Th>
            <Table.Th className={tables.number}>To train on</Table.Th>
            <Table.Th className={tables.number}>To test with</Table.Th>
            <Table.Th>Here</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {datasets.map((dataset) => (
            <Table.Tr
              key={dataset.id}
              bg={dataset.id === shown ? 'var(--hover)' : undefined}
              aria-current={dataset.id === shown || undefined}
            >
              <Table.Td>
                <InternalLink href={links.dataset(dataset.id)}>{dataset.title}</InternalLink>{' '}
                {dataset.title !== dataset.id && <span className={tables.none}>{dataset.id}</span>}
              </Table.Td>
              <Table.Td>{shapeWords(dataset)}</Table.Td>
              <Table.Td className={tables.number}>{count(dataset.classes.length)}</Table.Td>
              <Table.Td className={tables.number}>{count(dataset.trainCount)}</Table.Td>
              <Table.Td className={tables.number}>{count(dataset.testCount)}</Table.Td>
              <Table.Td>{dataset.installed ? 'yes' : <span className={tables.none}>not yet</span>}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TableScroll>
  );
}

/** 96×96 px, colour, or any other square. */
export const shapeWords = ({ width, height, channels, resizable }: Omit<DatasetRow, 'classes'>) =>
  `${width}×${height} px, ${channels === 1 ? 'grey' : 'colour'}${resizable ? ', or another square' : ''}`;
