/** How one of several things in a chart is drawn: no two of a colour among the first six, to colour-blind readers either. */
export interface SeriesStyle {
  colour: { light: string; dark: string };
  symbol: 'circle' | 'square' | 'triangle' | 'diamond' | 'star' | 'wye' | 'cross';
  /** SVG's stroke-dasharray; solid where it is undefined. Dots are kept for clean baselines. */
  dash: string | undefined;
}

/** Of six different hues; blue, orange, violet, green, red, yellow, dark where the ground is light. */
const colours = [
  { light: '#0072b2', dark: '#56b4e9' },
  { light: '#d55e00', dark: '#f07f32' },
  { light: '#a020f0', dark: '#8a4dff' },
  { light: '#00a388', dark: '#24e08a' },
  { light: '#6b0f3a', dark: '#c43a6e' },
  { light: '#3d3d00', dark: '#f0e442' },
] as const;
const symbols = ['circle', 'square', 'triangle', 'diamond', 'star', 'wye', 'cross'] as const;
const dashes = [undefined, '9 3', '5 2 1 2', '12 2 2 2 2 2'] as const;

/** What draws the series that is `place`-th. */
export const seriesStyle = (place: number): SeriesStyle => {
  const round = Math.floor(place / colours.length);
  return {
    colour: colours[place % colours.length]!,
    symbol: symbols[(place + round) % symbols.length]!,
    dash: dashes[round % dashes.length],
  };
};

/**
 * A style for each id that stays the same wherever the id is shown: its own choice of six, or, where an older id has
 * that already, the next that is free.
 */
export function seriesStyles(ids: readonly string[]): Map<string, SeriesStyle> {
  const taken = new Set<number>();
  const styles = new Map<string, SeriesStyle>();
  for (const id of [...new Set(ids)].sort()) {
    let place = hash(id) % colours.length;
    while (taken.has(place)) place = place + 1 < ids.length ? place + 1 : 0;
    taken.add(place);
    styles.set(id, seriesStyle(place));
  }
  return styles;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return state;
}
