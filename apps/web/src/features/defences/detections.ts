import { valueText } from '../../controls/schema';
import { JobFields, RateFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';

export const AurocFields = graphql(`
  fragment AurocFields on Auroc {
    value
    low
    high
  }
`);
export type Auroc = ResultOf<typeof AurocFields>;

/** A line of the table with its ROC curve. */
export const DetectionFields = graphql(
  `
  fragment DetectionFields on Detection {
    id
    parameters
    queries
    samplesUsed
    seed
    model {
      id
      name
    }
    detector {
      id
      title
      labelsOnly
    }
    measures(population: $population) {
      why
      auroc {
        ...AurocFields
      }
      at {
        atMost
        threshold
        truePositiveRate {
          ...RateFields
        }
        heldOut {
          truePositiveRate {
            ...RateFields
          }
          falsePositiveRate {
            ...RateFields
          }
        }
      }
      roc {
        threshold
        truePositiveRate
        falsePositiveRate
      }
    }
    benign {
      id
    }
    benignMeasures(population: $population) {
      why
      auroc {
        ...AurocFields
      }
    }
    controls {
      permuted {
        ...AurocFields
      }
      otherClean {
        ...AurocFields
      }
    }
  }
`,
  [AurocFields, RateFields],
);
export type Detection = ResultOf<typeof DetectionFields>;
export type RocPoint = NonNullable<Detection['measures']>['roc'][number];

export const DefencesQuery = graphql(
  `
  query Defences($filter: DetectionFilter, $unfinished: DetectionFilter, $population: DetectionPopulation!) {
    detections(first: 50, filter: $filter) {
      totalCount
      nodes {
        ...DetectionFields
      }
    }
    unfinished: detections(first: 20, filter: $unfinished) {
      nodes {
        id
        job {
          ...JobFields
        }
      }
    }
  }
`,
  [DetectionFields, JobFields],
);

/** The false positive rates at which detectors are compared. */
export const RATES = [0.01, 0.05, 0.1] as const;

/** At most so many false positives; nothing where too few clean images are there for it. */
const pointAt = ({ measures }: Detection, rate: number) => measures?.at.find(({ atMost }) => atMost === rate);
export const atRate = (detection: Detection, rate: number) =>
  pointAt(detection, rate)?.truePositiveRate ?? null;
/** With a threshold from every other sample, on the rest; nothing where those are too few. */
export const heldOutAt = (detection: Detection, rate: number) => pointAt(detection, rate)?.heldOut ?? null;

/** A detector's variant in words: every parameter, since papers and codes differ in them. */
export const variantOf = ({ parameters }: Detection): string =>
  valueText(parameters as Record<string, unknown>);

export const nameOf = (detection: Detection): string =>
  `${detection.detector.title} (${variantOf(detection)}), ${detection.model.name}`;

export const aurocText = (auroc: Auroc): string => auroc.value.toFixed(3);
export const aurocInterval = ({ low, high }: Auroc): string => `${low.toFixed(3)} to ${high.toFixed(3)}`;

/** Whether a control comes out as it has to: its interval contains 0.5. */
export const isChance = ({ low, high }: Auroc): boolean => low <= 0.5 && high >= 0.5;
