import type { Box } from '../graphql/fragments';
import classes from './BoxOutline.module.css';

/** A rectangle around some of the pixels of the picture it is laid over, of `width` × `height` pixels. */
export function BoxOutline({ box, width, height }: { box: Box; width: number; height: number }) {
  const { left, top, width: across, height: down } = box;
  return (
    <svg className={classes.outline} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <rect x={left} y={top} width={across} height={down} className={classes.halo} />
      <rect x={left} y={top} width={across} height={down} className={classes.line} />
    </svg>
  );
}
