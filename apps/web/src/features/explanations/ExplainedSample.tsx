import { titleOf, valueText } from '../../controls/schema';
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
import { type Look, SMOOTHGRAD } from './ExplainControls';
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

/** A method's parameters beside what all explanations say of themselves. */
type Settings = Record<string, unknown>;
export const settingsOf = ({ settings }: Explanation) => settings as Settings;

/** The newest map of what is looked at. */
export const explanationOf = ({ explanations }: ExplainedOutcome, { method, mode }: Look) =>
  explanations.find(
    (one) => one.method === method && (method !== SMOOTHGRAD || settingsOf(one).mode === mode),
  );

/** Its method with the parameters that pictures differ by. */
export function methodText(explanation: Explanation): string {
  const { explainedClass: _, margin: __, mode: ___, seed: ____, ...parameters } = settingsOf(explanation);
  const { copies, noiseLevel } = parameters;
  const own =
    explanation.method === SMOOTHGRAD
      ? `n = ${copies}, σ = ${noiseLevel}`
      : Object.entries(parameters)
          .map(([name, value]) => `${titleOf(name).toLowerCase()} ${valueText(value).toLowerCase()}`)
          .join(', ');
  return `${explanation.explainer.title}: ${own}`;
}

/** The same sample with nothing transformed; undefined where the sweep has no such value. */
export const identityOf = ({ acrossValues, point }: ExplainedOutcome) =>
  acrossValues.find((one) => one.point.value === point.sweep.transform.identity);

interface ExplainedSampleProps {
  outcome: ExplainedOutcome;
  look: Look;
  opacity: number;
  boxed: boolean;
}

/** One sample of Fig. 5: what the model saw, its map over it, and what the map shows that the untransformed one does not. */
export function ExplainedSample({ outcome, look, opacity, boxed }: ExplainedSampleProps) {
  const { id, kind, image, predicted, confidence, point } = outcome;
  const explanation = explanationOf(outcome, look);
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
            <Missing explanation={explanation} look={look} />
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
          <p className={classes.settings}>{methodText(explanation)}</p>
        </>
      )}
    </article>
  );
}

function Missing({ explanation, look }: { explanation: Explanation | undefined; look: Look }) {
  const text = !explanation
    ? look.method === SMOOTHGRAD
      ? `No ${look.mode.toLowerCase()} map yet`
      : 'No map by this method yet'
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
