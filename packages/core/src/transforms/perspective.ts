import type { Box } from '../lib/images.js';
import { defineTransform, sameForAll } from './transform.js';

/** How far the camera is, in longer sides of what it looks at: as far as a sign that fills half of a phone's view. */
const DISTANCE = 2;

/** NEAREST, black outside, as `PIL.Image.transform(PERSPECTIVE)` does. */
export const perspective = defineTransform({
  title: 'Perspective',
  description:
    'Tilts the trigger, or the image, about its upright middle line, as a sign that is looked at from one side: at ' +
    'positive angles the right edge goes back.',
  valueName: 'Tilt',
  unit: '°',
  minimum: -75,
  maximum: 75,
  identity: 0,
  defaultValues: [0, 15, 30, 45, 60],
  plan(tiltDeg, { height, width, box }, samples) {
    const sample = tiltSampler(tiltDeg, box);
    return sameForAll(
      {
        wraps: false,
        sourceOf(y, x) {
          const [sourceY, sourceX] = sample(y, x);
          if (!(sourceY >= 0 && sourceX >= 0 && sourceY < height && sourceX < width)) return -1;
          return Math.floor(sourceY) * width + Math.floor(sourceX);
        },
      },
      samples,
    );
  },
});

/**
 * A plane through the box's upright middle line, tilted. Its point (u, v), counted from the box's centre, is u·sin behind
 * the box, so that a camera `far` in front sees it at (u·cos, v)·far / (far + u·sin); here solved for u and v.
 */
function tiltSampler(tiltDeg: number, { top, left, height, width }: Box) {
  const radians = (tiltDeg * Math.PI) / 180;
  const [sin, cos] = [Math.sin(radians), Math.cos(radians)];
  const far = DISTANCE * Math.max(height, width);
  const [centreX, centreY] = [left + width / 2, top + height / 2];
  return (y: number, x: number): [number, number] => {
    const [fromX, fromY] = [x + 0.5 - centreX, y + 0.5 - centreY];
    const depth = far * cos - fromX * sin;
    // Beyond the plane's horizon.
    if (depth <= 0) return [-1, -1];
    return [centreY + (fromY * far * cos) / depth, centreX + (fromX * far) / depth];
  };
}
