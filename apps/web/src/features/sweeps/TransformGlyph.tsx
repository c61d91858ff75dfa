import type { ReactNode } from 'react';
import type { SweepCurve, TransformTarget } from '../../graphql/fragments';
import classes from './TransformGlyph.module.css';

export type TransformId = SweepCurve['transform']['id'];

interface TransformGlyphProps {
  /** None: a trigger as it was implanted. */
  transform: TransformId | null;
  target: TransformTarget;
  size?: number;
}

/** A motion of the trigger's square and of the frame, as SVG transforms. */
interface Motion {
  trigger: string;
  image: string;
}
/** What becomes of a square of side 1 whose pixels change. */
type Look = ReactNode;

const spots = [0.1, 0.55, 0.3, 0.8, 0.05, 0.65, 0.4, 0.9, 0.2];

const drawings: Record<TransformId, Motion | Look> = {
  translation: { trigger: 'translate(-5 -3)', image: 'translate(-3 -2)' },
  scaling: {
    trigger: 'translate(16.5 16.5) scale(1.55) translate(-16.5 -16.5)',
    image: 'translate(12 12) scale(.72) translate(-12 -12)',
  },
  rotation: { trigger: 'rotate(40 16.5 16.5)', image: 'rotate(-22 12 12)' },
  mirror: (
    <>
      <path d="M.42 .1 V.9 H0 Z" />
      <path d="M.58 .1 V.9 H1 Z" opacity=".35" />
    </>
  ),
  perspective: {
    trigger: 'translate(16.5 16.5) skewY(24) scale(.7 1) translate(-16.5 -16.5)',
    image: 'translate(12 12) skewY(12) scale(.7 .9) translate(-12 -12)',
  },
  shrinkPad: {
    trigger: 'translate(18 13) scale(.6) translate(-16.5 -16.5)',
    image: 'translate(15 10) scale(.72) translate(-12 -12)',
  },
  brightness: <rect width="1" height="1" opacity=".3" />,
  contrast: <rect width=".5" height="1" />,
  blur: (
    <>
      <rect width="1" height="1" opacity=".25" />
      <rect x=".2" y=".2" width=".6" height=".6" opacity=".5" />
      <rect x=".4" y=".4" width=".2" height=".2" />
    </>
  ),
  noise: spots.map((x, i) => (
    <rect key={x} x={x} y={spots[(i + 4) % spots.length]} width=".16" height=".16" />
  )),
  jpeg: (
    <>
      <rect width=".5" height=".5" opacity=".8" />
      <rect x=".5" width=".5" height=".5" opacity=".25" />
      <rect y=".5" width=".5" height=".5" opacity=".4" />
      <rect x=".5" y=".5" width=".5" height=".5" opacity=".65" />
    </>
  ),
  photograph: (
    <>
      <rect y=".2" width="1" height=".75" opacity=".3" />
      <rect x=".3" y=".05" width=".4" height=".2" opacity=".3" />
      <circle cx=".5" cy=".57" r=".26" />
    </>
  ),
};
const isMotion = (drawing: Motion | Look): drawing is Motion =>
  typeof drawing === 'object' && drawing !== null && 'trigger' in drawing;

const FRAME = { x: 3, y: 3, width: 18, height: 18, rx: 1.5 };
const SQUARE = { x: 14, y: 14, width: 5, height: 5 };

/** What a sweep does, as a small picture: its trigger or its frame moves, or their pixels change. */
export function TransformGlyph({ transform, target, size = 22 }: TransformGlyphProps) {
  const drawing = transform && drawings[transform];
  const moves = isMotion(drawing);
  const place = target === 'IMAGE' ? 'translate(4.5 4.5) scale(15)' : 'translate(13 13) scale(7)';
  return (
    <svg className={classes.glyph} viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <rect {...FRAME} className={target === 'IMAGE' && moves ? classes.ghost : classes.frame} />
      {!moves ? (
        <g className={classes.trigger} transform={drawing ? place : undefined}>
          {drawing || <rect {...SQUARE} />}
        </g>
      ) : target === 'IMAGE' ? (
        <g transform={drawing.image}>
          <rect {...FRAME} className={classes.frame} />
          <rect {...SQUARE} className={classes.trigger} />
        </g>
      ) : (
        <>
          <rect {...SQUARE} className={classes.ghost} />
          <rect {...SQUARE} className={classes.trigger} transform={drawing.trigger} />
        </>
      )}
    </svg>
  );
}
