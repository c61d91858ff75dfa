'use client';

import { Progress, Table } from '@mantine/core';
import { Hydrated } from '../../components/Hydrated';
import { InternalLink } from '../../components/InternalLink';
import { LoadError } from '../../components/LoadError';
import { Notice } from '../../components/Notice';
import { PageHead } from '../../components/PageHead';
import { PageSkeleton } from '../../components/PageSkeleton';
import { Pages } from '../../components/Pages';
import { RunStudyMenu } from '../../components/RunStudyMenu';
import { Stack } from '../../components/Stack';
import { StatusMark } from '../../components/StatusMark';
import { TableScroll } from '../../components/TableScroll';
import { Tags } from '../../components/Tags';
import tables from '../../components/tables.module.css';
import { useAddress } from '../../components/useAddress';
import { count, counted } from '../../format/count';
import { duration, secondsBetween } from '../../format/duration';
import { moment } from '../../format/moment';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { doneShare } from '../../words/doneShare';
import { links } from '../../words/links';
import { isUnfinished } from '../../words/statuses';

const StudiesQuery = graphql(`
  query Studies($first: Int, $after: String, $last: Int, $before: String) {
    studies(first: $first, after: $after, last: $last, before: $before) {
      totalCount
      nodes {
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
          status
          progress {
            done
            total
          }
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`);
type Study = ResultOf<typeof StudiesQuery>['studies']['nodes'][number];

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
                {nodes.map((study) => (
                  <StudyRow key={study.id} study={study} />
                ))}
              </Table.Tbody>
            </Table>
          </TableScroll>
          <Pages info={pageInfo} shown={nodes.length} total={totalCount} onChange={change} />
        </Stack>
      )}
    </>
  );
}

function StudyRow({ study }: { study: Study }) {
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
