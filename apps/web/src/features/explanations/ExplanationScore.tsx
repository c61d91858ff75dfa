import { percent } from '../../format/percent';
import type { SaliencyScores } from '../../graphql/fragments';
import { glossary } from '../../lib/glossary';
import { Term } from '../../ui/Term';
import classes from './ExplanationScore.module.css';

/** Without a map there is none. */
interface Scored {
  scores?: SaliencyScores | null;
  noScore?: string | null;
}

/** What a map is worth: where it points, how much of it lies in the trigger, and whether it is true to the model. */
export function ExplanationScore({ explanation: { scores, noScore } }: { explanation: Scored }) {
  if (!scores) return <p className={classes.none}>{noScore ?? 'Nothing to score.'}</p>;
  const { triggerEnergy, chanceEnergy } = scores;
  return (
    <div className={classes.score}>
      {triggerEnergy === null ? (
        <p className={classes.none}>{noScore ?? 'Nothing to score.'}</p>
      ) : (
        <>
          <Pointing scores={scores} />
          <span className={classes.energy}>
            <Term definition={glossary.energy}>Energy</Term>
            <span className={classes.bar} aria-hidden>
              <span className={classes.fill} style={{ width: percentWidth(triggerEnergy) }} />
              {chanceEnergy !== null && (
                <span className={classes.chance} style={{ left: percentWidth(chanceEnergy) }} />
              )}
            </span>
            <strong>{percent(triggerEnergy)}</strong>
            {chanceEnergy !== null && <span className={classes.faint}>chance {percent(chanceEnergy)}</span>}
          </span>
          <Shares scores={scores} />
        </>
      )}
      <Faithfulness scores={scores} />
    </div>
  );
}

function Pointing({ scores: { pointingHit, pointingNear, marginPx } }: { scores: SaliencyScores }) {
  return (
    <span>
      <Term definition={glossary.pointing}>Maximum</Term>{' '}
      {pointingHit === null ? 'inside and outside' : pointingHit ? 'inside' : 'outside'} the trigger
      {pointingHit === false && pointingNear !== null && marginPx !== null && marginPx > 0 && (
        <>
          , {pointingNear ? 'within' : 'beyond'} {marginPx} px
        </>
      )}
    </span>
  );
}

/** Those that older maps were not scored by are left out. */
function Shares({ scores: { iou, rankAccuracy } }: { scores: SaliencyScores }) {
  if (iou === null && rankAccuracy === null) return null;
  return (
    <span>
      {iou !== null && (
        <>
          <Term definition={glossary.iou}>Overlap</Term> {percent(iou)}
        </>
      )}
      {iou !== null && rankAccuracy !== null && ', '}
      {rankAccuracy !== null && (
        <>
          <Term definition={glossary.rankAccuracy}>rank accuracy</Term> {percent(rankAccuracy)}
        </>
      )}
    </span>
  );
}

function Faithfulness({ scores }: { scores: SaliencyScores }) {
  const { deletion, insertion, randomDeletion, randomInsertion, completenessError } = scores;
  return (
    <>
      {deletion !== null && randomDeletion !== null && (
        <span>
          <Term definition={glossary.deletion}>Deletion</Term> {percent(deletion)}{' '}
          <span className={classes.faint}>random {percent(randomDeletion)}</span>
        </span>
      )}
      {insertion !== null && randomInsertion !== null && (
        <span>
          <Term definition={glossary.insertion}>Insertion</Term> {percent(insertion)}{' '}
          <span className={classes.faint}>random {percent(randomInsertion)}</span>
        </span>
      )}
      {completenessError !== null && (
        <span>
          <Term definition={glossary.completeness}>Completeness</Term> off by{' '}
          {completenessError < 5e-5 ? 'less than 0.01 %' : `${(100 * completenessError).toFixed(2)} %`}
        </span>
      )}
    </>
  );
}

const percentWidth = (fraction: number) => `${Math.min(100, fraction * 100)}%`;
