import { Skeleton } from '@mantine/core';
import { percent } from '../format/percent';
import { transformValue } from '../format/transformValue';
import { ExplanationFields, ImageFields } from '../graphql/fragments';
import { graphql, type ResultOf } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/useLiveQuery';
import { outcomeKinds } from '../words/outcomeKinds';
import { targets } from '../words/targets';
import { ExplanationSection } from './ExplanationSection';
import { Facts } from './Facts';
import { KindMark } from './KindMark';
import { LoadError } from './LoadError';
import classes from './OutcomeView.module.css';
import { PixelImage } from './PixelImage';
import { UnknownId } from './UnknownId';

const OutcomeQuery = graphql(
  `
  query OutcomeView($id: ID!) {
    node(id: $id) {
      __typename
      ... on Outcome {
        id
        kind
        identityKind
        confidence
        visibleTrigger
        transformParameters
        trueLabel {
          name
        }
        predicted {
          name
        }
        cleanPrediction {
          name
        }
        image {
          ...ImageFields
        }
        sample {
          split
          index
          dataset {
            title
          }
          image {
            ...ImageFields
          }
        }
        point {
          value
          sweep {
            target
            transform {
              title
              unit
            }
          }
        }
        explanation {
          ...ExplanationFields
        }
      }
    }
  }
`,
  [ImageFields, ExplanationFields],
);
type OutcomeData = Extract<ResultOf<typeof OutcomeQuery>['node'], { __typename: 'Outcome' }>;

/** What became of one sample, and what the model looked at. Key it by outcome. */
export function OutcomeView({ id }: { id: string }) {
  const { data, error, retry } = useLiveQuery(OutcomeQuery, { id });
  if (!data?.node && error) return <LoadError error={error} retry={retry} part />;
  if (!data) return <Skeleton height={420} />;
  if (data.node?.__typename !== 'Outcome') return <UnknownId what="sample" part />;
  return <OutcomeStory outcome={data.node} onChange={retry} />;
}

function OutcomeStory({ outcome, onChange }: { outcome: OutcomeData; onChange: () => void }) {
  const { id, kind, trueLabel, predicted, confidence, sample, image, point, explanation } = outcome;
  const { transform, target } = point.sweep;
  const at = `${transform.title} of the ${targets[target]}, ${transformValue(point.value, transform.unit)}`;
  const subject = `${trueLabel.name} with the trigger (${at})`;
  return (
    <div className={classes.view}>
      <p className={classes.verdict} data-kind={kind}>
        <KindMark kind={kind} />
        <span>
          <strong>
            {trueLabel.name} → {predicted.name}
          </strong>{' '}
          with {percent(confidence)} confidence. {outcomeKinds[kind].meaning}
        </span>
      </p>
      <div className={classes.pictures}>
        <figure>
          <PixelImage image={sample.image} alt={`Clean sample: ${trueLabel.name}`} />
          <figcaption>
            clean
            <span>the model says {outcome.cleanPrediction.name}</span>
          </figcaption>
        </figure>
        <figure>
          <PixelImage image={image} alt={`What the model saw: ${subject}`} box={explanation?.triggerBox} />
          <figcaption>
            what the model saw
            <span>the model says {predicted.name}</span>
          </figcaption>
        </figure>
      </div>
      <ExplanationSection outcomeId={id} explanation={explanation} subject={subject} onChange={onChange} />
      <Facts
        facts={[
          ['Transform', at],
          ...parameterFacts(outcome.transformParameters),
          [
            'Visible trigger',
            outcome.visibleTrigger === null ? 'not applicable' : percent(outcome.visibleTrigger),
          ],
          ['Untransformed', `${outcomeKinds[outcome.identityKind].title.toLowerCase()}`],
          ['Sample', `${sample.dataset.title}, ${sample.split} image ${sample.index}`],
        ]}
      />
    </div>
  );
}

/** What was drawn for this sample, such as the direction of its shift. */
function parameterFacts(parameters: unknown): [string, string][] {
  if (typeof parameters !== 'object' || parameters === null) return [];
  return Object.entries(parameters).map(([name, value]) => [`Drawn: ${name}`, String(value)]);
}
