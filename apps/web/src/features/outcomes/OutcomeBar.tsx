import { count } from '../../format/count';
import { percent } from '../../format/percent';
import type { OutcomeKind } from '../../graphql/fragments';
import { outcomeKinds } from '../../lib/outcomeKinds';
import { KindMark } from '../../ui/KindMark';
import { Term } from '../../ui/Term';
import classes from './OutcomeBar.module.css';

/** How the samples of a point divide into target, truth and other. */
export function OutcomeBar(counts: Record<OutcomeKind, number>) {
  const kinds = Object.keys(outcomeKinds) as OutcomeKind[];
  const all = kinds.reduce((sum, kind) => sum + counts[kind], 0);
  return (
    <div>
      <div className={classes.bar} aria-hidden>
        {kinds.map((kind) => (
          <span key={kind} data-kind={kind} style={{ flexGrow: counts[kind] }} />
        ))}
      </div>
      <ul className={classes.key}>
        {kinds.map((kind) => (
          <li key={kind}>
            <KindMark kind={kind} />
            <Term definition={outcomeKinds[kind].meaning}>{outcomeKinds[kind].title}</Term>
            <strong>{count(counts[kind])}</strong>
            <span>{percent(all === 0 ? 0 : counts[kind] / all, all)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
