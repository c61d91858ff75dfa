import { Button, Table } from '@mantine/core';
import { Fragment, useState } from 'react';
import { type Column, tableOf } from '../../export/table';
import { moment } from '../../format/moment';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { pageOf } from '../../lib/links';
import { Empty } from '../../ui/Empty';
import { InternalLink } from '../../ui/InternalLink';
import { Panel } from '../../ui/Panel';
import { TableScroll } from '../../ui/TableScroll';
import tables from '../../ui/tables.module.css';
import { UserErrorList } from '../../ui/UserErrorList';

const AuditQuery = graphql(`
  query AuditLog($after: String) {
    auditLog(first: 20, after: $after) {
      totalCount
      nodes {
        id
        action
        at
        entityIds
        accessTokenId
        who {
          name
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

type Entry = ResultOf<typeof AuditQuery>['auditLog']['nodes'][number];
const columns: readonly Column<Entry>[] = [
  { title: 'when', value: ({ at }) => at },
  { title: 'who', value: ({ who }) => who.name },
  { title: 'by token', value: ({ accessTokenId }) => accessTokenId },
  { title: 'what', value: ({ action }) => action },
  { title: 'of', value: ({ entityIds }) => entityIds.join(' ') },
];

/** Ids in a row; the download has them all. */
const SHOWN = 3;

/** Who did what, newest first. */
export function AuditLog() {
  const [after, setAfter] = useState<string | null>(null);
  const { data, error } = useLiveQuery(AuditQuery, { after });
  const log = data?.auditLog;
  return (
    <Panel
      title="Audit log"
      bare
      aside={log && `${log.totalCount} entries`}
      source={
        log && {
          name: 'audit-log',
          query: AuditQuery,
          variables: { after },
          table: () => tableOf(log.nodes, columns),
        }
      }
    >
      <UserErrorList errors={error ? [error] : []} />
      {log && log.nodes.length === 0 && <Empty>Nobody has changed anything yet.</Empty>}
      {log && log.nodes.length > 0 && (
        <TableScroll label="Table of the audit log">
          <Table className={tables.table}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>When</Table.Th>
                <Table.Th>Who</Table.Th>
                <Table.Th>What</Table.Th>
                <Table.Th>Of</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {log.nodes.map(({ id, at, who, action, entityIds, accessTokenId }) => (
                <Table.Tr key={id}>
                  <Table.Td className={tables.none}>{moment(at)}</Table.Td>
                  <Table.Td>
                    {who.name}
                    {accessTokenId && <span className={tables.none}> by a token</span>}
                  </Table.Td>
                  <Table.Td>{action}</Table.Td>
                  <Table.Td className={tables.none}>
                    {entityIds.slice(0, SHOWN).map((entity, place) => (
                      <Fragment key={entity}>
                        {place > 0 && ', '}
                        <Entity id={entity} />
                      </Fragment>
                    ))}
                    {entityIds.length > SHOWN && ` and ${entityIds.length - SHOWN} more`}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </TableScroll>
      )}
      {log && (after !== null || log.pageInfo.hasNextPage) && (
        <Button.Group mt="sm">
          <Button size="xs" variant="default" disabled={after === null} onClick={() => setAfter(null)}>
            Newest
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={!log.pageInfo.hasNextPage}
            onClick={() => setAfter(log.pageInfo.endCursor)}
          >
            Older
          </Button>
        </Button.Group>
      )}
    </Panel>
  );
}

function Entity({ id }: { id: string }) {
  const page = pageOf(id);
  return page ? <InternalLink href={page}>{id}</InternalLink> : id;
}
