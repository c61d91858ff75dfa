import { Table } from '@mantine/core';
import { type Column, tableOf } from '../../export/table';
import { duration, secondsBetween } from '../../format/duration';
import { momentToTheSecond } from '../../format/moment';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { Empty } from '../../ui/Empty';
import { Panel } from '../../ui/Panel';
import { TableScroll } from '../../ui/TableScroll';
import tables from '../../ui/tables.module.css';

export const JobLogFields = graphql(`
  fragment JobLogFields on Job {
    id
    log {
      at
      attempt
      text
      by {
        id
        name
      }
    }
  }
`);
type Line = ResultOf<typeof JobLogFields>['log'][number];

const JobLogQuery = graphql(
  `
  query JobLog($id: ID!) {
    node(id: $id) {
      ...JobLogFields
    }
  }
`,
  [JobLogFields],
);

const columns: readonly Column<Line>[] = [
  { title: 'at', value: ({ at }) => at },
  { title: 'attempt', value: ({ attempt }) => attempt },
  { title: 'what', value: ({ text }) => text },
  { title: 'who', value: ({ by }) => by?.name ?? null },
];

/** What became of a job: its stages with their times, interruptions, failures, who stopped it. */
export function JobLog({ job: { id, log } }: { job: ResultOf<typeof JobLogFields> }) {
  return (
    <Panel
      title="Log"
      bare
      source={{ name: 'job-log', query: JobLogQuery, variables: { id }, table: () => tableOf(log, columns) }}
    >
      {log.length === 0 ? (
        <Empty>Nothing was written down: this job ended before logs were kept.</Empty>
      ) : (
        <TableScroll label="Log of this job">
          <Table className={tables.table}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>At</Table.Th>
                <Table.Th className={tables.number}>After</Table.Th>
                <Table.Th className={tables.number}>Attempt</Table.Th>
                <Table.Th>What</Table.Th>
                <Table.Th>Who</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {log.map(({ at, attempt, text, by }, index) => (
                <Table.Tr key={index}>
                  <Table.Td className={tables.none}>{momentToTheSecond(at)}</Table.Td>
                  <Table.Td className={`${tables.number} ${tables.none}`}>
                    {index > 0 && duration(secondsBetween(log[index - 1]!.at, at))}
                  </Table.Td>
                  <Table.Td className={tables.number}>{attempt || '–'}</Table.Td>
                  <Table.Td className={tables.words}>{text}</Table.Td>
                  <Table.Td className={tables.none}>{by?.name}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </TableScroll>
      )}
    </Panel>
  );
}
