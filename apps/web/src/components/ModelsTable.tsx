import { Table } from '@mantine/core';
import { moment } from '../format/moment';
import { RateFields } from '../graphql/fragments';
import { graphql, type ResultOf } from '../graphql/graphql';
import { glossary } from '../words/glossary';
import { links } from '../words/links';
import { InternalLink } from './InternalLink';
import { RateText } from './RateText';
import { StatusMark } from './StatusMark';
import { Term } from './Term';
import classes from './tables.module.css';

export const ModelsTableFields = graphql(
  `
  fragment ModelsTableFields on Model {
    id
    name
    kind
    status
    createdAt
    dataset {
      title
    }
    architecture {
      title
    }
    attack {
      title
    }
    cleanAccuracy {
      ...RateFields
    }
    asr {
      ...RateFields
    }
  }
`,
  [RateFields],
);

/** Models, one a line. */
export function ModelsTable({ models }: { models: readonly ResultOf<typeof ModelsTableFields>[] }) {
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
              <Table.Td>
                <InternalLink href={links.model(model.id)}>{model.name}</InternalLink>
              </Table.Td>
              <Table.Td>{model.dataset.title}</Table.Td>
              <Table.Td>{model.architecture.title}</Table.Td>
              <Table.Td>
                {model.attack?.title ?? <span className={classes.none}>none (benign)</span>}
              </Table.Td>
              <Table.Td className={classes.number}>
                <RateText rate={model.cleanAccuracy} />
              </Table.Td>
              <Table.Td className={classes.number}>
                {model.kind === 'TROJANED' && <RateText rate={model.asr} />}
              </Table.Td>
              <Table.Td>
                <StatusMark status={model.status} />
              </Table.Td>
              <Table.Td className={classes.none}>{moment(model.createdAt)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
