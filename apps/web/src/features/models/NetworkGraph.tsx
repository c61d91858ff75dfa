import { Button, Modal } from '@mantine/core';
import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react';
import { count } from '../../format/count';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { Facts } from '../../ui/Facts';
import { Live } from '../../ui/livePage';
import { UnknownId } from '../../ui/UnknownId';
import classes from './NetworkGraph.module.css';
import { KIND_TITLES, kindOf, type NetworkKind } from './networkKinds';
import { type NetworkLayout, NODE, networkLayout } from './networkLayout';
import { useZoom, ZOOM_STEP } from './useZoom';

const NetworkGraphQuery = graphql(`
  query NetworkGraph($id: ID!) {
    node(id: $id) {
      ... on Model {
        width
        height
        network {
          channels
          nodes {
            op
            name
            shape
            parameters
            from
            attributes {
              name
              value
            }
            weights {
              name
              shape
            }
          }
        }
      }
    }
  }
`);
type Found = NonNullable<ResultOf<typeof NetworkGraphQuery>['node']>;
type Model = Extract<Found, { network: unknown }>;
type Network = NonNullable<Model['network']>;

interface NetworkGraphProps {
  modelId: string;
  name: string;
  onClose: () => void;
}

/** An imported network, drawn. A dialog, because it is as large as a window. */
export function NetworkGraph({ modelId, name, onClose }: NetworkGraphProps) {
  return (
    <Modal
      opened
      onClose={onClose}
      size="96vw"
      title={`Graph of ${name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Live query={NetworkGraphQuery} variables={{ id: modelId }} part={<p>Being laid out…</p>}>
        {({ node }) =>
          node && 'network' in node && node.network ? (
            <Graph network={node.network} images={`1×${channelsOf(node)}×${node.height}×${node.width}`} />
          ) : (
            <UnknownId what="model" />
          )
        }
      </Live>
    </Modal>
  );
}

const channelsOf = ({ network }: Model) => (network?.channels === 'grey' ? 1 : 3);

/** A node as it is drawn; the images are the first. */
interface Drawn {
  title: string;
  kind: NetworkKind;
  shape: string;
  /** Small below the title. */
  note: string;
  facts: readonly (readonly [string, string])[];
  takes: readonly number[];
}

function drawn({ channels, nodes }: Network, images: string): Drawn[] {
  return [
    {
      title: 'Images',
      kind: 'images',
      shape: images,
      note: channels === 'grey' ? 'grey' : channels.toUpperCase(),
      facts: [['Shape', images]],
      takes: [],
    },
    ...nodes.map(({ op, name, shape, parameters, from, attributes, weights }): Drawn => {
      const size = shape.join('×');
      return {
        title: op,
        kind: kindOf(op),
        shape: size,
        note: parameters > 0 ? `${count(parameters)} parameters` : '',
        facts: [
          ...(name ? [['Name', name] as const] : []),
          ['Makes', size],
          ...(parameters > 0 ? [['Parameters', count(parameters)] as const] : []),
          ...attributes.map(({ name, value }) => [name, value] as const),
          ...weights.map(
            ({ name, shape }) => [name, shape.length > 0 ? shape.join('×') : 'one number'] as const,
          ),
        ],
        takes: from.map((place) => place + 1),
      };
    }),
  ];
}

function Graph({ network, images }: { network: Network; images: string }) {
  const nodes = useMemo(() => drawn(network, images), [network, images]);
  const layout = useMemo(() => networkLayout(network.nodes.map(({ from }) => from)), [network]);
  const [chosen, setChosen] = useState(0);
  const buttons = useRef<(HTMLButtonElement | null)[]>([]);
  const { view, scale, zoom, fit } = useZoom(layout.width, layout.nodes[0]!.x);
  const goTo = (place: number) => {
    setChosen(place);
    buttons.current[place]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '+') zoom(ZOOM_STEP);
    else if (event.key === '-') zoom(1 / ZOOM_STEP);
    else {
      const next = nextPlace(event.key, chosen, nodes, layout);
      if (next === undefined) return;
      goTo(next);
    }
    event.preventDefault();
  };
  const kinds = (Object.keys(KIND_TITLES) as NetworkKind[]).filter((kind) =>
    nodes.some((node) => node.kind === kind),
  );
  return (
    <div className={classes.graph}>
      <div className={classes.bar}>
        <Button.Group>
          <Button variant="default" size="xs" onClick={() => zoom(1 / ZOOM_STEP)} aria-label="Zoom out">
            −
          </Button>
          <Button variant="default" size="xs" onClick={fit}>
            Fit
          </Button>
          <Button variant="default" size="xs" onClick={() => zoom(ZOOM_STEP)} aria-label="Zoom in">
            +
          </Button>
        </Button.Group>
        <ul className={classes.legend} aria-label="Legend">
          {kinds.map((kind) => (
            <li key={kind}>
              <span className={classes.swatch} data-kind={kind} />
              {KIND_TITLES[kind]}
            </li>
          ))}
        </ul>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the nodes inside, which have the focus */}
      <div className={classes.view} ref={view} onKeyDown={onKeyDown}>
        <div style={{ width: layout.width * scale, height: layout.height * scale }}>
          <div
            className={classes.plane}
            style={{ width: layout.width, height: layout.height, transform: `scale(${scale})` }}
          >
            <Edges layout={layout} nodes={nodes} chosen={chosen} />
            {nodes.map((node, place) => (
              <button
                key={place}
                ref={(button) => {
                  buttons.current[place] = button;
                }}
                type="button"
                className={classes.node}
                data-kind={node.kind}
                style={{
                  left: layout.nodes[place]!.x - NODE.width / 2,
                  top: layout.nodes[place]!.y,
                  width: NODE.width,
                  height: NODE.height,
                }}
                tabIndex={place === chosen ? 0 : -1}
                aria-pressed={place === chosen}
                aria-label={`${[placed(node, place), node.note].filter(Boolean).join(' ')}, ${node.shape}`}
                onClick={() => goTo(place)}
              >
                <span>{node.title}</span> <small>{node.note}</small>
              </button>
            ))}
          </div>
        </div>
      </div>
      <Chosen nodes={nodes} place={chosen} goTo={goTo} />
    </div>
  );
}

const placed = ({ title }: Drawn, place: number) => (place === 0 ? title : `${place} ${title}`);

/** Lines, and below each node the shape of what it makes. */
function Edges({
  layout,
  nodes,
  chosen,
}: {
  layout: NetworkLayout;
  nodes: readonly Drawn[];
  chosen: number;
}) {
  const arrow = useId();
  return (
    <svg className={classes.edges} width={layout.width} height={layout.height} aria-hidden="true">
      <defs>
        <marker
          id={arrow}
          markerUnits="userSpaceOnUse"
          viewBox="0 0 8 8"
          refX="8"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          orient="auto"
        >
          <path d="M0 0L8 4L0 8z" />
        </marker>
      </defs>
      {layout.edges.map(({ from, to, path }) => (
        <path
          key={`${from} ${to}`}
          d={path}
          className={classes.edge}
          data-chosen={from === chosen || to === chosen || undefined}
          markerEnd={`url(#${arrow})`}
        />
      ))}
      {nodes.map(({ shape }, place) => {
        const { x, y } = layout.nodes[place]!;
        return (
          <text key={place} className={classes.shape} x={x + 6} y={y + NODE.height + 15}>
            {shape}
          </text>
        );
      })}
    </svg>
  );
}

