import { z } from 'zod';
import { integer, real } from '../lib/params.js';
import { defineAttack } from './attack.js';
import { createTrigger } from './trigger.js';
import { BENDS, bent, checkGrid, unbent } from './warp.js';

/** PyTorch's coefficient of cubic convolution. */
const CUBIC = -0.75;
/** The side of the images that the paper's strength is meant for, and all smaller ones. */
const REFERENCE_PX = 32;

/**
 * One smooth elastic warp for all images (sections 3.2 and 3.3). Noise mode (3.4): covers are bent by the same field with
 * noise of their own at each pixel, and keep their label, so that the network learns this field and not that something
 * was bent. On images above 32 px field and noise grow with the side (docs/resolutions.md).
 */
export const wanet = defineAttack({
  title: 'WaNet',
  description: 'The image itself bent a little, by one smooth field for all images.',
  paper: {
    citation: 'Nguyen, T. A., Tran, A. T.: WaNet – Imperceptible Warping-based Backdoor Attack (2021)',
    url: 'https://arxiv.org/abs/2102.10369',
  },
  parameters: z.strictObject({
    gridSize: integer(
      2,
      16,
      4,
      'k',
      'Points of the field’s grid along each side; between them it is smooth.',
    ),
    strength: real(0.01, 10, 0.5, 's', 'How far it bends: about half a pixel times s on images up to 32 px.'),
  }),
  poisonRate: 0.1,
  triggerTransforms: BENDS,
  training: {
    coverRatio: 2,
    stamp(images, { shape, arrays }, _, own) {
      const grid = arrays.grid!.values;
      return bent(
        images,
        own.map(({ cover, random }) =>
          cover
            ? grid.map((at, i) => within(at + (2 * random.float() - 1) / meantFor(sideAt(i, shape))))
            : grid,
        ),
      );
    },
  },
  checkParameters() {},
  checkArrays: checkGrid,
  createTrigger({ gridSize, strength }, { shape, random }) {
    const { height, width } = shape;
    const drawn = Float64Array.from({ length: gridSize ** 2 * 2 }, () => 2 * random.float() - 1);
    const mean = drawn.reduce((sum, value) => sum + Math.abs(value), 0) / drawn.length;
    const points = drawn.map((value) => value / mean);
    const identity = unbent(shape);
    const field = smooth(points, gridSize, height, width);
    const grid = Float32Array.from(field, (value, i) =>
      within(identity(i) + (strength * value) / meantFor(sideAt(i, shape))),
    );
    return createTrigger(shape, { grid: { shape: [height, width, 2], values: grid } });
  },
  stamp: (images, { arrays }) => bent(images, [arrays.grid!.values]),
});

const within = (at: number) => Math.min(1, Math.max(-1, at));
const sideAt = (i: number, { height, width }: { height: number; width: number }) => (i % 2 ? height : width);
const meantFor = (side: number) => Math.min(side, REFERENCE_PX);

/**
 * PyTorch's `interpolate(mode='bicubic', align_corners=True)`.
 * @param points [k·k·2]
 * @returns [h·w·2]
 */
export function smooth(points: Float64Array, k: number, height: number, width: number): Float64Array {
  const [rows, columns] = [cubicWeights(k, height), cubicWeights(k, width)];
  const field = new Float64Array(height * width * 2);
  rows.forEach((row, y) => {
    columns.forEach((column, x) => {
      for (const below of row)
        for (const right of column)
          for (const axis of [0, 1])
            field[2 * (y * width + x) + axis]! +=
              below.weight * right.weight * points[2 * (below.at * k + right.at) + axis]!;
    });
  });
  return field;
}

/** For each of `size` places along a line of `k` points: the four points around it, those beyond the ends being the ends. */
function cubicWeights(k: number, size: number): { at: number; weight: number }[][] {
  const near = (d: number) => ((CUBIC + 2) * d - (CUBIC + 3)) * d * d + 1;
  const far = (d: number) => ((CUBIC * d - 5 * CUBIC) * d + 8 * CUBIC) * d - 4 * CUBIC;
  return Array.from({ length: size }, (_, i) => {
    const place = size > 1 ? (i * (k - 1)) / (size - 1) : 0;
    const first = Math.floor(place);
    const d = place - first;
    return [far(d + 1), near(d), near(1 - d), far(2 - d)].map((weight, n) => ({
      at: Math.min(k - 1, Math.max(0, first - 1 + n)),
      weight,
    }));
  });
}
