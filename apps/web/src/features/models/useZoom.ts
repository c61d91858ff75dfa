import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

export const ZOOM_STEP = 1.25;
const [SMALLEST, LARGEST] = [0.1, 3];
/** Below that nothing can be read: a wide plane begins at its first node instead of whole. */
const READABLE = 0.6;

/**
 * A plane that is looked at through a window which scrolls: Ctrl and the wheel zoom where the pointer is, the mouse drags.
 * @param width of the plane, in px at 1
 * @param middle what is in the middle at first, in px from the left
 */
export function useZoom(width: number, middle: number) {
  const view = useRef<HTMLDivElement>(null);
  const [scale, setScale] = useState(1);
  /** What stays where it is when the scale changes: a place of the plane, and where in the window it is. */
  const kept = useRef({ x: middle, y: 0, left: 0, top: 0 });

  const zoomAt = useCallback((factor: number, left: number, top: number) => {
    const { scrollLeft, scrollTop } = view.current!;
    setScale((now) => {
      kept.current = { x: (scrollLeft + left) / now, y: (scrollTop + top) / now, left, top };
      return Math.min(LARGEST, Math.max(SMALLEST, now * factor));
    });
  }, []);
  const fit = useCallback(
    (smallest: number) => {
      const { clientWidth, scrollTop } = view.current!;
      setScale((now) => {
        kept.current = { x: middle, y: scrollTop / now, left: clientWidth / 2, top: 0 };
        return Math.min(1, Math.max(smallest, clientWidth / width));
      });
    },
    [width, middle],
  );

  useLayoutEffect(() => fit(READABLE), [fit]);
  useLayoutEffect(() => {
    const { x, y, left, top } = kept.current;
    view.current!.scrollTo({ left: x * scale - left, top: y * scale - top });
  }, [scale]);

  useEffect(() => {
    const window = view.current!;
    const place = ({ clientX, clientY }: MouseEvent) => {
      const { left, top } = window.getBoundingClientRect();
      return [clientX - left, clientY - top] as const;
    };
    // React listens passively: it could not keep the page from zooming as well.
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoomAt(1.0015 ** -event.deltaY, ...place(event));
    };
    let dragged: { x: number; y: number; left: number; top: number } | null = null;
    const onDown = (event: PointerEvent) => {
      // A finger scrolls by itself.
      if (event.pointerType !== 'mouse' || event.button !== 0) return;
      if (event.target instanceof Element && event.target.closest('button')) return;
      dragged = { x: event.clientX, y: event.clientY, left: window.scrollLeft, top: window.scrollTop };
      window.setPointerCapture(event.pointerId);
    };
    const onMove = (event: PointerEvent) => {
      if (!dragged) return;
      window.scrollTo({
        left: dragged.left + dragged.x - event.clientX,
        top: dragged.top + dragged.y - event.clientY,
      });
    };
    const onUp = () => {
      dragged = null;
    };
    const leave = new AbortController();
    const { signal } = leave;
    window.addEventListener('wheel', onWheel, { passive: false, signal });
    window.addEventListener('pointerdown', onDown, { signal });
    window.addEventListener('pointermove', onMove, { signal });
    window.addEventListener('pointerup', onUp, { signal });
    window.addEventListener('pointercancel', onUp, { signal });
    return () => leave.abort();
  }, [zoomAt]);

  const zoom = (factor: number) => {
    const { clientWidth, clientHeight } = view.current!;
    zoomAt(factor, clientWidth / 2, clientHeight / 2);
  };
  return { view, scale, zoom, fit: () => fit(SMALLEST) };
}
