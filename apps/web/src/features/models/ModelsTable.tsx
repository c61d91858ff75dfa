import { Table } from '@mantine/core';
import { Term } from '../../ui/Term';
import classes from '../../ui/tables.module.css';
import { ModelCells, type ModelOfRow, modelColumns } from './modelColumns';
import { usualColumns } from './modelList';

/** Models, one a line. */
export function ModelsTable({ models }: { models: readonly ModelOfRow[] }) {
  return (
    <section className={classes.scroll} aria-label="Table of models">
      <Table className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            {usualColumns.map((name) => {
              const { title, definition, look } = modelColumns[name];
              return (
                <Table.Th key={name} className={look && classes[look]}>
                  {definition ? <Term definition={definition}>{title}</Term> : title}
                </Table.Th>
              );
            })}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {models.map((model) => (
            <Table.Tr key={model.id}>
              <ModelCells model={model} columns={usualColumns} />
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
