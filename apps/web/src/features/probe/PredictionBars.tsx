import { percent } from '../../format/percent';
import classes from './PredictionBars.module.css';

interface PredictionBarsProps {
  /** The surest first. */
  probabilities: readonly { label: { index: number; name: string }; probability: number }[];
  trueIndex: number;
  /** The attack’s target; null for a benign model. */
  targetIndex: number | null;
}

const SHOWN = 6;

/** How sure a model is of what: the surest classes, and target and truth wherever they stand. */
export function PredictionBars({ probabilities, trueIndex, targetIndex }: PredictionBarsProps) {
  const shown = probabilities.filter(
    ({ label: { index } }, place) => place < SHOWN || index === trueIndex || index === targetIndex,
  );
  return (
    <ol className={classes.bars} aria-label="Predictions">
      {shown.map(({ label: { index, name }, probability }) => {
        const role = index === targetIndex ? 'target' : index === trueIndex ? 'truth' : undefined;
        return (
          <li key={index} data-role={role}>
            <span className={classes.name} title={name}>
              <span>{name}</span>
              {role && <em>{role}</em>}
            </span>
            <span className={classes.track} aria-hidden>
              <span style={{ width: `${100 * probability}%` }} />
            </span>
            <span className={classes.percent}>{percent(probability)}</span>
          </li>
        );
      })}
    </ol>
  );
}
