import { chartStyle, type Figure, Plot, type Size } from '../../charts/chart';
import type { Palette } from '../../theme/palette';

export interface TrainingStep {
  epoch: number;
  loss: number;
  accuracy: number;
}

export interface TrainingData {
  history: readonly TrainingStep[];
  measure: 'loss' | 'accuracy';
  /** Epochs planned: the axis spans them before they are done. */
  epochs: number | null;
}

/** Loss or accuracy over the epochs of a training. */
export function trainingChart(
  { history, measure, epochs }: TrainingData,
  { width, height }: Size,
  palette: Palette,
  document?: Document,
): Figure {
  const last = history.at(-1);
  const stroke = measure === 'loss' ? palette.ink : palette.right;
  const lowest = Math.min(...history.map((step) => step.accuracy), 1);
  return Plot.plot({
    document,
    width,
    height,
    marginTop: 8,
    marginRight: 14,
    marginBottom: 24,
    marginLeft: 44,
    style: { ...chartStyle, color: palette.inkFaint },
    x: { domain: [0, Math.max(epochs ?? 0, last?.epoch ?? 0) || 1], label: null },
    y:
      measure === 'loss'
        ? { domain: [0, Math.max(...history.map((step) => step.loss), 0.1)], nice: true, label: null }
        : { domain: [Math.floor(lowest * 10) / 10 - (lowest > 0.95 ? 0.05 : 0), 1], label: null },
    marks: [
      Plot.gridY({ ticks: 3, stroke: palette.line, strokeOpacity: 1 }),
      Plot.axisY({
        ticks: 3,
        tickSize: 0,
        fill: palette.inkFaint,
        ...(measure === 'accuracy' && {
          tickFormat: (fraction: number) => `${Number((fraction * 100).toFixed(1))}\u202f%`,
        }),
      }),
      Plot.axisX({
        ticks: Math.min(6, width / 50),
        tickSize: 4,
        stroke: palette.lineStrong,
        fill: palette.inkFaint,
        label: null,
      }),
      Plot.ruleY(measure === 'loss' ? [0] : [1], { stroke: palette.lineStrong }),
      Plot.lineY(history, { x: 'epoch', y: measure, stroke, strokeWidth: 1.75 }),
      Plot.dot(last ? [last] : [], { x: 'epoch', y: measure, r: 3, fill: stroke, stroke: palette.surface }),
    ],
  });
}
