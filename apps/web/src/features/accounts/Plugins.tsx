import { Table } from '@mantine/core';
import { useQuery } from 'urql';
import { errorMessage } from '../../graphql/errorMessage';
import { graphql } from '../../graphql/graphql';
import { Panel } from '../../ui/Panel';
import { TableScroll } from '../../ui/TableScroll';
import tables from '../../ui/tables.module.css';

const PluginsQuery = graphql(`
  query Plugins {
    plugins {
      file
      sha256
      error
      definitions {
        kind
        id
        title
        error
      }
    }
  }
`);

const kinds: Record<string, string> = {
  attacks: 'attack',
  transforms: 'transform',
  detectors: 'detector',
  explainers: 'explainer',
  datasets: 'data set',
};

/** What the server was started with, and what of it is left out; nothing on a server without. */
export function Plugins() {
  const [{ data, error }] = useQuery({ query: PluginsQuery });
  if (error) return <Panel title="Plugins">{errorMessage(error)}</Panel>;
  if (!data || data.plugins.length === 0) return null;
  const rows = data.plugins.flatMap(({ file, sha256, error, definitions }) =>
    definitions.length === 0 || error
      ? [{ key: file, file, sha256, what: '–', fault: error }]
      : definitions.map(({ kind, id, title, error: fault }, i) => ({
          key: `${file} ${kind} ${id} ${i}`,
          file,
          sha256,
          what: `${kinds[kind] ?? kind} ${title} (${id})`,
          fault,
        })),
  );
  return (
    <Panel title="Plugins" bare aside="As they were when the server started (--plugins)">
      <TableScroll label="Table of plugins">
        <Table className={tables.table}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>File</Table.Th>
              <Table.Th>Defines</Table.Th>
              <Table.Th>Status</Table.Th>
              <Table.Th>SHA-256</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ key, file, sha256, what, fault }) => (
              <Table.Tr key={key}>
                <Table.Td>{file}</Table.Td>
                <Table.Td>{what}</Table.Td>
                <Table.Td>{fault ? `left out: ${fault}` : 'loaded'}</Table.Td>
                <Table.Td>
                  <code title={sha256}>{sha256.slice(0, 12)}…</code>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TableScroll>
    </Panel>
  );
}
