import { Button, Table } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { count, counted } from '../../format/count';
import { percentagePoints } from '../../format/percent';
import { links } from '../../lib/links';
import { seriesStyles } from '../../theme/series';
import { InternalLink } from '../../ui/InternalLink';
import { Panel } from '../../ui/Panel';
import { interval, RateText } from '../../ui/RateText';
import { TableScroll } from '../../ui/TableScroll';
import { Term } from '../../ui/Term';
import tables from '../../ui/tables.module.css';
import { UserErrorList } from '../../ui/UserErrorList';
import { SeriesKey } from '../curves/SeriesKey';
import { PurifiersFigure, standing } from './PurifiersFigure';
import classes from './PurifiersPanel.module.css';
import {
  bestOf,
  imagesOf,
  type PurifiedModel,
  type Purifier,
  PurifiersQuery,
  unchangedOf,
} from './purifiers';
import { purifiersFigureSource, purifiersSource } from './purifiersSource';

interface PurifiersPanelProps {
  /** Models that a detector was tried on. */
  modelIds: readonly string[];
  /** The model whose purifiers are listed. */
  listed: string | null;
  onList: (modelId: string) => void;
}

/** What a defender would get who transforms every input as detectors do, instead of looking for trojaned ones. */
export function PurifiersPanel({ modelIds, listed, onList }: PurifiersPanelProps) {
  const [{ data, error }] = useQuery({
    query: PurifiersQuery,
    variables: { ids: [...modelIds] },
    requestPolicy: 'cache-and-network',
  });
  const models = useMemo(() => {
    const styles = seriesStyles(modelIds);
    return (data?.nodes ?? []).flatMap((node): PurifiedModel[] =>
      node?.__typename === 'Model' && node.purifiers.length > 0
        ? [{ id: node.id, name: node.name, purifiers: node.purifiers, style: styles.get(node.id)! }]
        : [],
    );
  }, [data, modelIds]);
  if (error) return <UserErrorList errors={[error]} />;
  if (models.length === 0) return null;
  const shown = models.length === 1 ? models[0] : models.find(({ id }) => id === listed);
  return (
    <>
      <Panel
        title="Purifiers"
        bare
        aside={
          <Term definition="A transform, or several one after the other, that a defender applies to every input: the views of the detectors above that no other image is laid over. Of the newest detections of a model that are of the same samples.">
            what transforming every input would do
          </Term>
        }
        source={purifiersSource(models)}
      >
        <BestPurifiers models={models} onList={models.length > 1 ? onList : undefined} />
      </Panel>
      <Panel title="What purifiers leave" source={purifiersFigureSource(models)}>
        <PurifiersFigure models={models} onOpen={onList} />
      </Panel>
      {shown && (
        <Panel title={`Purifiers of ${shown.name}`} bare aside={`${shown.purifiers.length} in all`}>
          <ListedPurifiers key={shown.id} model={shown} />
        </Panel>
      )}
    </>
  );
}

const COST =
  'Of clean accuracy at the trojaned model, against no purifier, in percentage points; below 0 it gains.';
const RULE =
  'Of the purifiers that cost at most 5 points of clean accuracy, the one that leaves the lowest ASR; none where it lowers ASR by no more than 1 point. Chosen and judged on the same images.';
const BENIGN = 'Clean images, purified, that the benign model classifies right.';

interface BestPurifiersProps {
  models: readonly PurifiedModel[];
  onList: ((modelId: string) => void) | undefined;
}

