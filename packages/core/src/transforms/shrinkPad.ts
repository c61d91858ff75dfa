import type { Box } from '../lib/images.js';
import { nearestPositions } from './affine.js';
import { defineTransform, type Variant, type Warp } from './transform.js';

/**
 * A purifier: shrunk, and put somewhere at random on black (Li, Y., Zhai, T., Jiang, Y., Li, Z., Xia, S.-T.: Backdoor
 * Attack in the Physical World (2021), section 4). NEAREST, as everything here is resized (docs/resolutions.md).
 */
export const shrinkPad = defineTransform({
  title: 'Shrink and pad',
  description:
    'Makes the trigger’s box, or the image, smaller by some pixels each way, and puts it back at a place drawn for each ' +
    'sample, with black around it. Proposed as a defence at inference. To whole pixels, at least one of which is left.',
  valueName: 'Shrunk by',
  unit: 'px',
  minimum: 0,
  maximum: 32,
  identity: 0,
  defaultValues: [0, 1, 2, 4, 6, 8],
  plan(value, { width, box }, samples, random) {
    const scaledHeightPx = Math.max(1, box.height - Math.round(value));
    const scaledWidthPx = Math.max(1, box.width - Math.round(value));
    const shrunk = shrinker(scaledHeightPx, scaledWidthPx, box, width);
    const byPlace = new Map<string, number>();
    const variants: Variant[] = [];
    const variantOf = Int32Array.from({ length: samples }, () => {
      // Both are drawn whatever the value, so that a sample keeps its relative place.
      const padLeftPx = Math.floor(random.float() * (box.width - scaledWidthPx + 1));
      const padTopPx = Math.floor(random.float() * (box.height - scaledHeightPx + 1));
      const key = `${padLeftPx},${padTopPx}`;
      const known = byPlace.get(key);
      if (known !== undefined) return known;
      const parameters = { scaledWidthPx, scaledHeightPx, padLeftPx, padTopPx };
      const index = variants.push({ steps: [shrunk(padTopPx, padLeftPx)], parameters }) - 1;
      byPlace.set(key, index);
      return index;
    });
    return { variants, variantOf };
  },
});

/** The warp that puts a box, made smaller, this far from the top and the left of where it was; `width` is the canvas's. */
export function shrinker(scaledHeight: number, scaledWidth: number, box: Box, width: number) {
  const rows = nearestPositions(box.height, scaledHeight);
  const columns = nearestPositions(box.width, scaledWidth);
  return (padTop: number, padLeft: number): Warp => ({
    wraps: false,
    sourceOf(y, x) {
      const row = rows[y - box.top - padTop];
      const column = columns[x - box.left - padLeft];
      if (row === undefined || column === undefined) return -1;
      return (box.top + row) * width + box.left + column;
    },
  });
}
