import { Graph, layout } from '@dagrejs/dagre';

/** Of a node, and what is between it and the next, which holds a shape. */
export const NODE = { width: 172, height: 38 };
const GAP = 30;
const MARGIN = 16;

interface Point {
  x: number;
  y: number;
}

export interface NetworkLayout {
  width: number;
  height: number;
  /** The middle of the upper side of each node; the images are the first. */
  nodes: Point[];
  edges: { from: number; to: number; path: string }[];
}

/**
 * Where the nodes of a network are drawn, from above to below, and the lines between them. What goes straight on is laid
 * out as one: a deep network becomes a graph of some dozen boxes, and stays a column where it is one.
 * @param sources of each node the nodes that it takes, by their places; −1 is the images
 * @returns nodes and edges by places that begin at the images: 0 is the images, 1 the first node
 */
export function networkLayout(sources: readonly (readonly number[])[]): NetworkLayout {
  const from = [[], ...sources.map((places) => places.map((place) => place + 1))];
  const chains = chainsOf(from);
  const chainOf = new Map(chains.flatMap((chain, i) => chain.map((place) => [place, i] as const)));

  const graph = new Graph();
  graph.setGraph({ ranksep: 2 * GAP, nodesep: 24, edgesep: 14, marginx: MARGIN, marginy: MARGIN });
  for (const [i, { length }] of chains.entries())
    graph.setNode(String(i), { width: NODE.width, height: length * (NODE.height + GAP) - GAP });
  const between = from.flatMap((places, to) => places.map((place) => ({ from: place, to })));
  const across = between.filter(({ from, to }) => chainOf.get(from) !== chainOf.get(to));
  for (const { from, to } of across)
    graph.setEdge(String(chainOf.get(from)), String(chainOf.get(to)), { points: [] });
  layout(graph);

  const nodes: Point[] = [];
  /** What stands beside one another has its middles at one height. */
  const tallest = new Map<number, number>();
  for (const [i, chain] of chains.entries()) {
    const { x = 0, y = 0, height } = graph.node(String(i));
    tallest.set(y, Math.max(tallest.get(y) ?? 0, height));
    for (const [step, place] of chain.entries())
      nodes[place] = { x, y: y - height / 2 + step * (NODE.height + GAP) };
  }
  const edges = between.map(({ from, to }) => {
    const start = { x: nodes[from]!.x, y: nodes[from]!.y + NODE.height };
    const [a, b] = [String(chainOf.get(from)), String(chainOf.get(to))];
    const bends = a === b ? [] : (graph.edge(a, b).points as Point[]).slice(1, -1);
    // Straight past what it goes by.
    const way = bends.flatMap(({ x, y }) => {
      const half = (tallest.get(y) ?? 0) / 2;
      return half > 0 ? [y - half, y + half].map((y) => ({ x, y })) : [{ x, y }];
    });
    return { from, to, path: smooth([start, ...way, nodes[to]!]) };
  });
  const { width = 0, height = 0 } = graph.graph();
  return { width, height, nodes, edges };
}

/** Runs of nodes of which each takes the one before alone, and is the only one that does. */
function chainsOf(from: readonly (readonly number[])[]): number[][] {
  const takers = from.map(() => 0);
  for (const places of from) for (const place of places) takers[place]!++;
  const chains: number[][] = [];
  const endingAt = new Map<number, number[]>();
  for (const [to, places] of from.entries()) {
    const [only, ...more] = places;
    const before =
      only !== undefined && more.length === 0 && takers[only] === 1 ? endingAt.get(only) : undefined;
    const chain = before ?? chains[chains.push([]) - 1]!;
    chain.push(to);
    endingAt.set(to, chain);
  }
  return chains;
}

/** A line through points that is rounded at all but its ends. */
function smooth(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.pop()!;
  const at = ({ x, y }: Point) => `${round(x)} ${round(y)}`;
  const bends = rest.map((bend, i) => {
    const next = rest[i + 1] ?? last;
    return `Q${at(bend)} ${at({ x: (bend.x + next.x) / 2, y: (bend.y + next.y) / 2 })}`;
  });
  return `M${at(first!)}${bends.join('')}L${at(last)}`;
}
const round = (value: number) => Math.round(value * 10) / 10;
