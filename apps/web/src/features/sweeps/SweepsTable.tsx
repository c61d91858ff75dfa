import { Table } from '@mantine/core';
import { moment } from '../../format/moment';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { links } from '../../lib/links';
import { samplesText, targets } from '../../lib/sweep';
import { Empty } from '../../ui/Empty';
import { InternalLink } from '../../ui/InternalLink';
import { StatusMark } from '../../ui/StatusMark';
import classes from '../../ui/tables.module.css';

export const SweepsTableFields = graphql(`
  fragment SweepsTableFields on Sweep {
    id
    target
    values
    samples
    samplesUsed
    seed
    status
    createdAt
    transform {
      title
    }
  }
`);

export type SweepOfRow = ResultOf<typeof SweepsTableFields>;

/** Sweeps of a model, one a line. */
export function SweepsTable({ sweeps }: { sweeps: readonly SweepOfRow[] }) {
  if (sweeps.length === 0) return <Empty>No sweep yet. The form starts one.</Empty>;
  return (
    <section className={classes.scroll} aria-label="Table of sweeps">
      <Table className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Sweep</Table.Th>
            <Table.Th className={classes.number}>Values</Table.Th>
            <Table.Th className={classes.number}>Samples</Table.Th>
            <Table.Th className={classes.number}>Seed</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th>Made</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sweeps.map(({ id, transform, target, values, seed, status, createdAt, ...sampled }) => (
            <Table.Tr key={id}>
              <Table.Td>
                <InternalLink href={links.sweep(id)}>
                  {transform.title} of the {targets[target]}
                </InternalLink>
              </Table.Td>
              <Table.Td className={classes.number}>{values.length}</Table.Td>
              <Table.Td className={classes.number}>{samplesText(sampled)}</Table.Td>
              <Table.Td className={classes.number}>{seed}</Table.Td>
              <Table.Td>
                <StatusMark status={status} />
              </Table.Td>
              <Table.Td className={classes.none}>{moment(createdAt)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
