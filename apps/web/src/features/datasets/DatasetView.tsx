import { Skeleton, Table } from '@mantine/core';
import { type Column, tableOf } from '../../export/table';
import { count, counted } from '../../format/count';
import { moment } from '../../format/moment';
import { ImageFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { links } from '../../lib/links';
import { Facts } from '../../ui/Facts';
import { InternalLink } from '../../ui/InternalLink';
import { LoadError } from '../../ui/LoadError';
import { Panel } from '../../ui/Panel';
import { PixelImage } from '../../ui/PixelImage';
import { Stack } from '../../ui/Stack';
import { TableScroll } from '../../ui/TableScroll';
import tables from '../../ui/tables.module.css';
import { UnknownId } from '../../ui/UnknownId';
import { Command } from './Command';
import { DatasetRowFields, shapeWords } from './DatasetsTable';
import classes from './DatasetView.module.css';

const DatasetQuery = graphql(
  `
  query Dataset($id: String!) {
    dataset(id: $id) {
      ...DatasetRowFields
      description
      source {
        citation
        url
      }
      classOrder
      howToGet
      origin {
        from
        at
        notes
        skipped {
          name
          reason
        }
      }
      classSummaries {
        label {
          index
          name
        }
        trainCount
        testCount
        examples {
          ...ImageFields
        }
      }
    }
  }
`,
  [DatasetRowFields, ImageFields],
);
type Dataset = NonNullable<ResultOf<typeof DatasetQuery>['dataset']>;
type SkippedFile = NonNullable<Dataset['origin']>['skipped'][number];
type Summary = NonNullable<Dataset['classSummaries']>[number];

/** One data set: what it is, where it comes from, and class by class how much of it there is and how it looks. */
export function DatasetView({ id }: { id: string }) {
  const { data, error, retry } = useLiveQuery(DatasetQuery, { id });
  if (!data) return error ? <LoadError part error={error} retry={retry} /> : <Skeleton height={420} />;
  if (!data.dataset) return <UnknownId part what="data set" />;
  const { dataset } = data;
  return (
    <Stack>
      <Panel
        title={dataset.title}
        source={{ name: dataset.id, query: DatasetQuery, variables: { id } }}
        aside={
          dataset.installed && <InternalLink href={links.modelsOn(id)}>Models trained on it</InternalLink>
        }
      >
        <p className={classes.words}>{dataset.description}</p>
        <Facts facts={factsOf(dataset)} />
        {!dataset.installed && <HowToGetIt id={id} commands={dataset.howToGet} />}
      </Panel>
      {/* What is here and cannot be read says why. */}
      {error && dataset.classSummaries === null && <LoadError part error={error} retry={retry} />}
      {dataset.origin && dataset.origin.skipped.length > 0 && (
        <Skipped id={id} files={dataset.origin.skipped} />
      )}
      {dataset.classSummaries && <Classes id={id} summaries={dataset.classSummaries} />}
    </Stack>
  );
}

const orderWords: Partial<Record<string, string>> = {
  numeric: 'numeric, 2 before 10',
  codepoint: 'by code point, 10 before 2, as torchvision’s ImageFolder has them',
  listed: 'as its manifest lists them',
};

const factsOf = (dataset: Dataset) => {
  const { source, origin, trainCount, testCount, classOrder } = dataset;
  return [
    [
      'Source',
      source.url ? (
        <a key="source" href={source.url} rel="noreferrer" target="_blank">
          {source.citation}
        </a>
      ) : (
        source.citation
      ),
    ],
    ['Images', shapeWords(dataset)],
    ['Classes', count(dataset.classes.length)],
    [
      'Numbers',
      `${trainCount === 0 ? 'none' : count(trainCount)} to train on, ${count(testCount)} to test with`,
    ],
    ...(classOrder ? [['Class order', orderWords[classOrder] ?? classOrder] as const] : []),
    ...(origin
      ? [['Came here', [`${moment(origin.at)}. ${origin.from}`, ...origin.notes].join(' ')] as const]
      : []),
  ] as const;
};

/** For the server's administrator: a data set of this size is downloaded there, or read from files there. */
function HowToGetIt({ id, commands }: { id: string; commands: readonly string[] }) {
  return (
    <div className={classes.get}>
      <p>
        Its images are not on this server yet. Whoever keeps it can bring them with{' '}
        {commands.length > 1 ? 'any of these commands' : 'this command'}, on the server:
      </p>
      {commands.map((command) => (
        <Command key={command} text={command} />
      ))}
      <p>An archive of them can be imported below, too, under the id {id}.</p>
    </div>
  );
}

const skippedColumns: readonly Column<SkippedFile>[] = [
  { title: 'file', value: ({ name }) => name },
  { title: 'why', value: ({ reason }) => reason },
];
const SKIPPED_SHOWN = 100;

/** Files that the import left out, since it was asked to. All of them are in the export. */
function Skipped({ id, files }: { id: string; files: readonly SkippedFile[] }) {
  return (
    <Panel
      title={`${counted(files.length, 'file', 'files')} left out`}
      bare
      aside={files.length > SKIPPED_SHOWN && `the first ${SKIPPED_SHOWN}`}
      source={{
        name: `${id}-left-out`,
        query: DatasetQuery,
        variables: { id },
        table: () => tableOf(files, skippedColumns),
      }}
    >
      <TableScroll label="Table of files that were left out">
        <Table className={tables.table}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>File</Table.Th>
              <Table.Th>Why it cannot be read</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {files.slice(0, SKIPPED_SHOWN).map(({ name, reason }) => (
              <Table.Tr key={name}>
                <Table.Td>{name}</Table.Td>
                <Table.Td>{reason}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TableScroll>
    </Panel>
  );
}

const columns: readonly Column<Summary>[] = [
  { title: 'index', value: ({ label }) => label.index },
  { title: 'class', value: ({ label }) => label.name },
  { title: 'to train on', value: ({ trainCount }) => trainCount },
  { title: 'to test with', value: ({ testCount }) => testCount },
];

function Classes({ id, summaries }: { id: string; summaries: readonly Summary[] }) {
  const most = Math.max(1, ...summaries.map(({ trainCount }) => trainCount));
  return (
    <Panel
      title={counted(summaries.length, 'class', 'classes')}
      bare
      aside="pictures are of the test split"
      source={{
        name: `${id}-classes`,
        query: DatasetQuery,
        variables: { id },
        table: () => tableOf(summaries, columns),
      }}
    >
      <TableScroll label="Table of classes">
        <Table className={tables.table}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Class</Table.Th>
              <Table.Th>To train on</Table.Th>
              <Table.Th className={tables.number}>To test with</Table.Th>
              <Table.Th>What it looks like</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {summaries.map(({ label, trainCount, testCount, examples }) => (
              <Table.Tr key={label.index}>
                <Table.Td>
                  {String(label.index) !== label.name && <span className={tables.none}>{label.index} </span>}
                  {label.name}
                </Table.Td>
                <Table.Td>
                  <span className={classes.bar}>
                    <span style={{ width: `${(100 * trainCount) / most}%` }} />
                  </span>
                  {count(trainCount)}
                </Table.Td>
                <Table.Td className={tables.number}>{count(testCount)}</Table.Td>
                <Table.Td>
                  <span className={classes.examples}>
                    {examples.map((image, place) => (
                      <PixelImage
                        key={image.url}
                        image={image}
                        alt={`${label.name}, example ${place + 1}`}
                        thumbnail
                        lazy
                      />
                    ))}
                  </span>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TableScroll>
    </Panel>
  );
}
