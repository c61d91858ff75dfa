import { Table } from '@mantine/core';
import { useMutation } from 'urql';
import { ActionButton } from '../../controls/ActionButton';
import type { PanelSource } from '../../export/panelSource';
import { type Column, tableOf } from '../../export/table';
import { counted } from '../../format/count';
import { percent } from '../../format/percent';
import { RateFields, UserErrorFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { glossary } from '../../lib/glossary';
import { Live } from '../../ui/livePage';
import { Panel } from '../../ui/Panel';
import { RateText } from '../../ui/RateText';
import { TableScroll } from '../../ui/TableScroll';
import { Term } from '../../ui/Term';
import tables from '../../ui/tables.module.css';
import { UserErrorList } from '../../ui/UserErrorList';
import classes from './ExplainerComparison.module.css';

const MeanFields = graphql(`
  fragment MeanFields on MeanScore {
    value
    low
    high
    maps
  }
`);
type Mean = ResultOf<typeof MeanFields> | null;

const ComparisonQuery = graphql(
  `
  query ExplainerComparison($id: ID!) {
    node(id: $id) {
      ... on Point {
        id
        explainerComparison {
          samples
          waiting
          missing {
            title
          }
          rows {
            explainer {
              id
              title
            }
            defeated
            pointing {
              ...RateFields
            }
            pointingNear {
              ...RateFields
            }
            triggerEnergy {
              ...MeanFields
            }
            chanceEnergy {
              ...MeanFields
            }
            iou {
              ...MeanFields
            }
            rankAccuracy {
              ...MeanFields
            }
            deletion {
              ...MeanFields
            }
            deletionGain {
              ...MeanFields
            }
            insertion {
              ...MeanFields
            }
            insertionGain {
              ...MeanFields
            }
            completenessError
          }
        }
      }
    }
  }
`,
  [MeanFields, RateFields],
);
type Point = Extract<ResultOf<typeof ComparisonQuery>['node'], { id: string }>;
type Comparison = NonNullable<Point['explainerComparison']>;
type Row = Comparison['rows'][number];

const Compare = graphql(
  `
  mutation CompareExplainers($pointId: ID!) {
    compareExplainers(input: { pointId: $pointId }) {
      point {
        id
      }
      errors {
        ...UserErrorFields
      }
    }
  }
`,
  [UserErrorFields],
);

/** Which method sees the trigger, over the same samples, untransformed and where a point defeats it. */
export function ExplainerComparison({ pointId }: { pointId: string }) {
  return (
    <Live query={ComparisonQuery} variables={{ id: pointId }} part={null}>
      {({ node }, retry) =>
        node && 'id' in node ? (
          <ComparisonPanel pointId={pointId} comparison={node.explainerComparison} onAsked={retry} />
        ) : null
      }
    </Live>
  );
}

interface ComparisonPanelProps {
  pointId: string;
  comparison: Comparison | null;
  onAsked: () => void;
}

function ComparisonPanel({ pointId, comparison, onAsked }: ComparisonPanelProps) {
  const [{ data, error, fetching }, compare] = useMutation(Compare);
  const ask = async () => {
    await compare({ pointId });
    onAsked();
  };
  const source: PanelSource | undefined = comparison
    ? {
        name: 'explainers',
        query: ComparisonQuery,
        variables: { id: pointId },
        table: () => tableOf(comparison.rows, exported),
      }
    : undefined;
  return (
    <Panel title="Which method sees the trigger?" {...(source && { source })}>
      {comparison && comparison.samples > 0 && <ComparisonTable comparison={comparison} />}
      <p className={classes.note} role="status">
        {comparison ? words(comparison) : NOT_ASKED}
      </p>
      <UserErrorList errors={[...(data?.compareExplainers.errors ?? []), ...(error ? [error] : [])]} />
      {!comparison && (
        <ActionButton size="xs" loading={fetching} onClick={ask}>
          Compare all methods on 50 samples
        </ActionButton>
      )}
    </Panel>
  );
}

const NOT_ASKED =
  'All methods explain the same samples twice: untransformed, where the backdoor fires, and here, where the transformation brings their true label back. Takes a job of up to 400 maps.';

function words({ samples, waiting, missing }: Comparison): string {
  const whole = `Over the same ${counted(samples, 'sample')}, each untransformed and here, where its true label is back. Means with 95 % intervals.`;
  return [
    samples > 0 && whole,
    waiting > 0 && `${counted(waiting, 'sample')} on the way.`,
    missing.length > 0 &&
      `This network cannot be explained by ${missing.map(({ title }) => title).join(', ')}.`,
  ]
    .filter(Boolean)
    .join(' ');
}

function ComparisonTable({ comparison: { rows } }: { comparison: Comparison }) {
  return (
    <TableScroll label="Methods compared">
      <Table className={tables.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Method</Table.Th>
            <Table.Th>Trigger</Table.Th>
            <Head definition={glossary.pointing}>Maximum in it</Head>
            <Head definition={glossary.pointing}>near it</Head>
            <Head definition={glossary.energy}>Energy in it</Head>
            <Head definition={glossary.iou}>Overlap</Head>
            <Head definition={glossary.rankAccuracy}>Rank accuracy</Head>
            <Head definition={glossary.deletion}>Deletion</Head>
            <Head definition={glossary.gain}>gain</Head>
            <Head definition={glossary.insertion}>Insertion</Head>
            <Head definition={glossary.gain}>gain</Head>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={`${row.explainer.id} ${row.defeated}`}>
              <Table.Td>{row.explainer.title}</Table.Td>
              <Table.Td>{row.defeated ? 'defeated' : 'fires'}</Table.Td>
              <Table.Td className={tables.number}>
                <RateText rate={row.pointing} />
              </Table.Td>
              <Table.Td className={tables.number}>
                <RateText rate={row.pointingNear} />
              </Table.Td>
              <MeanCell mean={row.triggerEnergy} chance={row.chanceEnergy} />
              {[
                row.iou,
                row.rankAccuracy,
                row.deletion,
                row.deletionGain,
                row.insertion,
                row.insertionGain,
              ].map((mean, i) => (
                <MeanCell key={COLUMNS[i]} mean={mean} />
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TableScroll>
  );
}

const COLUMNS = ['iou', 'rankAccuracy', 'deletion', 'deletionGain', 'insertion', 'insertionGain'];

function Head({ definition, children }: { definition: string; children: string }) {
  return (
    <Table.Th className={tables.number}>
      <Term definition={definition}>{children}</Term>
    </Table.Th>
  );
}

/** In percent, under a number that says so. */
const bare = (share: number) => (100 * share).toFixed(1);

/** A mean, and below it its interval, and what chance would give. */
function MeanCell({ mean, chance }: { mean: Mean; chance?: Mean }) {
  if (!mean) return <Table.Td className={tables.number}>–</Table.Td>;
  const { value, low, high, maps } = mean;
  return (
    <Table.Td className={tables.number} title={`over ${counted(maps, 'map')}`}>
      {percent(value)}
      <span className={classes.interval}>
        {low !== null && high !== null && `${bare(low)} to ${bare(high)}`}
        {chance && `, chance ${bare(chance.value)}`}
      </span>
    </Table.Td>
  );
}

const meanColumns = (
  [
    'triggerEnergy',
    'chanceEnergy',
    'iou',
    'rankAccuracy',
    'deletion',
    'deletionGain',
    'insertion',
    'insertionGain',
  ] as const
).flatMap((name): Column<Row>[] => [
  { title: name, value: (row) => row[name]?.value ?? null },
  { title: `${name} low`, value: (row) => row[name]?.low ?? null },
  { title: `${name} high`, value: (row) => row[name]?.high ?? null },
  { title: `${name} maps`, value: (row) => row[name]?.maps ?? null },
]);
const exported: readonly Column<Row>[] = [
  { title: 'method', value: ({ explainer }) => explainer.title },
  { title: 'trigger', value: ({ defeated }) => (defeated ? 'defeated' : 'fires') },
  { title: 'maximum in trigger', value: ({ pointing }) => pointing.numerator },
  { title: 'of', value: ({ pointing }) => pointing.denominator },
  { title: 'within margin', value: ({ pointingNear }) => pointingNear.numerator },
  { title: 'of maps', value: ({ pointingNear }) => pointingNear.denominator },
  ...meanColumns,
  { title: 'completeness error', value: ({ completenessError }) => completenessError },
];
