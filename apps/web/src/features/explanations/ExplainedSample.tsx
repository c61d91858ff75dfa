import { percent } from '../../format/percent';
import { ExplanationFields, ImageFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { glossary } from '../../lib/glossary';
import { links } from '../../lib/links';
import { outcomeKinds } from '../../lib/outcomeKinds';
import { isUnfinished } from '../../lib/statuses';
import { placeOf } from '../../lib/sweep';
import { InternalLink } from '../../ui/InternalLink';
import { KindMark } from '../../ui/KindMark';
import { PixelImage } from '../../ui/PixelImage';
import { StatusMark } from '../../ui/StatusMark';
import { Term } from '../../ui/Term';
import type { Mode } from './ExplainControls';
import classes from './ExplainedSample.module.css';
import { ExplanationScore } from './ExplanationScore';
import { SaliencyView } from './SaliencyView';

export const ExplainedOutcomeFields = graphql(
  `
  fragment ExplainedOutcomeFields on Outcome {
    id
    kind
    confidence
    trueLabel {
      name
    }
    predicted {
      name
    }
    image {
      ...ImageFields
    }
    sample {
      index
      image {
        ...ImageFields
      }
    }
    point {
      id
      value
      sweep {
        id
        target
        model {
          id
          name
        }
        transform {
          title
          unit
          identity
        }
      }
    }
    acrossValues {
      id
      point {
        value
      }
    }
    explanations {
      ...ExplanationFields
      difference {
        ...ImageFields
      }
    }
  }
`,
  [ImageFields, ExplanationFields],
);
export type ExplainedOutcome = ResultOf<typeof ExplainedOutcomeFields>;
type Explanation = ExplainedOutcome['explanations'][number];

export interface Settings {
  copies: number;
  noiseLevel: number;
  mode: Mode;
  explainedClass: string;
}
export const settingsOf = ({ settings }: Explanation) => settings as Settings;

/** The newest map of the palette that is looked at. */
export const explanationOf = ({ explanations }: ExplainedOutcome, mode: Mode) =>
  explanations.find((one) => settingsOf(one).mode === mode);

/** The same sample with nothing transformed; undefined where the sweep has no such value. */
export const identityOf = ({ acrossValues, point }: ExplainedOutcome) =>
  acrossValues.find((one) => one.point.value === point.sweep.transform.identity);

interface ExplainedSampleProps {
  outcome: ExplainedOutcome;
  mode: Mode;
  opacity: number;
  boxed: boolean;
}

/** One sample of Fig. 5: what the model saw, its map over it, and what the map shows that the untransformed one does not. */
export function ExplainedSample({ outcome, mode, opacity, boxed }: ExplainedSampleProps) {
  const { id, kind, image, predicted, confidence, point } = outcome;
  const explanation = explanationOf(outcome, mode);
  const box = (boxed && explanation?.triggerBox) || null;
  const place = placeOf(outcome);
  return (
    <article className={classes.card}>
      <header className={classes.head}>
        <InternalLink href={links.outcomes(point.id, { outcome: id })}>{place}</InternalLink>
        <span className={classes.answer} title={outcomeKinds[kind].title}>
          <KindMark kind={kind} /> {predicted.name} {percent(confidence, 100)}
        </span>
      </header>
      <div className={classes.pictures}>
        <figure>
          <PixelImage image={image} alt={`What the model saw, ${place}`} box={box} />
          <figcaption>image</figcaption>
        </figure>
        <figure>
          {explanation?.saliency ? (
            <SaliencyView
              image={image}
              saliency={explanation.saliency}
              opacity={opacity}
              box={box}
              alt={`Saliency map, ${place}`}
            />
          ) : (
            <Missing explanation={explanation} mode={mode} />
          )}
          <figcaption>
            {explanation?.explainedLabel ? `why “${explanation.explainedLabel.name}”` : 'saliency'}
          </figcaption>
        </figure>
        {explanation?.difference && (
          <figure>
            <PixelImage
              image={explanation.difference}
              alt={`Difference from the untransformed map, ${place}`}
              box={box}
            />
            <figcaption>
              <Term definition={glossary.difference}>difference</Term>
            </figcaption>
          </figure>
        )}
      </div>
      {explanation?.status === 'SUCCEEDED' && (
        <>
          <ExplanationScore explanation={explanation} />
          <p className={classes.settings}>
            n = {settingsOf(explanation).copies}, σ = {settingsOf(explanation).noiseLevel}
          </p>
        </>
      )}
    </article>
  );
}

function Missing({ explanation, mode }: { explanation: Explanation | undefined; mode: Mode }) {
  const text = !explanation
    ? `No ${mode.toLowerCase()} map yet`
    : isUnfinished(explanation.status)
      ? 'on its way'
      : (explanation.job?.error?.message ?? 'cancelled');
  return (
    <div className={classes.missing} role="status">
      {explanation && <StatusMark status={explanation.status} />}
      {text}
    </div>
  );
}
