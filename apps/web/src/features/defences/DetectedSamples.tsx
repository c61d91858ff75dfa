import { useRef, useState } from 'react';
import { count } from '../../format/count';
import { ImageFields } from '../../graphql/fragments';
import { graphql, type ResultOf, type VariablesOf } from '../../graphql/graphql';
import { Empty } from '../../ui/Empty';
import { Live } from '../../ui/livePage';
import { Pages } from '../../ui/Pages';
import { PixelImage } from '../../ui/PixelImage';
import { useAddress } from '../../ui/useAddress';
import classes from './DetectedSamples.module.css';
import type { Detection } from './detections';
import { ViewsDrawer } from './ViewsDrawer';

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

/** What a detector makes of the images at one threshold, the highest scores first; each opens what was asked about it. */
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
  const { get, change } = useAddress();
  const opened = useRef(false);
  const imageId = get('image');
  const open = (image: string) => {
    change({ image });
    opened.current = true;
  };
  // Opening was an entry of the history; closing takes it back.
  const close = () => {
    if (opened.current) history.back();
    else change({ image: null }, 'replace');
    opened.current = false;
  };
  return (
    <>
      {groups.map((group) => (
        <Group
          key={`${group.title} ${detection.id} ${threshold} ${population}`}
          {...group}
          detectionId={detection.id}
          onOpen={open}
        />
      ))}
      <ViewsDrawer imageId={imageId} detection={detection} threshold={threshold} onClose={close} />
    </>
  );
}

interface GroupProps {
  title: string;
  note: string;
  filter: Filter;
  detectionId: string;
  onOpen: (imageId: string) => void;
}

function Group({ title, note, filter, detectionId, onOpen }: GroupProps) {
  const [{ after, before }, go] = useState<{ after: string | null; before: string | null }>({
    after: null,
    before: null,
  });
  const part = before === null ? { first: SHOWN, after } : { last: SHOWN, before: before || null };
  return (
    <section aria-label={title} className={classes.group}>
      <Live query={ImagesQuery} variables={{ id: detectionId, filter, ...part }} part={<Empty>…</Empty>}>
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
                  <Tile key={image.id} image={image} title={title} onOpen={() => onOpen(image.id)} />
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

/** An image, what the model says of it, and its score. */
function Tile({ image, title, onOpen }: { image: Judged; title: string; onOpen: () => void }) {
  const { image: picture, trueLabel, predicted, score } = image;
  return (
    <li>
      <button type="button" aria-haspopup="dialog" onClick={onOpen} className={classes.tile}>
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
      </button>
    </li>
  );
}
