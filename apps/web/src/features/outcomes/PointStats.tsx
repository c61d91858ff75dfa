import { rateColumns } from '../../export/rates';
import { tableOf } from '../../export/table';
import { percent, percentagePoints } from '../../format/percent';
import { pValue } from '../../format/pValue';
import { RateFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { glossary } from '../../lib/glossary';
import { Figure, RateFigure } from '../../ui/Figure';
import { Figures } from '../../ui/Figures';
import { Stack } from '../../ui/Stack';
import { OutcomeBar } from './OutcomeBar';

export const PointStatsFields = graphql(
  `
  fragment PointStatsFields on Point {
    asr {
      ...RateFields
    }
    asrDrop
    cleanAccuracy {
      ...RateFields
    }
    benignModelAccuracy {
      ...RateFields
    }
    errorRate {
      ...RateFields
    }
    robustAccuracy {
      ...RateFields
    }
    visibleTrigger
    pValue
    targetCount
    truthCount
    otherCount
  }
`,
  [RateFields],
);

/** The numbers of one point, one a line. */
export const pointTable = (point: ResultOf<typeof PointStatsFields>) =>
  tableOf(
    (
      [
        ['ASR', point.asr],
        ['clean accuracy, trojaned model', point.cleanAccuracy],
        ['clean accuracy, benign model', point.benignModelAccuracy],
        ['robust accuracy', point.robustAccuracy],
        ['error rate', point.errorRate],
      ] as const
    ).flatMap(([name, rate]) => (rate ? [{ name, rate }] : [])),
    rateColumns,
  );

/** The numbers of one point. */
export function PointStats({ point }: { point: ResultOf<typeof PointStatsFields> }) {
  return (
    <Stack>
      <OutcomeBar TARGET={point.targetCount} TRUTH={point.truthCount} OTHER={point.otherCount} />
      <Figures>
        <RateFigure title="ASR" definition={glossary.asr} rate={point.asr} missing="" tone="asr" />
        <Figure
          title="Change of ASR"
          definition={`ASR here minus ASR at the identity. ${glossary.pValue}`}
          note={
            point.pValue === null ? 'this is the identity' : `McNemar p ${withRelation(pValue(point.pValue))}`
          }
        >
          {percentagePoints(-point.asrDrop)}
        </Figure>
        <RateFigure
          title="Clean accuracy"
          definition={glossary.trojanedClean}
          rate={point.cleanAccuracy}
          missing=""
          tone="right"
        />
        <RateFigure
          title="Clean baseline"
          definition={glossary.cleanBaseline}
          rate={point.benignModelAccuracy}
          missing="no benign model"
        />
        <RateFigure
          title="Robust accuracy"
          definition={glossary.robustAccuracy}
          rate={point.robustAccuracy}
          missing=""
          tone="right"
        />
        <RateFigure
          title="Error rate"
          definition={glossary.errorRate}
          rate={point.errorRate}
          missing="no sample qualifies"
          tone="other"
        />
        {point.visibleTrigger !== null && (
          <Figure title="Visible trigger" definition={glossary.visibleTrigger} note="mean over the samples">
            {percent(point.visibleTrigger)}
          </Figure>
        )}
      </Figures>
    </Stack>
  );
}

const withRelation = (p: string) => (p.startsWith('<') ? p : `= ${p}`);
