import { Skeleton } from '@mantine/core';
import { percent } from '../../format/percent';
import { ExplanationFields, ImageFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { links } from '../../lib/links';
import { outcomeKinds } from '../../lib/outcomeKinds';
import { targets, transformValue } from '../../lib/sweep';
import { Facts } from '../../ui/Facts';
import { InternalLink } from '../../ui/InternalLink';
import { KindMark } from '../../ui/KindMark';
import { Live } from '../../ui/livePage';
import { PanelExport } from '../../ui/PanelExport';
import { UnknownId } from '../../ui/UnknownId';
import { ExplanationSection } from '../explanations/ExplanationSection';
import classes from './OutcomeView.module.css';
import { SampleStrip, StripFields } from './SampleStrip';
import { SwipeImage } from './SwipeImage';
import { samplePicture, sampleTable } from './sample';
import { ZoomControl, ZoomGroup, ZoomImage } from './Zoom';

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
            id
            target
            model {
              id
            }
            transform {
              id
              title
              unit
              identity
            }
          }
        }
        acrossValues {
          ...StripFields
        }
        acrossModels {
          ...StripFields
        }
        explanation {
          ...ExplanationFields
        }
      }
    }
  }
`,
  [ImageFields, StripFields, ExplanationFields],
);
type OutcomeData = Extract<ResultOf<typeof OutcomeQuery>['node'], { __typename: 'Outcome' }>;

/** What became of one sample, and what the model looked at. Key it by outcome. */
export function OutcomeView({ id }: { id: string }) {
  return (
    <Live query={OutcomeQuery} variables={{ id }} part={<Skeleton height={420} />}>
      {({ node }, retry) =>
        node?.__typename === 'Outcome' ? (
          <OutcomeStory outcome={node} onChange={retry} />
        ) : (
          <UnknownId what="sample" part />
        )
      }
    </Live>
  );
}

function OutcomeStory({ outcome, onChange }: { outcome: OutcomeData; onChange: () => void }) {
  const { id, kind, trueLabel, predicted, confidence, sample, point, explanation } = outcome;
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
        <PanelExport
          source={{
            name: `sample-${sample.index}`,
            query: OutcomeQuery,
            variables: { id },
            table: () => sampleTable(outcome),
            picture: () =>
              samplePicture(
                `${trueLabel.name}, ${sample.split} image ${sample.index}: ${at}`,
                transform.unit,
                outcome,
              ),
          }}
        />
      </p>
      <ZoomGroup>
        <ZoomControl />
        <Pictures outcome={outcome} subject={subject} />
        <SampleStrip
          title="The same sample across values"
          outcomes={outcome.acrossValues}
          currentId={id}
          wordOf={(one) => transformValue(one.point.value, transform.unit)}
          addressOf={(one) => links.outcomes(one.point.id, { outcome: one.id })}
        />
        {outcome.acrossModels.length > 1 && (
          <SampleStrip
            title={`The same sample across models, ${transformValue(point.value, transform.unit)}`}
            outcomes={outcome.acrossModels}
            currentId={id}
            wordOf={(one) => one.point.sweep.model.name}
            addressOf={(one) => links.outcomes(one.point.id, { outcome: one.id })}
          />
        )}
      </ZoomGroup>
      <p className={classes.links}>
        <InternalLink href={links.explanations({ outcomes: id })}>
          Its explanations, side by side
        </InternalLink>
        <InternalLink
          href={links.probe({
            model: point.sweep.model.id,
            sample: String(sample.index),
            transform: transform.id,
            target,
            value: String(point.value),
          })}
        >
          Probe it: move the transform by hand
        </InternalLink>
      </p>
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

/** Clean, trojaned where that is another, and as the model saw it. */
function Pictures({ outcome, subject }: { outcome: OutcomeData; subject: string }) {
  const { id, trueLabel, predicted, confidence, sample, image, point, explanation } = outcome;
  const trojaned = outcome.acrossValues.find((one) => one.point.value === point.sweep.transform.identity);
  return (
    <div className={classes.pictures}>
      <figure>
        <ZoomImage image={sample.image} alt={`Clean sample: ${trueLabel.name}`} />
        <figcaption>
          clean
          <span>the model says {outcome.cleanPrediction.name}</span>
        </figcaption>
      </figure>
      {trojaned && trojaned.id !== id && (
        <figure>
          <ZoomImage image={trojaned.image} alt={`Trojaned, untransformed: ${trueLabel.name}`} />
          <figcaption>
            trojaned
            <span>
              the model says {trojaned.predicted.name}, {percent(trojaned.confidence)}
            </span>
          </figcaption>
        </figure>
      )}
      <figure>
        <ZoomImage image={image} alt={`What the model saw: ${subject}`} box={explanation?.triggerBox} />
        <figcaption>
          {trojaned?.id === id ? 'trojaned' : 'transformed'}
          <span>
            the model says {predicted.name}, {percent(confidence)}
          </span>
        </figcaption>
      </figure>
      <SwipeImage
        left={{ image: sample.image, word: 'clean' }}
        right={{ image, word: 'what the model saw' }}
      />
    </div>
  );
}

/** What was drawn for this sample, such as the direction of its shift. */
function parameterFacts(parameters: unknown): [string, string][] {
  if (typeof parameters !== 'object' || parameters === null) return [];
  return Object.entries(parameters).map(([name, value]) => [`Drawn: ${name}`, String(value)]);
}
