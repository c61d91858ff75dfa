import { TrojanscopeError } from '../lib/errors.js';
import type { ImageShape } from '../lib/images.js';

export const CORNERS = ['bottomRight', 'bottomLeft', 'topRight', 'topLeft'] as const;

/** A square in a corner of an image, at a distance from the two nearest borders. */
export interface Square {
  sizePx: number;
  marginPx: number;
  corner: (typeof CORNERS)[number];
}

/** The flat positions y·width + x of a square's pixels, row by row. */
export function squarePixels({ sizePx, marginPx, corner }: Square, { height, width }: ImageShape): number[] {
  const top = corner.startsWith('bottom') ? height - marginPx - sizePx : marginPx;
  const left = corner.endsWith('Right') ? width - marginPx - sizePx : marginPx;
  return Array.from({ length: sizePx * sizePx }, (_, i) => {
    const [y, x] = [top + Math.floor(i / sizePx), left + (i % sizePx)];
    return y * width + x;
  });
}

/** @throws TrojanscopeError BAD_USER_INPUT where the square does not fit the image */
export function checkSquare({ sizePx, marginPx }: Square, { height, width }: ImageShape): void {
  if (sizePx + marginPx <= Math.min(height, width)) return;
  throw new TrojanscopeError(
    'BAD_USER_INPUT',
    `A square of ${sizePx} px at a margin of ${marginPx} px does not fit an image of ${width}×${height} px.`,
    ['patchSizePx'],
  );
}
