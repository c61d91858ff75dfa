import { defineTransform, type Variant, type Warp } from './transform.js';

/** Paper sections 4.2 and 5.2: centres scattered on a ring; an image fills its blanks with what was shifted out. */
export const translation = defineTransform({
  title: 'Translation',
  description:
    'Moves the trigger, or the whole image, by a radius in a direction drawn for each sample. A trigger may leave the ' +
    'frame; an image wraps around. By whole pixels, which each outcome tells: below half a pixel nothing moves.',
  valueName: 'Radius',
  unit: 'px',
  minimum: 0,
  maximum: 48,
  identity: 0,
  defaultValues: [0, 1, 2, 3],
  plan(radiusPx, { height, width, target }, samples, random) {
    const wraps = target === 'IMAGE';
    const byShift = new Map<string, number>();
    const variants: Variant[] = [];
    const variantOf = new Int32Array(samples);
    for (let i = 0; i < samples; i++) {
      const angle = random.float() * 2 * Math.PI;
      const shiftXPx = Math.round(radiusPx * Math.cos(angle)) + 0;
      const shiftYPx = Math.round(radiusPx * Math.sin(angle)) + 0;
      const key = `${shiftXPx},${shiftYPx}`;
      let index = byShift.get(key);
      if (index === undefined) {
        const steps = [shift(shiftXPx, shiftYPx, height, width, wraps)];
        index = variants.push({ steps, parameters: { shiftXPx, shiftYPx } }) - 1;
        byShift.set(key, index);
      }
      variantOf[i] = index;
    }
    return { variants, variantOf };
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
