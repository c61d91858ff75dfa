import { ExplanationFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { links } from '../../lib/links';
import { isUnfinished } from '../../lib/statuses';
import { placeOf } from '../../lib/sweep';
import { InternalLink } from '../../ui/InternalLink';
import { KindMark } from '../../ui/KindMark';
import { StatusMark } from '../../ui/StatusMark';
import classes from './ExplanationCard.module.css';
import { ExplanationPictures } from './ExplanationPictures';
import { ExplanationScore } from './ExplanationScore';

export const ExplanationCardFields = graphql(
  `
  fragment ExplanationCardFields on Explanation {
    ...ExplanationFields
    outcome {
      id
      kind
      trueLabel {
        name
      }
      predicted {
        name
      }
      point {
        id
        value
        sweep {
          id
          target
          transform {
            title
            unit
            identity
          }
        }
      }
    }
  }
`,
  [ExplanationFields],
);
type ExplanationCardData = ResultOf<typeof ExplanationCardFields>;

/** One saliency map with its story; leads to its sample. */
export function ExplanationCard({ explanation }: { explanation: ExplanationCardData }) {
  const { status, outcome } = explanation;
  const subject = outcome
    ? `a trojaned ${outcome.trueLabel.name} taken for ${outcome.predicted.name}`
    : 'a clean sample';
  return (
    <article className={classes.card}>
      {outcome && <Story outcome={outcome} />}
      {status === 'SUCCEEDED' ? (
        <>
          <ExplanationPictures explanation={explanation} subject={subject} />
          <ExplanationScore explanation={explanation} />
          <p className={classes.method}>{explanation.explainer.title}</p>
        </>
      ) : (
        <div className={classes.waiting}>
          <StatusMark status={status} />
          {isUnfinished(status) ? ' The map is on its way.' : ` ${explanation.job?.error?.message ?? ''}`}
        </div>
      )}
    </article>
  );
}

function Story({ outcome }: { outcome: NonNullable<ExplanationCardData['outcome']> }) {
  const { sweep } = outcome.point;
  return (
    <div className={classes.head}>
      <InternalLink
        className={classes.labels}
        href={links.sweep(sweep.id, { point: outcome.point.id, outcome: outcome.id })}
      >
        <KindMark kind={outcome.kind} /> {outcome.trueLabel.name} → {outcome.predicted.name}
      </InternalLink>
      <span className={classes.where}>{placeOf(outcome)}</span>
    </div>
  );
}
