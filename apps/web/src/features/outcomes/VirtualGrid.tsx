import { useElementSize } from '@mantine/hooks';
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import classes from './VirtualGrid.module.css';

interface VirtualGridProps<Item> {
  label: string;
  /** Those that are here already. */
  items: readonly Item[];
  /** How many there will be: the grid is that long from the start. */
  total: number;
  keyOf: (item: Item) => string;
  /** Smallest width of a tile, and its height at a given width; in px. */
  tileWidth: number;
  tileHeight: (width: number) => number;
  /** The tile’s one button takes `tabIndex`, so that the arrow keys find it. */
  render: (item: Item, tabIndex: 0 | -1) => ReactNode;
  /** Called when the eye comes near the end of what is here. */
  onNeedMore: () => void;
}

const GAP = 8;
/** Rows kept above and below what is seen. */
const SPARE = 3;

/** Tiles in rows, of which only those in sight exist; the arrow keys walk them. */
export function VirtualGrid<Item>({
  label,
  items,
  total,
  keyOf,
  tileWidth,
  tileHeight,
  render,
  onNeedMore,
}: VirtualGridProps<Item>) {
  const { ref: sized, width } = useElementSize();
  const grid = useRef<HTMLUListElement>(null);
  const [current, setCurrent] = useState(0);
  const wanted = useRef(false);
  const columns = Math.max(1, Math.floor((width + GAP) / (tileWidth + GAP)));
  const across = (width - GAP * (columns - 1)) / columns;
  const rowHeight = tileHeight(across) + GAP;
  const rows = useRowsInSight(grid, rowHeight);
  const from = rows.from * columns;
  const to = Math.min(items.length, rows.to * columns);

  const short = items.length < total && rows.to * columns >= items.length;
  useEffect(() => {
    if (short && width > 0) onNeedMore();
  }, [short, width, onNeedMore]);

  useLayoutEffect(() => {
    if (!wanted.current) return;
    const tile = grid.current?.querySelector<HTMLElement>(`[data-index="${current}"] button`);
    if (!tile) return;
    wanted.current = false;
    tile.focus();
    tile.scrollIntoView({ block: 'nearest' });
  });

  const walk = (event: KeyboardEvent) => {
    const way = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (way === undefined) return;
    const next = current + way;
    if (next < 0 || next >= items.length) return;
    event.preventDefault();
    wanted.current = true;
    setCurrent(next);
    const row = Math.floor(next / columns);
    if (row < rows.from || row >= rows.to) {
      const top = grid.current?.getBoundingClientRect().top ?? 0;
      window.scrollBy({ top: top + row * rowHeight - window.innerHeight / 2 });
    }
  };

  return (
    <div ref={sized}>
      <ul
        ref={grid}
        aria-label={label}
        className={classes.grid}
        style={{ height: Math.ceil(total / columns) * rowHeight - GAP }}
        onKeyDown={walk}
      >
        {width > 0 &&
          items.slice(from, to).map((item, place) => {
            const index = from + place;
            return (
              <li
                key={keyOf(item)}
                data-index={index}
                className={classes.tile}
                style={{
                  width: across,
                  left: (index % columns) * (across + GAP),
                  top: Math.floor(index / columns) * rowHeight,
                }}
                onFocus={() => setCurrent(index)}
              >
                {render(item, index === current ? 0 : -1)}
              </li>
            );
          })}
      </ul>
    </div>
  );
}

/** Which rows of a grid are in sight or nearly so, wherever it stands. */
function useRowsInSight(grid: RefObject<HTMLElement | null>, rowHeight: number) {
  const [rows, setRows] = useState({ from: 0, to: 8 });
  useEffect(() => {
    const look = () => {
      const top = grid.current?.getBoundingClientRect().top ?? 0;
      const first = Math.floor(-top / rowHeight) - SPARE;
      const last = Math.ceil((window.innerHeight - top) / rowHeight) + SPARE;
      setRows((before) => {
        const next = { from: Math.max(0, first), to: Math.max(1, last) };
        return before.from === next.from && before.to === next.to ? before : next;
      });
    };
    look();
    // Whatever scrolls, the page or a part of it.
    window.addEventListener('scroll', look, { capture: true, passive: true });
    window.addEventListener('resize', look);
    return () => {
      window.removeEventListener('scroll', look, { capture: true });
      window.removeEventListener('resize', look);
    };
  }, [grid, rowHeight]);
  return rows;
}