/** What one would deploy, model by model. */
function BestPurifiers({ models, onList }: BestPurifiersProps) {
  return (
    <TableScroll label="Table of best purifiers">
      <Table className={tables.table} horizontalSpacing={8} aria-label="Best purifiers">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Model</Table.Th>
            <Table.Th className={tables.number}>ASR without</Table.Th>
            <Table.Th>
              <Term definition={RULE}>Best purifier</Term>
            </Table.Th>
            <RateHeads asr="ASR with" />
            {onList && <Table.Th>All</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {models.map((model) => {
            const { id, name, style, purifiers } = model;
            const unchanged = unchangedOf(model)!;
            const best = bestOf(model);
            return (
              <Table.Tr key={id}>
                <Table.Td>
                  <span className={classes.keyed}>
                    <SeriesKey style={style} />
                    <InternalLink href={links.model(id)}>{name}</InternalLink>
                  </span>
                  <span className={classes.small}>{counted(imagesOf(unchanged), 'sample')}</span>
                </Table.Td>
                <Table.Td className={tables.number}>
                  <RateText rate={unchanged.asr} />
                </Table.Td>
                <Table.Td className={classes.wide}>
                  {best?.text ?? <span className={tables.none}>none</span>}
                </Table.Td>
                {best ? <Rates purifier={best} /> : <Nothing />}
                {onList && (
                  <Table.Td>
                    <Button
                      size="compact-xs"
                      variant="default"
                      onClick={() => onList(id)}
                      aria-label={`List all purifiers of ${name}`}
                    >
                      {count(purifiers.length)}
                    </Button>
                  </Table.Td>
                )}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </TableScroll>
  );
}

/** The purifiers of one model by falling clean accuracy: first the front alone, then all of them. */
function ListedPurifiers({ model }: { model: PurifiedModel }) {
  const { name, purifiers } = model;
  const [all, showAll] = useState(false);
  const unchanged = unchangedOf(model);
  const shown = all ? purifiers : purifiers.filter((one) => one.onFront || one === unchanged);
  return (
    <>
      <TableScroll label={`Table of purifiers of ${name}`}>
        <Table className={tables.table} horizontalSpacing={8} aria-label={`Purifiers of ${name}`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Purifier</Table.Th>
              <RateHeads asr="ASR" />
              <Table.Th>
                <Term
                  definition={`On the front: no other leaves less ASR at no less clean accuracy. Deployed: ${RULE}`}
                >
                  Standing
                </Term>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((purifier) => (
              <Table.Tr key={purifier.text}>
                <Table.Td className={classes.wide}>{purifier.text}</Table.Td>
                <Rates purifier={purifier} />
                <Table.Td>{standing(purifier)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TableScroll>
      {shown.length < purifiers.length && (
        <Button mt="xs" size="compact-sm" variant="default" onClick={() => showAll(true)}>
          {`Show those beside the front, too: ${counted(purifiers.length, 'purifier')}`}
        </Button>
      )}
    </>
  );
}

/** The heads over `Rates`. */
function RateHeads({ asr }: { asr: string }) {
  return (
    <>
      <Table.Th className={tables.number}>{asr}</Table.Th>
      <Table.Th className={tables.number}>Clean accuracy</Table.Th>
      <Table.Th className={tables.number}>
        <Term definition={COST}>Cost</Term>
      </Table.Th>
      <Table.Th className={tables.number}>
        <Term definition={BENIGN}>Benign model</Term>
      </Table.Th>
    </>
  );
}

/** What it leaves, in four cells. */
function Rates({ purifier: { asr, cleanAccuracy, benignAccuracy, cost } }: { purifier: Purifier }) {
  return (
    <>
      <Table.Td className={tables.number}>
        <RateText rate={asr} />
        <span className={classes.small}>{interval(asr)}</span>
      </Table.Td>
      <Table.Td className={tables.number}>
        <RateText rate={cleanAccuracy} />
        <span className={classes.small}>{interval(cleanAccuracy)}</span>
      </Table.Td>
      <Table.Td className={tables.number}>{percentagePoints(cost)}</Table.Td>
      <Table.Td className={tables.number}>
        <RateText rate={benignAccuracy} />
      </Table.Td>
    </>
  );
}

function Nothing() {
  return ['ASR', 'clean', 'cost', 'benign'].map((of) => (
    <Table.Td key={of} className={tables.number}>
      –
    </Table.Td>
  ));
}
