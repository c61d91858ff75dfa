import { Table } from '@mantine/core';
import type { PanelSource } from '../../export/panelSource';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { PanelExport } from '../../ui/PanelExport';
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

type Block = ResultOf<typeof ReportBlockFields>;

const ReportTablesQuery = graphql(`
  query ReportTables($id: ID!) {
    node(id: $id) {
      ... on Study {
        report {
          sections {
            title
            blocks {
              kind
              text
              columns
              rows
            }
          }
        }
      }
    }
  }
`);

const tableSource = (studyId: string, { text, columns, rows }: Block): PanelSource => ({
  name: text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40),
  query: ReportTablesQuery,
  variables: { id: studyId },
  table: () => ({ columns, rows, texts: rows }),
});

/** A paragraph, table or picture of a report. */
export function ReportBlock({ studyId, block }: { studyId: string; block: Block }) {
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
        <Table.Caption>
          {text} <PanelExport source={tableSource(studyId, block)} />
        </Table.Caption>
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
                <Table.Td key={column}>
                  {cell.includes('\n')
                    ? cell.split('\n').map((line, number) => (
                        <div key={number} className={classes.line}>
                          {line}
                        </div>
                      ))
                    : cell}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
