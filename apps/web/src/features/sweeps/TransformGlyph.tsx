import type { TransformTarget } from '../../graphql/fragments';
import classes from './TransformGlyph.module.css';

interface TransformGlyphProps {
  transform: string;
  target: TransformTarget;
  size?: number;
}

const motions: Record<string, { trigger: string; image: string }> = {
  translation: { trigger: 'translate(-5 -3)', image: 'translate(-3 -2)' },
  scaling: {
    trigger: 'translate(16.5 16.5) scale(1.55) translate(-16.5 -16.5)',
    image: 'translate(12 12) scale(.72) translate(-12 -12)',
  },
  rotation: { trigger: 'rotate(40 16.5 16.5)', image: 'rotate(-22 12 12)' },
};

/** What a sweep does, as a small picture: the trigger moves in its frame, or the frame moves with it. */
export function TransformGlyph({ transform, target, size = 22 }: TransformGlyphProps) {
  const motion = motions[transform];
  return (
    <svg className={classes.glyph} viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <rect
        x="3"
        y="3"
        width="18"
        height="18"
        rx="1.5"
        className={target === 'IMAGE' ? classes.ghost : classes.frame}
      />
      {target === 'IMAGE' ? (
        <g transform={motion?.image}>
          <rect x="3" y="3" width="18" height="18" rx="1.5" className={classes.frame} />
          <rect x="14" y="14" width="5" height="5" className={classes.trigger} />
        </g>
      ) : (
        <>
          <rect x="14" y="14" width="5" height="5" className={classes.ghost} />
          <rect x="14" y="14" width="5" height="5" className={classes.trigger} transform={motion?.trigger} />
        </>
      )}
    </svg>
  );
}
