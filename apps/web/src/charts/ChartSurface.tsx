import { type KeyboardEvent, useRef } from 'react';
import classes from './ChartSurface.module.css';

interface ChartSurfaceProps<Place> {
  /** What the chart shows, and what opens with a point, for those who do not see it. */
  label: string;
  opens: string;
  /** Where the arrow keys begin. */
  first: Place | undefined;
  /** Where they are. */
  looked: Place | undefined;
  /** What is meant at a place of the chart, in px. */
  nearest: (x: number, y: number) => Place | undefined;
  /** Where an arrow key leads: left and right −1 and 1 along, down and up −1 and 1 up. */
  next: (from: Place, along: number, up: number) => Place | undefined;
  readAloud: (place: Place) => string;
  onLook: (place: Place | null) => void;
  onOpen: (place: Place) => void;
}

/** What pointer and keyboard touch of a chart: one button, however many points there are. */
export function ChartSurface<Place>({
  label,
  opens,
  first,
  looked,
  nearest,
  next,
  readAloud,
  onLook,
  onOpen,
}: ChartSurfaceProps<Place>) {
  const said = useRef<HTMLSpanElement>(null);
  const under = (event: { currentTarget: HTMLElement; clientX: number; clientY: number }) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return nearest(event.clientX - left, event.clientY - top);
  };
  const walk = (event: KeyboardEvent) => {
    const [along, up] = STEPS[event.key] ?? [];
    if (along === undefined || up === undefined) return;
    event.preventDefault();
    const place = looked ? next(looked, along, up) : first;
    if (!place) return;
    onLook(place);
    if (said.current) said.current.textContent = readAloud(place);
  };
  return (
    <>
      <button
        type="button"
        className={classes.surface}
        aria-label={`${label}. Arrow keys walk the points, Enter opens ${opens}`}
        onPointerMove={(event) => onLook(under(event) ?? null)}
        onPointerLeave={() => onLook(null)}
        onBlur={() => onLook(null)}
        onKeyDown={walk}
        onClick={(event) => {
          // Enter clicks where the arrow keys went, and has no place of its own.
          const place = event.detail === 0 ? looked : under(event);
          if (place) onOpen(place);
        }}
      />
      <span ref={said} className={classes.said} aria-live="polite" />
    </>
  );
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** The one with the smallest distance, the first of equal ones. */
export function nearestOf<T>(all: readonly T[], distance: (one: T) => number): T | undefined {
  let best: T | undefined;
  let smallest = Number.POSITIVE_INFINITY;
  for (const one of all) {
    const value = distance(one);
    if (value >= smallest) continue;
    smallest = value;
    best = one;
  }
  return best;
}
