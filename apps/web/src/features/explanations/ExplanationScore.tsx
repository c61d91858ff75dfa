import { percent } from '../../format/percent';
import type { Explanation } from '../../graphql/fragments';
import { glossary } from '../../lib/glossary';
import { Term } from '../../ui/Term';
import classes from './ExplanationScore.module.css';

/** Without a map there is none. */
type Score = Partial<Pick<Explanation, 'pointingHit' | 'triggerEnergy' | 'chanceEnergy' | 'noScore'>>;

/** Whether the map points at the trigger: its maximum, and its energy beside chance. */
export function ExplanationScore({ explanation }: { explanation: Score }) {
  const { pointingHit, triggerEnergy, chanceEnergy, noScore } = explanation;
  if (triggerEnergy == null) return <p className={classes.none}>{noScore ?? 'Nothing to score.'}</p>;
  return (
    <div className={classes.score}>
      <span>
        <Term definition={glossary.pointing}>Maximum</Term>{' '}
        {pointingHit == null ? 'inside and outside' : pointingHit ? 'inside' : 'outside'} the trigger
      </span>
      <span className={classes.energy}>
        <Term definition={glossary.energy}>Energy</Term>
        <span className={classes.bar} aria-hidden>
          <span className={classes.fill} style={{ width: percentWidth(triggerEnergy) }} />
          {chanceEnergy != null && (
            <span className={classes.chance} style={{ left: percentWidth(chanceEnergy) }} />
          )}
        </span>
        <strong>{percent(triggerEnergy)}</strong>
        {chanceEnergy != null && <span className={classes.faint}>chance {percent(chanceEnergy)}</span>}
      </span>
    </div>
  );
}

const percentWidth = (fraction: number) => `${Math.min(100, fraction * 100)}%`;
