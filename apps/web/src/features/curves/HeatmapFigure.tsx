import { type KeyboardEvent, type PointerEvent, useCallback, useRef, useState } from 'react';
import { ChartFrame } from '../../charts/ChartFrame';
import { ChartOver } from '../../charts/ChartOver';
import surface from '../../charts/ChartSurface.module.css';
import { ChartTooltip } from '../../charts/ChartTooltip';
import type { Figure } from '../../charts/chart';
import classes from './CurvesFigure.module.css';
import { columnKey, type HeatmapCell, type HeatmapData, heatmapChart, heatmapHeight } from './heatmapChart';

interface HeatmapFigureProps {
  label: string;
  data: HeatmapData;
  /** What a cell says when it is looked at. */
  say: (cell: HeatmapCell) => string;
  onOpen: (cell: HeatmapCell) => void;
}

/** A heatmap to read off, cell by cell, with pointer or arrow keys. */
export function HeatmapFigure({ label, data, say, onOpen }: HeatmapFigureProps) {
  const draw = useCallback<Parameters<typeof ChartFrame>[0]['draw']>(
    (size, palette) => heatmapChart(data, size, palette),
    [data],
  );
  return (
    <div className={classes.figure}>
      <ChartFrame label={label} height={heatmapHeight(data.models.length)} draw={draw}>
        {(figure, { width }) => <Surface {...{ figure, width, label, data, say, onOpen }} />}
      </ChartFrame>
    </div>
  );
}

type SurfaceProps = HeatmapFigureProps & { figure: Figure; width: number };

function Surface({ figure, width, label, data, say, onOpen }: SurfaceProps) {
  const [cell, setCell] = useState<HeatmapCell | null>(null);
  const said = useRef<HTMLSpanElement>(null);
  const x = figure.scale('x');
  const y = figure.scale('y');
  const boxOf = ({ group, value, modelId }: HeatmapCell) => ({
    left: x?.apply(columnKey(group, value)) ?? 0,
    top: y?.apply(modelId) ?? 0,
    width: x?.bandwidth ?? 0,
    height: y?.bandwidth ?? 0,
  });
  const under = (event: PointerEvent<HTMLElement>) => {
    const frame = event.currentTarget.getBoundingClientRect();
    const [px, py] = [event.clientX - frame.left, event.clientY - frame.top];
    setCell(
      data.cells.find((one) => {
        const { left, top, width, height } = boxOf(one);
        return px >= left && px <= left + width && py >= top && py <= top + height;
      }) ?? null,
    );
  };
  const walk = (event: KeyboardEvent) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way) return;
    event.preventDefault();
    const next = cell ? step(data, cell, way as [number, number]) : data.cells[0];
    if (!next) return;
    setCell(next);
    if (said.current) said.current.textContent = say(next);
  };
  const box = cell && boxOf(cell);
  return (
    <>
      {box && (
        <ChartOver>
          <rect
            x={box.left - 1}
            y={box.top - 1}
            width={box.width + 2}
            height={box.height + 2}
            fill="none"
            stroke="var(--ink)"
            strokeWidth="2"
          />
        </ChartOver>
      )}
      <button
        type="button"
        className={surface.surface}
        aria-label={`${label}. Arrow keys walk the cells, Enter opens the samples of one`}
        onPointerMove={under}
        onPointerLeave={() => setCell(null)}
        onBlur={() => setCell(null)}
        onKeyDown={walk}
        onClick={() => cell && onOpen(cell)}
      />
      <span ref={said} className={surface.said} aria-live="polite" />
      {cell && box && (
        <ChartTooltip
          left={box.left}
          right={box.left + box.width}
          width={width}
          gap={0}
          top={box.top + box.height + 6}
        >
          {say(cell)}
        </ChartTooltip>
      )}
    </>
  );
}

/** The next cell along a row, or in the same column of the next row that has one. */
function step({ models, cells }: HeatmapData, from: HeatmapCell, [across, down]: [number, number]) {
  if (across !== 0) {
    const row = cells.filter(({ modelId }) => modelId === from.modelId);
    return row[row.indexOf(from) + across];
  }
  const order = models.map(({ id }) => id);
  const column = cells
    .filter(({ group, value }) => group === from.group && value === from.value)
    .sort((a, b) => order.indexOf(a.modelId) - order.indexOf(b.modelId));
  return column[column.indexOf(from) + down];
}
