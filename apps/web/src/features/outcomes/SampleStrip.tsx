import { percent } from '../../format/percent';
import { ImageFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { outcomeKinds } from '../../lib/outcomeKinds';
import { InternalLink } from '../../ui/InternalLink';
import { KindMark } from '../../ui/KindMark';
import classes from './SampleStrip.module.css';
import { ZoomImage } from './Zoom';

export const StripFields = graphql(
  `
  fragment StripFields on Outcome {
    id
    kind
    confidence
    predicted {
      name
    }
    image {
      ...ImageFields
    }
    point {
      id
      value
      sweep {
        model {
          name
        }
      }
    }
  }
`,
  [ImageFields],
);
export type StripOutcome = ResultOf<typeof StripFields>;

interface SampleStripProps {
  title: string;
  outcomes: readonly StripOutcome[];
  currentId: string;
  /** What tells one from the next. */
  wordOf: (outcome: StripOutcome) => string;
  addressOf: (outcome: StripOutcome) => string;
}

/** One sample several times, all looked at in the same place. */
export function SampleStrip({ title, outcomes, currentId, wordOf, addressOf }: SampleStripProps) {
  return (
    <section aria-label={title}>
      <h3 className={classes.title}>{title}</h3>
      <ol className={classes.strip}>
        {outcomes.map((outcome) => {
          const { id, kind, image, predicted, confidence } = outcome;
          return (
            <li key={id} className={classes.one} aria-current={id === currentId || undefined}>
              <ZoomImage image={image} alt={`${wordOf(outcome)}: taken for ${predicted.name}`} />
              <InternalLink href={addressOf(outcome)} className={classes.word}>
                {wordOf(outcome)}
              </InternalLink>
              <span className={classes.answer} title={`${outcomeKinds[kind].title}: ${predicted.name}`}>
                <KindMark kind={kind} />
                <span>{predicted.name}</span>
              </span>
              <span className={classes.confidence}>{percent(confidence, 50)}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
