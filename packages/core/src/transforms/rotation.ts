import { rotationSampler } from './affine.js';
import { defineTransform, sameForAll } from './transform.js';

/**
 * Paper section 4.2: `PIL.Image.rotate(NEAREST)`, black outside. Triggers turn clockwise about their own centre (section
 * 5.2) on the image's canvas; images turn by Pillow's positive angles, counter-clockwise (docs/resolutions.md).
 */
export const rotation = defineTransform({
  title: 'Rotation',
  description:
    'Turns the trigger clockwise about its own centre, or the image counter-clockwise about the middle of the frame, ' +
    'with black corners.',
  valueName: 'Angle',
  unit: '°',
  minimum: -360,
  maximum: 360,
  identity: 0,
  defaultValues: [0, 15, 30, 45, 60, 75, 90],
  plan(angleDeg, { height, width, box, target }, samples) {
    const sample = rotationSampler(
      target === 'TRIGGER' ? -angleDeg : angleDeg,
      box.left + box.width / 2,
      box.top + box.height / 2,
    );
    return sameForAll(
      {
        wraps: false,
        sourceOf(y, x) {
          const [sourceY, sourceX] = sample(y, x);
          if (sourceY < 0 || sourceX < 0 || sourceY >= height || sourceX >= width) return -1;
          return sourceY * width + sourceX;
        },
      },
      samples,
    );
  },
});
