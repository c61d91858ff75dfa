import classes from '../sweeps/TransformGlyph.module.css';

/** How strongly each pixel of a tiny picture counts; the trigger's count most. */
const strengths = [
  [0, 0.15, 0.1, 0, 0],
  [0.1, 0.35, 0.2, 0.1, 0],
  [0, 0.2, 0.3, 0.15, 0.1],
  [0, 0.1, 0.15, 0.8, 0.95],
  [0, 0, 0.1, 0.95, 1],
];

/** A saliency map, as a small picture. */
export function SaliencyGlyph({ size }: { size: number }) {
  return (
    <svg className={classes.glyph} viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      {strengths.flatMap((row, y) =>
        row.map((strength, x) => (
          <rect
            key={`${x} ${3 * y}`}
            x={4 + x * 3.2}
            y={4 + y * 3.2}
            width="3.2"
            height="3.2"
            className={classes.trigger}
            opacity={strength}
          />
        )),
      )}
      <rect x="3" y="3" width="18" height="18" rx="1.5" className={classes.frame} />
    </svg>
  );
}
