import { defineTransform, type Variant, type Warp } from './transform.js';

/** torchvision's `RandomHorizontalFlip`; at 100 % `PIL.ImageOps.mirror`. */
export const mirror = defineTransform({
  title: 'Mirror',
  description:
    'Mirrors the trigger about its own upright middle line, or the image, left to right, for this share of the samples; ' +
    'which of them is drawn.',
  valueName: 'Share mirrored',
  unit: '%',
  minimum: 0,
  maximum: 100,
  identity: 0,
  defaultValues: [0, 50, 100],
  plan(percent, { width, height, box }, samples, random) {
    const turned = (sourceX: (x: number) => number): Warp => ({
      wraps: false,
      sourceOf(y, x) {
        const column = sourceX(x);
        return y < 0 || column < 0 || y >= height || column >= width ? -1 : y * width + column;
      },
    });
    const mirrored = Array.from({ length: samples }, () => 100 * random.float() < percent);
    // Both kinds take a step, as the variants of a plan do.
    const variantOfKind = (mirrored: boolean): Variant => ({
      steps: [turned((x) => (mirrored ? 2 * box.left + box.width - 1 - x : x))],
      parameters: { mirrored: Number(mirrored) },
    });
    const kinds = [...new Set(mirrored)];
    return {
      variants: kinds.map(variantOfKind),
      variantOf: Int32Array.from(mirrored, (kind) => kinds.indexOf(kind)),
    };
  },
});
