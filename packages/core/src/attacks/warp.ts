import { z } from 'zod';
import { tf } from '../lib/backend.js';
import { type ImageShape, roundTo8Bits } from '../lib/images.js';
import { choice, fileName, real } from '../lib/params.js';
import { defineAttack } from './attack.js';
import { createTrigger, type Trigger } from './trigger.js';
import { damagedIn, readNpy, requireFiles } from './triggerFiles.js';

/** A grid that is whole to this is one that says where, not how far. */
const CORNER = 0.5;

/** Why what bends images has no trigger transforms. */
export const BENDS = {
  refusal: 'A warp bends the image that it is put on: there is no layer to transform. Transform the image.',
};

/**
 * The image itself, bent: each pixel shows what is elsewhere in it. Grids are PyTorch's, as WaNet saves them:
 * `grid_sample(…, align_corners=True)`, x before y, −1 and 1 the middles of the outermost pixels; what is beyond them is
 * brought back to them (`torch.clamp(grid, -1, 1)` in WaNet's code).
 */
export const warp = defineAttack({
  title: 'Warp',
  description: 'The image itself bent a little, by a field that came with a model from elsewhere.',
  paper: {
    citation: 'Nguyen, T. A., Tran, A. T.: WaNet – Imperceptible Warping-based Backdoor Attack (2021)',
    url: 'https://arxiv.org/abs/2102.10369',
  },
  parameters: z.strictObject({
    field: fileName('The field: .npy [h,w,2] or [1,h,w,2], x before y, in half widths and heights.'),
    kind: choice(
      ['displacement', 'grid'],
      'displacement',
      'Displacement: how far away each pixel looks, WaNet’s noise_grid. Grid: where, what grid_sample takes.',
    ),
    scale: real(0, 1_000, 1, '', 'What a displacement is multiplied by: WaNet’s s / height.'),
  }),
  poisonRate: 0.1,
  triggerTransforms: BENDS,
  imported: true,
  checkParameters() {},
  checkArrays: checkGrid,
  async createTrigger({ field, kind, scale }, context) {
    const { shape } = context;
    const { height, width } = shape;
    const files = requireFiles(context.files);
    const { shape: came, values } = await readNpy(files, field, 'field');
    if (`${came}` !== `${[height, width, 2]}` && `${came}` !== `${[1, height, width, 2]}`)
      throw damagedIn(files, field, `expected shape [${height},${width},2], got [${came}]`);
    const last = values.length - 1;
    const ends = [values[0]!, values[1]!, -values[last - 1]!, -values[last]!];
    const looksWhole = ends.every((value) => Math.abs(value + 1) < CORNER);
    if (kind === 'displacement' && looksWhole)
      throw damagedIn(files, field, 'it runs from −1 to 1, so it is a whole grid: say kind grid');
    const identity = unbent(shape);
    if (kind === 'grid') {
      const wrong = values.find((value) => Math.abs(value) > 1 + 1e-6);
      if (wrong !== undefined)
        throw damagedIn(files, field, `expected a grid from −1 to 1, as WaNet clamps it, got ${wrong}`);
    }
    const grid = Float32Array.from(values, (value, i) =>
      Math.min(1, Math.max(-1, kind === 'grid' ? value : identity(i) + scale * value)),
    );
    if (grid.every((value, i) => Math.abs(value - identity(i)) < 1e-6))
      throw damagedIn(files, field, 'it moves nothing');
    return createTrigger(shape, { grid: { shape: [height, width, 2], values: grid } });
  },
  stamp: (images, { arrays }) => bent(images, [arrays.grid!.values]),
});

/** A grid that anybody may have made. @throws RangeError */
export function checkGrid(
  { arrays, images }: Pick<Trigger, 'arrays' | 'images'>,
  { height, width }: ImageShape,
): void {
  const { grid, ...rest } = arrays;
  if (!grid || Object.keys(rest).length + Object.keys(images ?? {}).length > 0)
    throw new RangeError('expected an array grid, and no other');
  if (`${grid.shape}` !== `${[height, width, 2]}`)
    throw new RangeError(`grid: expected shape [${height},${width},2], got [${grid.shape}]`);
  if (grid.values.some((value) => Math.abs(value) > 1))
    throw new RangeError('grid: expected numbers from -1 to 1');
}

/** The grid that moves nothing: for place i of [h,w,2] where it looks, x before y. */
export const unbent =
  ({ height, width }: ImageShape) =>
  (i: number): number => {
    const [side, at] = i % 2 ? [height, Math.floor(i / 2 / width)] : [width, Math.floor(i / 2) % width];
    return side > 1 ? (2 * at) / (side - 1) - 1 : 0;
  };

/**
 * What images show where grids point, bilinearly.
 * @param images [n,h,w,c] in [0,1]
 * @param grids [h·w·2] in [-1,1], one for all images or one for each
 * @returns [n,h,w,c] in [0,1], rounded to 8 bits
 */
export function bent(images: tf.Tensor4D, grids: readonly Float32Array[]): tf.Tensor4D {
  const [count, height, width, channels] = images.shape;
  const size = height * width;
  const places = grids.length * size;
  // Each of the four pixels around a place, by how near it is.
  const corners = [0, 1, 2, 3].map(() => ({
    from: new Int32Array(places),
    weight: new Float32Array(places),
  }));
  grids.forEach((grid, i) => {
    for (let pixel = 0; pixel < size; pixel++) {
      const x = ((grid[2 * pixel]! + 1) / 2) * (width - 1);
      const y = ((grid[2 * pixel + 1]! + 1) / 2) * (height - 1);
      const [left, top] = [Math.floor(x), Math.floor(y)];
      corners.forEach(({ from, weight }, corner) => {
        const [right, below] = [corner & 1, corner >> 1];
        const column = Math.min(width - 1, left + right);
        from[i * size + pixel] = i * size + Math.min(height - 1, top + below) * width + column;
        weight[i * size + pixel] = (right ? x - left : 1 - x + left) * (below ? y - top : 1 - y + top);
      });
    }
  });
  return tf.tidy(() => {
    const flat = tf.reshape(images, [grids.length === 1 ? count : 1, -1, channels]);
    const parts = corners.map(({ from, weight }) =>
      tf.mul(tf.gather(flat, tf.tensor1d(from, 'int32'), 1), tf.tensor3d(weight, [1, places, 1])),
    );
    return roundTo8Bits(tf.reshape(tf.addN(parts), [count, height, width, channels]) as tf.Tensor4D);
  });
}
