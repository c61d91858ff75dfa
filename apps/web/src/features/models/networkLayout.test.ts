import { expect, test } from 'vitest';
import { NODE, networkLayout } from './networkLayout';

/** Sources of nodes, each made by naming the nodes that it takes. */
function network(build: (node: (...sources: number[]) => number) => void): number[][] {
  const sources: number[][] = [];
  build((...taken) => sources.push(taken) - 1);
  return sources;
}
const line = (length: number) =>
  network((node) => {
    for (let last = -1, i = 0; i < length; i++) last = node(last);
  });
/** Blocks with a way around them, as a ResNet has. */
const residual = (blocks: number) =>
  network((node) => {
    let last = node(-1);
    for (let i = 0; i < blocks; i++) last = node(node(node(last)), last);
  });
/** Every node takes all before, as in a DenseNet's block. */
const dense = (count: number) =>
  network((node) => {
    const all = [-1];
    for (let i = 0; i < count; i++) all.push(node(...all));
  });

test('what goes straight on is one column, in its order', () => {
  const { nodes, edges } = networkLayout(line(20));
  expect(new Set(nodes.map(({ x }) => x)).size).toBe(1);
  for (const [i, { y }] of nodes.entries())
    if (i > 0) expect(y).toBeGreaterThanOrEqual(nodes[i - 1]!.y + NODE.height);
  expect(edges.map(({ from, to }) => [from, to])).toEqual(Array.from({ length: 20 }, (_, i) => [i, i + 1]));
});

test.each([
  ['a line', line(5)],
  ['blocks with ways around', residual(6)],
  ['all before', dense(9)],
  ['the images alone', []],
])('nothing overlaps, lines lead down and all is within: %s', (_, sources) => {
  const { nodes, edges, width, height } = networkLayout(sources);
  expect(nodes).toHaveLength(sources.length + 1);
  for (const [i, a] of nodes.entries()) {
    expect(a.x - NODE.width / 2).toBeGreaterThanOrEqual(0);
    expect(a.x + NODE.width / 2).toBeLessThanOrEqual(width);
    expect(a.y + NODE.height).toBeLessThanOrEqual(height);
    for (const b of nodes.slice(i + 1))
      expect(Math.abs(a.x - b.x) >= NODE.width || Math.abs(a.y - b.y) >= NODE.height).toBe(true);
  }
  expect(edges).toHaveLength(sources.flat().length);
  for (const { from, to, path } of edges) {
    const numbers = path.match(/-?[\d.]+/g)!.map(Number);
    const [start, end] = [numbers.slice(0, 2), numbers.slice(-2)];
    expect(start[0]).toBeCloseTo(nodes[from]!.x, 0);
    expect(start[1]).toBeCloseTo(nodes[from]!.y + NODE.height, 0);
    expect(end[0]).toBeCloseTo(nodes[to]!.x, 0);
    expect(end[1]).toBeCloseTo(nodes[to]!.y, 0);
    expect(end[1]).toBeGreaterThan(start[1]!);
    const heights = numbers.filter((_, i) => i % 2 === 1);
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
  }
});

test('a way around goes past what it goes around', () => {
  const { nodes, edges } = networkLayout(residual(1));
  // 1 goes to 2, 3 and 4; 4 takes 3 and 1.
  const around = edges.find(({ from, to }) => from === 1 && to === 4)!;
  const points = around.path.match(/-?[\d.]+ -?[\d.]+/g)!.map((point) => point.split(' ').map(Number));
  const beside = points.filter(([, y]) => y! >= nodes[2]!.y && y! <= nodes[3]!.y + NODE.height);
  expect(beside.length).toBeGreaterThan(1);
  for (const [x] of beside) expect(Math.abs(x! - nodes[2]!.x)).toBeGreaterThan(NODE.width / 2);
});
