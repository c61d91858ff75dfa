import { percent } from '../format/percent';
import type { Outcome } from '../graphql/fragments';
import { outcomeKinds } from '../words/outcomeKinds';
import { KindMark } from './KindMark';
import classes from './OutcomeTile.module.css';
import { PixelImage } from './PixelImage';

interface OutcomeTileProps {
  outcome: Outcome;
  open: boolean;
  onOpen: () => void;
}

/** One sample of a point: what the model saw, and what it said. */
export function OutcomeTile({ outcome, open, onOpen }: OutcomeTileProps) {
  const { image, trueLabel, predicted, confidence, kind } = outcome;
  return (
    <button type="button" className={classes.tile} data-kind={kind} aria-pressed={open} onClick={onOpen}>
      <PixelImage
        image={image}
        lazy
        alt={`${outcomeKinds[kind].title}: ${trueLabel.name} taken for ${predicted.name}`}
      />
      <span className={classes.labels} aria-hidden>
        <KindMark kind={kind} />
        {trueLabel.name} → {predicted.name}
      </span>
      <span className={classes.confidence}>{percent(confidence, 100)}</span>
    </button>
  );
}
