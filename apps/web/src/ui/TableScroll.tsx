import type { ReactNode } from 'react';
import tables from './tables.module.css';

/** Holds a table that may be wider than the window; the keyboard can scroll it too. */
export function TableScroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className={tables.scroll} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
