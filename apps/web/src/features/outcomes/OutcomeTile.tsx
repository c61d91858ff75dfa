import { percent } from '../../format/percent';
import type { Outcome } from '../../graphql/fragments';
import { outcomeKinds } from '../../lib/outcomeKinds';
import { KindMark } from '../../ui/KindMark';
import { PixelImage } from '../../ui/PixelImage';
import classes from './OutcomeTile.module.css';

interface OutcomeTileProps {
  outcome: Outcome;
  open: boolean;
  /** Among those to explain; null while none are being chosen. */
  chosen: boolean | null;
  tabIndex: 0 | -1;
  onOpen: () => void;
}

/** One sample of a point: what the model saw, and what it said. */
export function OutcomeTile({ outcome, open, chosen, tabIndex, onOpen }: OutcomeTileProps) {
  const { image, trueLabel, predicted, confidence, kind } = outcome;
  return (
    <button
      type="button"
      className={classes.tile}
      data-kind={kind}
      data-chosen={chosen ?? undefined}
      aria-pressed={chosen ?? open}
      tabIndex={tabIndex}
      onClick={onOpen}
    >
      <PixelImage
        image={image}
        thumbnail
        alt={`${outcomeKinds[kind].title}: ${trueLabel.name} taken for ${predicted.name}`}
      />
      <span className={classes.labels} title={`${trueLabel.name} → ${predicted.name}`} aria-hidden>
        <KindMark kind={kind} />
        <span>
          {trueLabel.name} → {predicted.name}
        </span>
      </span>
      <span className={classes.confidence}>{percent(confidence, 100)}</span>
    </button>
  );
}
