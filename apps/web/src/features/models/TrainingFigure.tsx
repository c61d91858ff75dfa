import { useCallback } from 'react';
import { ChartFrame } from '../../charts/ChartFrame';
import { LineKey } from '../../charts/LineKey';
import { percent } from '../../format/percent';
import classes from './TrainingFigure.module.css';
import { type TrainingStep, trainingChart } from './trainingChart';

interface TrainingFigureProps {
  history: readonly TrainingStep[];
  epochs: number | null;
  height?: number;
}

/** Loss and accuracy side by side, each on its own axis. */
export function TrainingFigure({ history, epochs, height = 150 }: TrainingFigureProps) {
  const last = history.at(-1);
  if (!last) return <p className={classes.empty}>The first steps are on their way.</p>;
  return (
    <div className={classes.pair}>
      <Measure measure="loss" title="Loss" now={last.loss.toPrecision(3)} {...{ history, epochs, height }} />
      <Measure
        measure="accuracy"
        title="Training accuracy"
        now={percent(last.accuracy)}
        {...{ history, epochs, height }}
      />
    </div>
  );
}

interface MeasureProps {
  measure: 'loss' | 'accuracy';
  title: string;
  now: string;
  history: readonly TrainingStep[];
  epochs: number | null;
  height: number;
}

function Measure({ measure, title, now, history, epochs, height }: MeasureProps) {
  const draw = useCallback<Parameters<typeof ChartFrame>[0]['draw']>(
    (size, palette) => trainingChart({ history, measure, epochs }, size, palette),
    [history, measure, epochs],
  );
  return (
    <figure className={classes.measure}>
      <figcaption className={classes.caption}>
        <LineKey kind={measure} /> {title} <strong>{now}</strong>
      </figcaption>
      <ChartFrame label={`${title} over epochs, now ${now}`} height={height} draw={draw} />
      <div className={classes.axis}>epoch</div>
    </figure>
  );
}
