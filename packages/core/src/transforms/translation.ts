import { defineTransform, type Warp } from './transform.js';

/** Paper sections 4.2 and 5.2: centres scattered on a ring; an image fills its blanks with what was shifted out. */
export const translation = defineTransform({
  title: 'Translation',
  description:
    'Moves the trigger, or the whole image, by a radius in a direction drawn for each sample. A trigger may leave the ' +
    'frame; an image wraps around.',
  valueName: 'Radius',
  unit: 'px',
  minimum: 0,
  maximum: 48,
  identity: 0,
  paperValues: [0, 1, 2, 3],
  plan(radiusPx, { height, width, target }, samples, random) {
    const wraps = target === 'IMAGE';
    const byShift = new Map<string, number>();
    const warps: Warp[] = [];
    const warpOf = new Int32Array(samples);
    for (let i = 0; i < samples; i++) {
      const angle = random.float() * 2 * Math.PI;
      const shiftXPx = Math.round(radiusPx * Math.cos(angle)) + 0;
      const shiftYPx = Math.round(radiusPx * Math.sin(angle)) + 0;
      const key = `${shiftXPx},${shiftYPx}`;
      let index = byShift.get(key);
      if (index === undefined) {
        index = warps.push(shift(shiftXPx, shiftYPx, height, width, wraps)) - 1;
        byShift.set(key, index);
      }
      warpOf[i] = index;
    }
    return { warps, warpOf };
  },
});

/** Right and down are positive. */
export function shift(
  shiftXPx: number,
  shiftYPx: number,
  height: number,
  width: number,
  wraps: boolean,
): Warp {
  const modulo = (value: number, size: number) => ((value % size) + size) % size;
  return {
    wraps,
    parameters: { shiftXPx, shiftYPx },
    sourceOf(y, x) {
      let sourceY = y - shiftYPx;
      let sourceX = x - shiftXPx;
      if (wraps) {
        sourceY = modulo(sourceY, height);
        sourceX = modulo(sourceX, width);
      } else if (sourceY < 0 || sourceX < 0 || sourceY >= height || sourceX >= width) return -1;
      return sourceY * width + sourceX;
    },
  };
}
