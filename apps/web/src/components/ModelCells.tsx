import { Table } from '@mantine/core';
import { moment } from '../format/moment';
import { RateFields } from '../graphql/fragments';
import { graphql, type ResultOf } from '../graphql/graphql';
import { links } from '../words/links';
import { InternalLink } from './InternalLink';
import { LockIcon, NoteIcon } from './icons';
import classes from './ModelCells.module.css';
import { RateText } from './RateText';
import { StatusMark } from './StatusMark';
import { Tags } from './Tags';
import tables from './tables.module.css';

export const ModelCellsFields = graphql(
  `
  fragment ModelCellsFields on Model {
    id
    name
    kind
    status
    createdAt
    locked
    tags
    notes
    dataset {
      title
    }
    architecture {
      title
    }
    attack {
      title
    }
    targetLabel {
      name
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
export type ModelOfRow = ResultOf<typeof ModelCellsFields>;

export const ModelsQuery = graphql(
  `
  query Models(
    $first: Int
    $after: String
    $last: Int
    $before: String
    $filter: ModelFilter
    $orderBy: ModelOrder
    $thenBy: [ModelOrder!]
  ) {
    models(
      first: $first
      after: $after
      last: $last
      before: $before
      filter: $filter
      orderBy: $orderBy
      thenBy: $thenBy
    ) {
      totalCount
      nodes {
        ...ModelCellsFields
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
  [ModelCellsFields],
);

/** A model as the cells of a line: name, data set, network, attack, clean accuracy, ASR, state, age. */
export function ModelCells({ model }: { model: ModelOfRow }) {
  const { id, name, kind, locked, notes, tags, dataset, architecture, attack, targetLabel } = model;
  return (
    <>
      <Table.Td>
        <span className={classes.name}>
          <InternalLink href={links.model(id)} data-row={id}>
            {name}
          </InternalLink>
          {locked && <LockIcon label="Locked" />}
          {notes !== '' && <NoteIcon label={`Notes: ${notes.slice(0, 300)}`} />}
          <Tags tags={tags} />
        </span>
      </Table.Td>
      <Table.Td>{dataset.title}</Table.Td>
      <Table.Td>{architecture.title}</Table.Td>
      <Table.Td>
        {attack ? (
          <>
            {attack.title} <span className={tables.none}>→ {targetLabel?.name}</span>
          </>
        ) : (
          <span className={tables.none}>none (benign)</span>
        )}
      </Table.Td>
      <Table.Td className={tables.number}>
        <RateText rate={model.cleanAccuracy} />
      </Table.Td>
      <Table.Td className={tables.number}>{kind === 'TROJANED' && <RateText rate={model.asr} />}</Table.Td>
      <Table.Td>
        <StatusMark status={model.status} />
      </Table.Td>
      <Table.Td className={tables.none}>{moment(model.createdAt)}</Table.Td>
    </>
  );
}