/** What there is to know of one node, and the way to those beside it. */
function Chosen({
  nodes,
  place,
  goTo,
}: {
  nodes: readonly Drawn[];
  place: number;
  goTo: (place: number) => void;
}) {
  const node = nodes[place]!;
  const takers = nodes.flatMap(({ takes }, taker) => (takes.includes(place) ? [taker] : []));
  const ways = (places: readonly number[]) => (
    <span className={classes.ways}>
      {places.map((other) => (
        <Button key={other} variant="default" size="compact-xs" onClick={() => goTo(other)}>
          {placed(nodes[other]!, other)}
        </Button>
      ))}
    </span>
  );
  return (
    <section className={classes.chosen} aria-label="Chosen node">
      <h3>
        <span className={classes.swatch} data-kind={node.kind} />
        {placed(node, place)}
      </h3>
      <Facts
        facts={[
          ...node.facts,
          ...(node.takes.length > 0 ? [['Takes', ways(node.takes)] as const] : []),
          ...(takers.length > 0
            ? [['Goes to', ways(takers)] as const]
            : [['Goes to', 'the answer'] as const]),
        ]}
      />
    </section>
  );
}

/** Where an arrow leads: along the lines, or to what stands beside; to the first or the last. */
function nextPlace(
  key: string,
  from: number,
  nodes: readonly Drawn[],
  { nodes: places }: NetworkLayout,
): number | undefined {
  if (key === 'Home') return 0;
  if (key === 'End') return nodes.length - 1;
  if (key === 'ArrowUp') return nodes[from]!.takes[0];
  if (key === 'ArrowDown') {
    const next = nodes.findIndex(({ takes }) => takes.includes(from));
    return next < 0 ? undefined : next;
  }
  if (key !== 'ArrowLeft' && key !== 'ArrowRight') return undefined;
  const { x, y } = places[from]!;
  const way = key === 'ArrowLeft' ? -1 : 1;
  const beside = [...places.keys()].filter(
    (place) =>
      (places[place]!.x - x) * way > NODE.width / 2 && Math.abs(places[place]!.y - y) < 6 * NODE.height,
  );
  const distance = (place: number) => Math.hypot(places[place]!.x - x, 2 * (places[place]!.y - y));
  return beside.sort((a, b) => distance(a) - distance(b))[0];
}
