import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import { moment } from '../../format/moment';
import { RateFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { glossary } from '../../lib/glossary';
import { links } from '../../lib/links';
import { InternalLink } from '../../ui/InternalLink';
import { DoubtIcon, LockIcon, NoteIcon } from '../../ui/icons';
import { RateText } from '../../ui/RateText';
import { StatusMark } from '../../ui/StatusMark';
import tables from '../../ui/tables.module.css';
import { Tags } from '../curation/Tags';
import classes from './modelColumns.module.css';
import type { ColumnName } from './modelList';

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
    warnings
    width
    height
    provenance {
      seed
    }
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

/** One column of a list of models. */
export interface ModelColumn {
  title: string;
  definition?: string;
  look?: 'number' | 'none';
  cell: (model: ModelOfRow) => ReactNode;
}

export const modelColumns: Readonly<Record<ColumnName, ModelColumn>> = {
  name: {
    title: 'Name',
    cell: ({ id, name, locked, notes, tags, warnings }) => (
      <span className={classes.name}>
        <InternalLink href={links.model(id)} data-row={id}>
          {name}
        </InternalLink>
        {warnings.length > 0 && <DoubtIcon label={`Doubtful: ${warnings.join(' ').slice(0, 300)}`} />}
        {locked && <LockIcon label="Locked" />}
        {notes !== '' && <NoteIcon label={`Notes: ${notes.slice(0, 300)}`} />}
        <Tags tags={tags} />
      </span>
    ),
  },
  data: { title: 'Data set', cell: ({ dataset }) => dataset.title },
  network: { title: 'Network', cell: ({ architecture }) => architecture.title },
  attack: {
    title: 'Attack',
    cell: ({ attack, targetLabel }) =>
      attack ? (
        <>
          {attack.title} <span className={tables.none}>→ {targetLabel?.name}</span>
        </>
      ) : (
        <span className={tables.none}>none (benign)</span>
      ),
  },
  clean: {
    title: 'Clean accuracy',
    definition: glossary.cleanAccuracy,
    look: 'number',
    cell: ({ cleanAccuracy }) => <RateText rate={cleanAccuracy} />,
  },
  asr: {
    title: 'ASR',
    definition: glossary.asr,
    look: 'number',
    cell: ({ kind, asr }) => kind === 'TROJANED' && <RateText rate={asr} />,
  },
  seed: { title: 'Seed', look: 'number', cell: ({ provenance }) => provenance.seed },
  size: { title: 'Images', look: 'number', cell: ({ width, height }) => `${width}×${height} px` },
  status: { title: 'Status', cell: ({ status }) => <StatusMark status={status} /> },
  made: { title: 'Made', look: 'none', cell: ({ createdAt }) => moment(createdAt) },
};

/** A model as the cells of a line. */
export const ModelCells = ({ model, columns }: { model: ModelOfRow; columns: readonly ColumnName[] }) =>
  columns.map((name) => {
    const { look, cell } = modelColumns[name];
    return (
      <Table.Td key={name} className={name === 'name' ? classes.frozen : look && tables[look]}>
        {cell(model)}
      </Table.Td>
    );
  });
