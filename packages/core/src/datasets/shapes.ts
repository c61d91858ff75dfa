import type { ImageShape } from '../lib/images.js';
import { createRandom, type Random } from '../lib/random.js';
import { defineDataset, splitOf } from './dataset.js';

const shape: ImageShape = { height: 28, width: 28, channels: 1 };
const counts = { train: 2_000, test: 500 };

/** Four shapes at random places in random sizes: learnt in seconds, for tests and for trying things out. */
export const shapes = defineDataset({
  title: 'Shapes',
  description: 'Generated squares, discs, crosses and frames on a dark canvas: learnt in seconds.',
  source: { citation: 'Drawn by this program.', url: '' },
  shape,
  resizable: false,
  classNames: ['square', 'disc', 'cross', 'frame'],
  counts,
  async load(split) {
    const random = createRandom(`shapes/${split}`);
    const count = counts[split];
    const pixels = new Uint8Array(count * shape.height * shape.width);
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 4);
    for (let i = 0; i < count; i++) {
      const size = shape.height * shape.width;
      draw(pixels.subarray(i * size, (i + 1) * size), labels[i]!, random);
    }
    return splitOf(pixels, labels, shape);
  },
});

function draw(canvas: Uint8Array, label: number, random: Random): void {
  const radius = 4 + random.integer(5);
  const centreX = 10 + random.integer(8);
  const centreY = 10 + random.integer(8);
  const ink = 150 + random.integer(106);
  const inside = [
    (x: number, y: number) => Math.max(Math.abs(x), Math.abs(y)) <= radius,
    (x: number, y: number) => x * x + y * y <= radius * radius,
    (x: number, y: number) =>
      Math.min(Math.abs(x), Math.abs(y)) <= 1 && Math.max(Math.abs(x), Math.abs(y)) <= radius,
    (x: number, y: number) => Math.abs(Math.max(Math.abs(x), Math.abs(y)) - radius) <= 1,
  ][label]!;
  for (let y = 0; y < shape.height; y++) {
    for (let x = 0; x < shape.width; x++) {
      const noise = random.integer(40);
      canvas[y * shape.width + x] = inside(x - centreX, y - centreY) ? ink - noise : noise;
    }
  }
}
