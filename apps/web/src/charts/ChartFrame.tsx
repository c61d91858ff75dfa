import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { type Palette, palettes } from '../theme/palette';
import classes from './ChartFrame.module.css';
import { type Figure, loadPlot, Plot, type Size } from './chart';

interface ChartFrameProps {
  /** What the chart shows, for those who do not see it. */
  label: string;
  height: number;
  /** Draws the chart; a new function draws it anew. */
  draw: (size: Size, palette: Palette) => Figure;
  /** Drawn over the chart by its scales: crosshair, handles, tooltip. */
  children?: (figure: Figure, size: Size) => ReactNode;
}

/** Gives a chart its width and its colours, and draws it again when either changes. */
export function ChartFrame({ label, height, draw, children }: ChartFrameProps) {
  const { ref, width } = useElementSize();
  const mount = useRef<HTMLDivElement>(null);
  const palette = palettes[useComputedColorScheme('light')];
  const [ready, setReady] = useState(Plot !== undefined);
  useEffect(() => {
    loadPlot().then(() => setReady(true));
  }, []);
  const figure = useMemo(
    () => (ready && width > 0 ? draw({ width, height }, palette) : null),
    [ready, draw, width, height, palette],
  );
  useLayoutEffect(() => {
    if (!figure) return;
    // The label speaks for the picture; its lines and ticks would only be noise.
    figure.setAttribute('aria-hidden', 'true');
    mount.current?.replaceChildren(figure);
  }, [figure]);
  return (
    <div ref={ref} className={classes.frame} style={{ height }}>
      <div ref={mount} className={classes.mount} role="img" aria-label={label} />
      {figure && children?.(figure, { width, height })}
    </div>
  );
}
