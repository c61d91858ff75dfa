import { Table } from '@mantine/core';
import { graphql, type ResultOf } from '../graphql/graphql';
import classes from './ReportBlock.module.css';

export const ReportBlockFields = graphql(`
  fragment ReportBlockFields on ReportBlock {
    kind
    text
    columns
    rows
    picture
  }
`);

/** A paragraph, table or picture of a report. */
export function ReportBlock({ block }: { block: ResultOf<typeof ReportBlockFields> }) {
  const { kind, text, columns, rows, picture } = block;
  if (kind === 'TEXT') return <p className={classes.text}>{text}</p>;
  if (kind === 'PICTURE')
    return (
      <figure className={classes.figure}>
        <img className={classes.picture} src={picture ?? ''} alt={text} />
        <figcaption className={classes.caption}>{text}</figcaption>
      </figure>
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table wider than the page is scrolled by the keyboard too
    <section className={classes.scroll} tabIndex={0} aria-label={text}>
      <Table className={classes.table} captionSide="top">
        <Table.Caption>{text}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column, index) => (
              <Table.Th key={index}>{column}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, index) => (
            <Table.Tr key={index}>
              {row.map((cell, column) => (
                <Table.Td key={column}>{cell}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
