/**
 * What can stand in a square: at each of its pixels 1 for the pattern's colour, 0 for black, null where the image shows;
 * and the smallest side at which it is no other pattern.
 */
interface Pattern {
  smallestPx: number;
  at(y: number, x: number, sizePx: number): 0 | 1 | null;
}

export const PATTERN_NAMES = ['square', 'cross', 'checkerboard', 'letterF'] as const;

export const PATTERNS: Readonly<Record<(typeof PATTERN_NAMES)[number], Pattern>> = {
  square: { smallestPx: 1, at: () => 1 },
  /** Upright, its arms a fifth of the side wide, or as near to that as leaves both sides alike. */
  cross: {
    smallestPx: 3,
    at(y, x, sizePx) {
      const beside = Math.floor((2 * sizePx) / 5);
      const isMiddle = (place: number) => place >= beside && place < sizePx - beside;
      return isMiddle(y) || isMiddle(x) ? 1 : null;
    },
  },
  /** Fields of one pixel. */
  checkerboard: { smallestPx: 2, at: (y, x) => ((y + x) % 2 === 0 ? 1 : 0) },
  /** Neither a turn nor a mirror makes it look the same. */
  letterF: {
    smallestPx: 4,
    at(y, x, sizePx) {
      const stroke = Math.max(1, Math.round(sizePx / 5));
      const isLowerBar = y >= 2 * stroke && y < 3 * stroke && x < sizePx - stroke;
      return x < stroke || y < stroke || isLowerBar ? 1 : null;
    },
  },
};
