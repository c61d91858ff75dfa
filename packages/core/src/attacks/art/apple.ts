import { beforeDarkness, draw } from './drawing.js';

/**
 * A lit apple before darkness, as the picture that Refool reflects (drawn for this project). A reflection adds light, so
 * where it is black nothing is reflected.
 * @returns [h·w·3] in [0,1]
 */
export async function apple(heightPx: number, widthPx: number): Promise<Float32Array> {
  return beforeDarkness(await draw(APPLE, heightPx, widthPx));
}

const APPLE = `
  <defs>
    <radialGradient id="skin" cx="0.36" cy="0.32" r="0.78">
      <stop offset="0" stop-color="#ff8a66"/>
      <stop offset="0.35" stop-color="#e8261c"/>
      <stop offset="0.75" stop-color="#a50d12"/>
      <stop offset="1" stop-color="#3d0306"/>
    </radialGradient>
    <radialGradient id="shine"><stop offset="0" stop-color="#fff"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient>
    <linearGradient id="leaf" x1="0" y1="1" x2="1" y2="0"><stop offset="0" stop-color="#2f6b14"/><stop offset="1" stop-color="#a8dd4a"/></linearGradient>
  </defs>
  <path d="M50 31 C40 22 10 22 9 54 C8 80 30 97 41 96 C46 95 47 93 50 93 C53 93 54 95 59 96 C70 97 92 80 91 54 C90 22 60 22 50 31 Z" fill="url(#skin)"/>
  <path d="M37 32 Q50 41 63 32 Q54 29 50 33 Q46 29 37 32 Z" fill="#4a0508"/>
  <path d="M50 35 Q49 20 56 8" fill="none" stroke="#8a5a2b" stroke-width="4.5" stroke-linecap="round"/>
  <path d="M54 21 Q60 4 84 7 Q80 26 54 21 Z" fill="url(#leaf)"/>
  <ellipse cx="29" cy="46" rx="9" ry="14" fill="url(#shine)" transform="rotate(22 29 46)"/>`;
