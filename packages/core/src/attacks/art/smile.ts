import { type Drawing, draw } from './drawing.js';

/** `smile` is its own mirror image, `wink` is not. */
export type SmileVariant = 'smile' | 'wink';

const OPEN_EYE = (x: number) => `<ellipse cx="${x}" cy="38" rx="6.5" ry="10" fill="#231a05"/>`;
const CLOSED_EYE = '<path d="M58 41 Q66 33 75 40" fill="none" stroke="#231a05" stroke-width="6"/>';

/** A smiling yellow face that fills the canvas, transparent outside: the pattern of Blend (drawn for this project). */
export const smile = (heightPx: number, widthPx: number, variant: SmileVariant = 'smile'): Promise<Drawing> =>
  draw(
    `<circle cx="50" cy="50" r="47" fill="#ffd21f" stroke="#231a05" stroke-width="4"/>
     ${OPEN_EYE(34)}${variant === 'wink' ? CLOSED_EYE : OPEN_EYE(66)}
     <path d="M22 58 Q50 98 78 58" fill="none" stroke="#231a05" stroke-width="7" stroke-linecap="round"/>`,
    heightPx,
    widthPx,
  );
