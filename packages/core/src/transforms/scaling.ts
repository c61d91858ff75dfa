import { nearestPositions, roundHalfToEven } from './affine.js';
import { defineTransform, sameForAll } from './transform.js';

/**
 * Paper section 4.2: `PIL.Image.resize(NEAREST)`; cropped at the centre when it grew, padded with black when it shrank.
 * A trigger scales about its own centre. Crop and paste offsets are the floor of half the difference (docs/resolutions.md).
 */
export const scaling = defineTransform({
  title: 'Scaling',
  description:
    'Resizes the trigger about its own centre, or the image about the middle of the frame: cropped to the frame when ' +
    'it grows, with black around it when it shrinks. To whole pixels, which each outcome tells.',
  valueName: 'Factor',
  unit: '×',
  minimum: 0.1,
  maximum: 3,
  identity: 1,
  defaultValues: [0.8, 1, 1.2],
  plan(factor, { width, box }, samples) {
    const scaledHeight = Math.max(1, roundHalfToEven(box.height * factor));
    const scaledWidth = Math.max(1, roundHalfToEven(box.width * factor));
    const top = box.top + Math.trunc((box.height - scaledHeight) / 2);
    const left = box.left + Math.trunc((box.width - scaledWidth) / 2);
    const rows = nearestPositions(box.height, scaledHeight);
    const columns = nearestPositions(box.width, scaledWidth);
    return sameForAll(
      {
        wraps: false,
        sourceOf(y, x) {
          const row = rows[y - top];
          const column = columns[x - left];
          if (row === undefined || column === undefined) return -1;
          return (box.top + row) * width + box.left + column;
        },
      },
      samples,
      { scaledWidthPx: scaledWidth, scaledHeightPx: scaledHeight },
    );
  },
});
