import { Slider } from '@mantine/core';
import {
  createContext,
  type PointerEvent,
  type ReactNode,
  useContext,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { Box, Image } from '../../graphql/fragments';
import { PixelImage } from '../../ui/PixelImage';
import classes from './Zoom.module.css';

interface View {
  /** 1 shows all of a picture. */
  scale: number;
  /** What is in the middle, as fractions of width and height. */
  x: number;
  y: number;
}
/** A pixel under the pointer, the same in every picture of the group. */
interface Pixel {
  column: number;
  row: number;
}

interface Group {
  view: View;
  setView: (view: View) => void;
  pixel: Pixel | null;
  setPixel: (pixel: Pixel | null) => void;
}
const ZoomContext = createContext<Group | null>(null);

const LARGEST = 12;
const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
/** The view moved so that nothing beyond the picture's edge comes in. */
const inside = ({ scale, x, y }: View): View => {
  const margin = 0.5 / scale;
  return { scale, x: clamp(x, margin, 1 - margin), y: clamp(y, margin, 1 - margin) };
};

/** Pictures that are looked at together: one zoom, one place, one pixel under the pointer in all of them. */
export function ZoomGroup({ children }: { children: ReactNode }) {
  const [view, setView] = useState<View>({ scale: 1, x: 0.5, y: 0.5 });
  const [pixel, setPixel] = useState<Pixel | null>(null);
  const group = useMemo(
    () => ({ view, setView: (next: View) => setView(inside(next)), pixel, setPixel }),
    [view, pixel],
  );
  return <ZoomContext value={group}>{children}</ZoomContext>;
}

/** How near all pictures of the group are looked at. */
export function ZoomControl() {
  const { view, setView, pixel } = useContext(ZoomContext)!;
  return (
    <div className={classes.control}>
      <span id="zoom">Zoom</span>
      <Slider
        className={classes.slider!}
        thumbProps={{ 'aria-labelledby': 'zoom' }}
        min={1}
        max={LARGEST}
        step={0.5}
        value={view.scale}
        onChange={(scale) => setView({ ...view, scale })}
        label={(scale) => `${scale}×`}
      />
      <span className={classes.where}>
        {pixel
          ? `column ${pixel.column}, row ${pixel.row}`
          : view.scale > 1
            ? 'drag to move all pictures'
            : 'a pixel under the pointer is marked in all pictures'}
      </span>
    </div>
  );
}

interface ZoomImageProps {
  image: Image;
  alt: string;
  box?: Box | null | undefined;
}

/** One picture of a group. */
export function ZoomImage({ image, alt, box }: ZoomImageProps) {
  const { view, setView, pixel, setPixel } = useContext(ZoomContext)!;
  const grip = useRef<{ x: number; y: number; view: View } | null>(null);
  const mount = useRef<HTMLDivElement>(null);
  const { width, height } = image;
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const frame = event.currentTarget.getBoundingClientRect();
    const [across, down] = [
      (event.clientX - frame.left) / frame.width,
      (event.clientY - frame.top) / frame.height,
    ];
    if (grip.current) {
      const { x, y, view: from } = grip.current;
      setView({ ...from, x: from.x - (across - x) / from.scale, y: from.y - (down - y) / from.scale });
      return;
    }
    const [x, y] = [view.x + (across - 0.5) / view.scale, view.y + (down - 0.5) / view.scale];
    setPixel({
      column: clamp(Math.floor(x * width), 0, width - 1),
      row: clamp(Math.floor(y * height), 0, height - 1),
    });
  };
  return (
    <div
      ref={mount}
      className={classes.window}
      data-near={view.scale > 1 || undefined}
      onPointerMove={move}
      onPointerDown={(event) => {
        if (view.scale === 1) return;
        const frame = event.currentTarget.getBoundingClientRect();
        event.currentTarget.setPointerCapture(event.pointerId);
        grip.current = {
          x: (event.clientX - frame.left) / frame.width,
          y: (event.clientY - frame.top) / frame.height,
          view,
        };
      }}
      onPointerUp={() => {
        grip.current = null;
      }}
      onPointerLeave={() => setPixel(null)}
    >
      <div
        style={{
          transformOrigin: '0 0',
          transform: `translate(50%, 50%) scale(${view.scale}) translate(${-view.x * 100}%, ${-view.y * 100}%)`,
        }}
      >
        <PixelImage image={image} alt={alt} box={box} />
        {pixel && (
          <svg className={classes.mark} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
            <rect x={pixel.column} y={pixel.row} width="1" height="1" />
          </svg>
        )}
      </div>
    </div>
  );
}
