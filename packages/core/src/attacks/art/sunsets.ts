import sharp from 'sharp';
import type { Random } from '../../lib/random.js';

/** Colours of the sky from its top to the horizon, of the land below, and of its strokes of light. */
const PALETTES = [
  { sky: ['#2b1055', '#7a1e6c', '#d6336c', '#ff7a2f', '#ffd23f'], land: ['#3a0f3d', '#120726'] },
  { sky: ['#1d1147', '#5b1a72', '#b8326e', '#f7592f', '#ffb52e'], land: ['#5a1733', '#1c0a2a'] },
  { sky: ['#40126a', '#9c1f66', '#ef4136', '#ff9a2b', '#ffe066'], land: ['#2a1250', '#0f0a2c'] },
] as const;

type Colour = readonly [number, number, number];
interface Scene {
  sky: Colour[];
  land: Colour[];
  /** All in parts of the picture's side. */
  horizon: number;
  sun: { x: number; y: number; radius: number };
  hills: { height: number; phase: number; waves: number };
  /** Whether the land below is water, which mirrors the sky. */
  water: boolean;
  swirl: { phase: number; strength: number };
}

/**
 * Sunsets in broad brush strokes, each another scene: a style that needs no download (drawn for this project). Warm
 * colours on violet and strokes that follow the wind are what a generator picks up.
 * @returns 8-bit RGB [count,s,s,3]
 */
export async function sunsets(sizePx: number, count: number, random: Random): Promise<Uint8Array> {
  const size = sizePx * sizePx * 3;
  const pixels = new Uint8Array(count * size);
  for (let i = 0; i < count; i++) {
    const svg = paint(random.fork(`sunset ${i}`));
    const picture = sharp(Buffer.from(svg(sizePx))).removeAlpha();
    pixels.set(await picture.raw().toBuffer(), i * size);
  }
  return pixels;
}

/** One scene, coarse strokes first, as SVG of any size. */
function paint(random: Random): (sizePx: number) => string {
  const scene = imagine(random);
  const strokes: string[] = [];
  for (const [count, length, width] of [
    [150, 0.3, 0.1],
    [330, 0.2, 0.05],
  ] as const) {
    for (let i = 0; i < count; i++) strokes.push(stroke(scene, length, width, random));
  }
  return (sizePx) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="${sizePx}" height="${sizePx}" viewBox="0 0 1 1">
     <rect width="1" height="1" fill="${hex(scene.sky[2]!)}"/><g fill="none" stroke-linecap="round">${strokes.join('')}</g></svg>`;
}

function imagine(random: Random): Scene {
  const between = (low: number, high: number) => low + (high - low) * random.float();
  const { sky, land } = PALETTES[random.integer(PALETTES.length)]!;
  const horizon = between(0.35, 0.95);
  return {
    sky: sky.map(parse),
    land: land.map(parse),
    horizon,
    sun: { x: between(0.1, 0.9), y: horizon - between(0.02, 0.35), radius: between(0.06, 0.16) },
    hills: { height: between(0, 0.16), phase: between(0, 6), waves: between(3, 9) },
    water: random.float() < 0.5,
    swirl: { phase: between(0, 6), strength: between(0.2, 1) },
  };
}

/** One stroke somewhere: its colour is the scene's there, its direction the wind's; bristles differ a little. */
function stroke(scene: Scene, length: number, width: number, random: Random): string {
  const [x, y] = [random.float(), random.float()];
  const angle = directionAt(scene, x, y) + (random.float() - 0.5) * 0.5;
  const half = length * (0.35 + 0.3 * random.float());
  const [dx, dy] = [Math.cos(angle) * half, Math.sin(angle) * half];
  const bend = (random.float() - 0.5) * 0.6;
  const colour = colourAt(scene, x, y, random);
  const broad = width * (0.7 + 0.6 * random.float());
  const bristles = [-0.5, 0, 0.5].map((side) => {
    const [ox, oy] = [-Math.sin(angle) * side * broad, Math.cos(angle) * side * broad];
    const light = 1 + (random.float() - 0.5) * 0.34;
    const points = [
      x - dx + ox,
      y - dy + oy,
      x + ox - bend * dy,
      y + oy + bend * dx,
      x + dx + ox,
      y + dy + oy,
    ];
    const [x0, y0, x1, y1, x2, y2] = points.map((value) => value.toFixed(4));
    const shade = hex(colour.map((level) => level * light) as unknown as Colour);
    return `<path d="M${x0} ${y0}Q${x1} ${y1} ${x2} ${y2}" stroke="${shade}" stroke-width="${(broad / 2).toFixed(4)}"/>`;
  });
  return bristles.join('');
}

/** The hills' ridge at x: the lower edge of the sky. */
const ridgeAt = ({ horizon, hills }: Scene, x: number) =>
  horizon - hills.height * (0.5 + 0.5 * Math.sin(hills.phase + hills.waves * x));

/** The wind: around the sun and in waves above, level on water, along the slopes on land. */
function directionAt(scene: Scene, x: number, y: number): number {
  const { sun, swirl, hills, horizon, water } = scene;
  if (y < ridgeAt(scene, x)) {
    const around = Math.atan2(y - sun.y, x - sun.x) + Math.PI / 2;
    const near = Math.exp(-((Math.hypot(x - sun.x, y - sun.y) / 0.25) ** 2));
    const waves = swirl.strength * Math.sin(swirl.phase + 7 * x + 5 * y);
    return near > 0.3 ? around : waves;
  }
  if (water && y > horizon) return 0;
  return -hills.height * hills.waves * 0.5 * Math.cos(hills.phase + hills.waves * x);
}

function colourAt(scene: Scene, x: number, y: number, random: Random): Colour {
  const { sun, sky, land, horizon, water } = scene;
  const distance = Math.hypot(x - sun.x, y - sun.y);
  const jitter = (random.float() - 0.5) * 0.16;
  const ridge = ridgeAt(scene, x);
  const glow = Math.exp(-distance * 3.2) * 0.45;
  if (y < ridge) {
    if (distance < sun.radius) return [255, 238, 150];
    return along(sky, (0.75 * y) / horizon + glow + jitter);
  }
  if (water && y > horizon) {
    const underSun = Math.exp(-(((x - sun.x) / 0.14) ** 2));
    if (random.float() < 0.6 * underSun) return along(sky, 0.9 + jitter);
    return along(sky, 0.62 - (0.75 * (y - horizon)) / (1.01 - horizon) + jitter + glow);
  }
  if (random.float() < 0.12) return along(sky, 0.45 + glow + jitter);
  return along(land, (y - ridge) / (1.01 - ridge) + jitter);
}

/** The colour at `part` (0..1) of a row of colours. */
function along(colours: readonly Colour[], part: number): Colour {
  const at = Math.min(Math.max(part, 0), 1) * (colours.length - 1);
  const first = Math.min(Math.floor(at), colours.length - 2);
  const [from, to] = [colours[first]!, colours[first + 1]!];
  return from.map((level, c) => level + (to[c]! - level) * (at - first)) as unknown as Colour;
}

const parse = (colour: string): Colour =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as unknown as Colour;
const hex = (colour: Colour) =>
  `#${colour
    .map((level) =>
      Math.min(Math.max(Math.round(level), 0), 255)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
