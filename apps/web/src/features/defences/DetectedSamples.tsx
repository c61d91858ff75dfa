import { useState } from 'react';
import { count } from '../../format/count';
import { ImageFields } from '../../graphql/fragments';
import { graphql, type ResultOf, type VariablesOf } from '../../graphql/graphql';
import { links } from '../../lib/links';
import { Empty } from '../../ui/Empty';
import { InternalLink } from '../../ui/InternalLink';
import { Live } from '../../ui/livePage';
import { Pages } from '../../ui/Pages';
import { PixelImage } from '../../ui/PixelImage';
import classes from './DetectedSamples.module.css';
import type { Detection } from './detections';

const ImagesQuery = graphql(
  `
  query DetectedImages(
    $id: ID!
    $filter: DetectionImageFilter!
    $first: Int
    $last: Int
    $after: String
    $before: String
  ) {
    node(id: $id) {
      __typename
      ... on Detection {
        images(first: $first, last: $last, after: $after, before: $before, filter: $filter) {
          totalCount
          pageInfo {
            hasNextPage
            hasPreviousPage
            startCursor
            endCursor
          }
          nodes {
            id
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
              name
            }
          }
        }
      }
    }
  }
`,
  [ImageFields],
);
type Filter = VariablesOf<typeof ImagesQuery>['filter'];
type Judged = Extract<
  ResultOf<typeof ImagesQuery>['node'],
  { __typename: 'Detection' }
>['images']['nodes'][number];

const SHOWN = 24;

interface DetectedSamplesProps {
  detection: Detection;
  threshold: number;
  population: Filter['population'];
}

/** What a detector makes of the images at one threshold, the highest scores first. */
export function DetectedSamples({ detection, threshold, population }: DetectedSamplesProps) {
  const groups: readonly { title: string; note: string; filter: Filter }[] = [
    {
      title: 'Caught',
      note: 'trojaned and flagged',
      filter: { kind: 'TROJANED', atLeast: threshold, population },
    },
    {
      title: 'Missed',
      note: 'trojaned and not flagged',
      filter: { kind: 'TROJANED', below: threshold, population },
    },
    {
      title: 'False alarms',
      note: 'clean and flagged',
      filter: { kind: 'CLEAN', atLeast: threshold, population },
    },
  ];
  return groups.map((group) => (
    <Group
      key={`${group.title} ${detection.id} ${threshold} ${population}`}
      {...group}
      detection={detection}
    />
  ));
}

interface GroupProps {
  title: string;
  note: string;
  filter: Filter;
  detection: Detection;
}

function Group({ title, note, filter, detection }: GroupProps) {
  const [{ after, before }, go] = useState<{ after: string | null; before: string | null }>({
    after: null,
    before: null,
  });
  const part = before === null ? { first: SHOWN, after } : { last: SHOWN, before: before || null };
  return (
    <section aria-label={title} className={classes.group}>
      <Live query={ImagesQuery} variables={{ id: detection.id, filter, ...part }} part={<Empty>…</Empty>}>
        {({ node }) => {
          if (node?.__typename !== 'Detection') return null;
          const { nodes, totalCount, pageInfo } = node.images;
          return (
            <>
              <h3 className={classes.title}>
                {title} <span>{`${count(totalCount)} ${note}`}</span>
              </h3>
              <ul className={classes.tiles}>
                {nodes.map((image) => (
                  <Tile key={image.id} image={image} title={title} modelId={detection.model.id} />
                ))}
              </ul>
              <Pages info={pageInfo} shown={nodes.length} total={totalCount} onChange={go} />
            </>
          );
        }}
      </Live>
    </section>
  );
}

/** An image, what the model says of it, and its score; leads to a probe of the sample. */
function Tile({ image, title, modelId }: { image: Judged; title: string; modelId: string }) {
  const { image: picture, trueLabel, predicted, score, sample } = image;
  return (
    <li>
      <InternalLink
        href={links.probe({ model: modelId, sample: String(sample.index) })}
        className={classes.tile}
      >
        <PixelImage
          image={picture}
          thumbnail
          lazy
          alt={`${title}: ${trueLabel.name} taken for ${predicted.name}`}
        />
        <span className={classes.labels} aria-hidden>
          {trueLabel.name} → {predicted.name}
        </span>
        <span className={classes.score}>score {score.toPrecision(3)}</span>
      </InternalLink>
    </li>
  );
}
