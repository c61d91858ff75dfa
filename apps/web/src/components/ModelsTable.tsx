import { Table } from '@mantine/core';
import { glossary } from '../words/glossary';
import { ModelCells, type ModelOfRow } from './ModelCells';
import { Term } from './Term';
import classes from './tables.module.css';

/** Models, one a line. */
export function ModelsTable({ models }: { models: readonly ModelOfRow[] }) {
  return (
    <section className={classes.scroll} aria-label="Table of models">
      <Table className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Data set</Table.Th>
            <Table.Th>Network</Table.Th>
            <Table.Th>Attack</Table.Th>
            <Table.Th className={classes.number}>
              <Term definition={glossary.cleanAccuracy}>Clean accuracy</Term>
            </Table.Th>
            <Table.Th className={classes.number}>
              <Term definition={glossary.asr}>ASR</Term>
            </Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th>Made</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {models.map((model) => (
            <Table.Tr key={model.id}>
              <ModelCells model={model} />
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
