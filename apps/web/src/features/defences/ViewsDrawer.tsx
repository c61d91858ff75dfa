import { Button, Drawer, Skeleton } from '@mantine/core';
import { useState } from 'react';
import { useQuery } from 'urql';
import { counted } from '../../format/count';
import { percent } from '../../format/percent';
import { ImageFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { links } from '../../lib/links';
import { InternalLink } from '../../ui/InternalLink';
import { LoadError } from '../../ui/LoadError';
import { PixelImage } from '../../ui/PixelImage';
import { UnknownId } from '../../ui/UnknownId';
import { type Detection, nameOf } from './detections';
import classes from './ViewsDrawer.module.css';
import { type DetectionView, type ViewRow, viewRows } from './viewRows';

export const ViewsQuery = graphql(
  `
  query DetectionViews($id: ID!) {
    node(id: $id) {
      __typename
      ... on DetectionImage {
        id
        kind
        score
        image {
          ...ImageFields
        }
        sample {
          index
        }
        trueLabel {
          name
        }
        predicted {
          index
          name
        }
        views {
          text
          confidence
          entropy
          steps {
            transform
            value
            overlay {
              index
            }
          }
          image {
            ...ImageFields
          }
          predicted {
            index
            name
          }
        }
      }
    }
  }
`,
  [ImageFields],
);
type SeenImage = Extract<ResultOf<typeof ViewsQuery>['node'], { __typename: 'DetectionImage' }>;

interface ViewsProps {
  detection: Detection;
  threshold: number;
}

interface ViewsDrawerProps extends ViewsProps {
  /** What is looked at; null where nothing is. */
  imageId: string | null;
  onClose: () => void;
}

/** Beside the page: the very pictures that a detector asked the model about, and what it answered. */
export function ViewsDrawer({ imageId, onClose, ...how }: ViewsDrawerProps) {
  return (
    <Drawer
      opened={imageId !== null}
      onClose={onClose}
      position="right"
      size="min(860px, 100%)"
      title="What the detector asked about"
      overlayProps={{ backgroundOpacity: 0.25 }}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {imageId && <Views key={imageId} id={imageId} {...how} />}
    </Drawer>
  );
}

function Views({ id, ...how }: ViewsProps & { id: string }) {
  // Not live: it is made when it is looked at, and always comes out the same.
  const [{ data, error }, ask] = useQuery({ query: ViewsQuery, variables: { id } });
  if (error) return <LoadError error={error} retry={() => ask({ requestPolicy: 'network-only' })} part />;
  if (!data) return <Skeleton height={420} />;
  if (data.node?.__typename !== 'DetectionImage') return <UnknownId what="image" part />;
  return <Story image={data.node} views={data.node.views ?? []} {...how} />;
}

interface StoryProps extends ViewsProps {
  image: SeenImage;
  views: readonly DetectionView[];
}

function Story({ image: seen, views, detection, threshold }: StoryProps) {
  const { image, kind, sample, trueLabel, predicted, score } = seen;
  const { detector, model } = detection;
  const trojaned = kind === 'TROJANED';
  const flagged = score >= threshold;
  const changed = views.filter((view) => view.predicted.index !== predicted.index).length;
  const asked = views.filter(({ steps }) => steps.length > 0).length;
  return (
    <>
      <div className={classes.head}>
        <div className={classes.picture}>
          <PixelImage image={image} alt={`${trojaned ? 'Trojaned' : 'Clean'}: ${trueLabel.name}`} />
        </div>
        <div>
          <h3 className={classes.verdict}>{verdictOf(trojaned, flagged)}</h3>
          <p className={classes.facts}>
            {trojaned ? 'Trojaned' : 'Clean'} test image {sample.index}, {trueLabel.name}: taken for{' '}
            {predicted.name} as it is.
          </p>
          <p className={classes.facts}>
            Score {score.toPrecision(4)}, {flagged ? 'at least' : 'below'} the threshold of{' '}
            {threshold.toPrecision(4)}. {changed} of {counted(asked, 'changed copy', 'changed copies')}{' '}
            {changed === 1 ? 'is' : 'are'} taken for another class (≠).
            {!detector.labelsOnly && ` Mean entropy ${bits(meanOf(views))}.`}
          </p>
          <p className={classes.facts}>
            {nameOf(detection)}.{' '}
            <InternalLink href={links.probe({ model: model.id, sample: String(sample.index) })}>
              Probe this sample
            </InternalLink>
          </p>
        </div>
      </div>
      {views.some(({ text }) => text.endsWith(' added')) && (
        <p className={classes.note}>What adding an image makes brighter than white is shown white.</p>
      )}
      {viewRows(views).map((row, place) => (
        <Row key={place} row={row} as={predicted.index} entropies={!detector.labelsOnly} />
      ))}
    </>
  );
}

const verdictOf = (trojaned: boolean, flagged: boolean): string => {
  if (trojaned) return flagged ? 'Caught' : 'Missed';
  return flagged ? 'False alarm' : 'Rightly let through';
};

const meanOf = (views: readonly DetectionView[]) =>
  views.reduce((sum, { entropy }) => sum + entropy, 0) / views.length;
const bits = (nats: number) => `${(nats / Math.LN2).toFixed(3)} bits`;

/** At first; a hundred are a lot to look at. */
const SHOWN = 24;

interface RowProps {
  row: ViewRow<DetectionView>;
  /** The label of the image as it is. */
  as: number;
  /** Whether entropies count. */
  entropies: boolean;
}

function Row({ row: { title, views }, as, entropies }: RowProps) {
  const [all, showAll] = useState(false);
  const shown = all ? views : views.slice(0, SHOWN);
  return (
    <section aria-label={title ?? 'Views'} className={classes.row}>
      {title && (
        <h4 className={classes.title}>
          {title} <span>{shown.length < views.length && `${shown.length} of ${views.length}`}</span>
        </h4>
      )}
      <ol className={classes.views}>
        {shown.map((view, place) => (
          <View key={place} view={view} changed={view.predicted.index !== as} entropies={entropies} />
        ))}
      </ol>
      {shown.length < views.length && (
        <Button mt="xs" size="compact-sm" variant="default" onClick={() => showAll(true)}>
          Show all {views.length}
        </Button>
      )}
    </section>
  );
}

interface ViewProps {
  view: DetectionView;
  changed: boolean;
  entropies: boolean;
}

/** A picture with how it was made and what the model says of it. */
function View({ view, changed, entropies }: ViewProps) {
  const { text, image, predicted, confidence, entropy } = view;
  return (
    <li className={classes.view} data-changed={changed || undefined}>
      <PixelImage image={image} lazy alt={`${text}: taken for ${predicted.name}`} />
      <span className={classes.text}>{text}</span>
      <span className={classes.answer} title={predicted.name}>
        {changed && '≠ '}
        {predicted.name}
      </span>
      <span className={classes.small}>{percent(confidence, 100)}</span>
      {entropies && <span className={classes.small}>{bits(entropy)}</span>}
    </li>
  );
}
