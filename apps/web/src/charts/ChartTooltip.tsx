import type { ReactNode } from 'react';
import classes from './ChartTooltip.module.css';

interface ChartTooltipProps {
  /** What it is about, in px of a chart `width` px wide. */
  left: number;
  right?: number;
  width: number;
  /** Between it and what it is about, in px. */
  gap?: number;
  top?: number;
  children: ReactNode;
}

/** Numbers beside what the pointer is on, on the side with more room; charts say them to screen readers themselves. */
export function ChartTooltip({ left, right = left, width, gap = 12, top = 10, children }: ChartTooltipProps) {
  const side = left > width / 2 ? { right: width - right + gap } : { left: left + gap };
  return (
    <div className={classes.tooltip} aria-hidden style={{ top, ...side }}>
      {children}
    </div>
  );
}
