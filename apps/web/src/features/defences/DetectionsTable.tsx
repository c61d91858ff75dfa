import { Checkbox, Table } from '@mantine/core';
import { count, counted } from '../../format/count';
import { links } from '../../lib/links';
import type { SeriesStyle } from '../../theme/series';
import { InternalLink } from '../../ui/InternalLink';
import { RateText } from '../../ui/RateText';
import { TableScroll } from '../../ui/TableScroll';
import { Term } from '../../ui/Term';
import tables from '../../ui/tables.module.css';
import { SeriesKey } from '../curves/SeriesKey';
import classes from './DetectionsTable.module.css';
import {
  type Auroc,
  atRate,
  aurocInterval,
  aurocText,
  type Detection,
  heldOutAt,
  isChance,
  nameOf,
  RATES,
  variantOf,
} from './detections';
import type { CurveChoice } from './useDrawnCurves';

interface DetectionsTableProps {
  detections: readonly Detection[];
  /** Of those whose curves are drawn. */
  styles: ReadonlyMap<string, SeriesStyle>;
  /** Which curves are drawn, where there are too many for all. */
  choice: CurveChoice | undefined;
}

/** Detectors tried on models, one a line. */
export function DetectionsTable({ detections, styles, choice }: DetectionsTableProps) {
  return (
    <TableScroll label="Table of detections">
      <Table className={tables.table} horizontalSpacing={8} aria-label="Detections">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Model</Table.Th>
            <Table.Th>Detector</Table.Th>
            <Table.Th>
              <Term definition="How often a trojaned image scores higher than a clean one: 1 tells all apart, 0.5 is chance, less takes clean images for trojaned. With its 95 % interval.">
                AUROC
              </Term>
            </Table.Th>
            {RATES.map((rate) => (
              <Table.Th key={rate} className={tables.number}>
                <Term
                  definition={`True positive rate: trojaned images flagged at the threshold that flags at most ${rate * 100} % of the clean ones. Held out, below it: trojaned and clean images flagged at a threshold from every other sample, judged on the rest.`}
                >
                  TPR at {rate * 100} %
                </Term>
                <span className={classes.small}>held out / FPR</span>
              </Table.Th>
            ))}
            <Table.Th>
              <Term definition="The floor: the same of the same images at the benign model. A trigger changes its answers too; what a detector makes of that is no detection of a backdoor.">
                Benign AUROC
              </Term>
            </Table.Th>
            <Table.Th>
              <Term definition="A control: AUROC with labels that are drawn. Its interval has to contain 0.5, but for one in twenty.">
                Permuted
              </Term>
            </Table.Th>
            <Table.Th>
              <Term definition="A control: AUROC of clean images against another draw of clean ones. Its interval has to contain 0.5, but for one in twenty.">
                Clean – clean
              </Term>
            </Table.Th>
            <Table.Th className={tables.number}>
              <Term definition="Forward passes that judging one image takes.">Queries</Term>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {detections.map((detection) => {
            const { id, model, detector, measures, benign, benignMeasures, controls } = detection;
            const style = styles.get(id);
            return (
              <Table.Tr key={id}>
                <Table.Td>
                  <span className={classes.keyed}>
                    {choice && measures && (
                      <Checkbox
                        size="xs"
                        aria-label={`Draw the ROC curve of ${nameOf(detection)}`}
                        checked={choice.isDrawn(id)}
                        disabled={!choice.isDrawn(id) && !choice.hasRoom}
                        onChange={({ currentTarget }) => choice.change(id, currentTarget.checked)}
                      />
                    )}
                    {style && <SeriesKey style={style} />}
                    <InternalLink href={links.model(model.id)}>{model.name}</InternalLink>
                  </span>
                  <span className={classes.small}>{counted(detection.samplesUsed ?? 0, 'sample')}</span>
                </Table.Td>
                <Table.Td>
                  {detector.title}
                  <span className={classes.variant}>{variantOf(detection)}</span>
                </Table.Td>
                <Table.Td>
                  <AurocText auroc={measures?.auroc} missing={measures?.why ?? 'not measured yet'} />
                </Table.Td>
                {RATES.map((rate) => (
                  <Table.Td key={rate} className={tables.number}>
                    <RateText rate={atRate(detection, rate)} />
                    <HeldOut point={heldOutAt(detection, rate)} />
                  </Table.Td>
                ))}
                <Table.Td>
                  <AurocText
                    auroc={benignMeasures?.auroc}
                    missing={benign ? (benignMeasures?.why ?? 'not measured yet') : 'no benign model'}
                  />
                </Table.Td>
                <Table.Td>
                  <AurocText auroc={controls?.permuted} missing="too few images" control />
                </Table.Td>
                <Table.Td>
                  <AurocText auroc={controls?.otherClean} missing="too few images" control />
                </Table.Td>
                <Table.Td className={tables.number}>{count(detection.queries)}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </TableScroll>
  );
}

/** What a threshold does on images that it was not chosen on: trojaned ones flagged, and clean ones. */
function HeldOut({ point }: { point: ReturnType<typeof heldOutAt> }) {
  if (!point) return null;
  return (
    <span className={classes.small}>
      <RateText rate={point.truePositiveRate} /> / <RateText rate={point.falsePositiveRate} />
    </span>
  );
}

interface AurocTextProps {
  auroc: Auroc | null | undefined;
  /** Why there is none. */
  missing: string;
  /** Whether it has to be chance. */
  control?: boolean;
}

function AurocText({ auroc, missing, control = false }: AurocTextProps) {
  if (!auroc) return <span className={classes.why}>{missing}</span>;
  return (
    <>
      {aurocText(auroc)}
      <span className={classes.small}>{aurocInterval(auroc)}</span>
      {control && !isChance(auroc) && <span className={classes.bad}>does not contain 0.5</span>}
    </>
  );
}
