import { Progress, Table } from '@mantine/core';
import { count } from '../../format/count';
import { duration, secondsBetween } from '../../format/duration';
import { moment } from '../../format/moment';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { links } from '../../lib/links';
import { isUnfinished } from '../../lib/statuses';
import { InternalLink } from '../../ui/InternalLink';
import { StatusMark } from '../../ui/StatusMark';
import { TableScroll } from '../../ui/TableScroll';
import tables from '../../ui/tables.module.css';
import { Tags } from '../curation/Tags';
import { doneShare } from './doneShare';

export const StudyRowFields = graphql(`
  fragment StudyRowFields on Study {
    id
    name
    seed
    status
    tags
    createdAt
    finishedAt
    preset {
      title
    }
    jobs {
      id
      status
      progress {
        done
        total
      }
    }
  }
`);
export type StudyOfRow = ResultOf<typeof StudyRowFields>;

export const StudiesQuery = graphql(
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

/** Studies, one a line, with how far each is. */
export function StudiesTable({ studies }: { studies: readonly StudyOfRow[] }) {
  return (
    <TableScroll label="Table of studies">
      <Table className={tables.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Study</Table.Th>
            <Table.Th>Preset</Table.Th>
            <Table.Th className={tables.number}>Seed</Table.Th>
            <Table.Th>Jobs</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th>Started</Table.Th>
            <Table.Th>Took</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {studies.map((study) => (
            <StudyRow key={study.id} study={study} />
          ))}
        </Table.Tbody>
      </Table>
    </TableScroll>
  );
}

function StudyRow({ study }: { study: StudyOfRow }) {
  const { id, name, preset, seed, jobs, status, tags, createdAt, finishedAt } = study;
  const done = jobs.filter((job) => job.status === 'SUCCEEDED').length;
  const failed = jobs.filter((job) => job.status === 'FAILED').length;
  return (
    <Table.Tr>
      <Table.Td>
        <InternalLink href={links.study(id)}>{name}</InternalLink> <Tags tags={tags} />
      </Table.Td>
      <Table.Td>{preset.title}</Table.Td>
      <Table.Td className={tables.number}>{seed}</Table.Td>
      <Table.Td>
        {count(done)} of {count(jobs.length)} done{failed > 0 && `, ${failed} failed`}
        {isUnfinished(status) && (
          <Progress
            size={3}
            mt={4}
            value={100 * doneShare(jobs)}
            color="var(--right)"
            aria-label={`Progress of ${name}`}
          />
        )}
      </Table.Td>
      <Table.Td>
        <StatusMark status={status} />
      </Table.Td>
      <Table.Td className={tables.none}>{moment(createdAt)}</Table.Td>
      <Table.Td className={tables.none}>
        {finishedAt ? duration(secondsBetween(createdAt, finishedAt)) : ''}
      </Table.Td>
    </Table.Tr>
  );
}
