import { count } from '../../format/count';
import type { OutcomeKind } from '../../graphql/fragments';
import { outcomeKinds } from '../../lib/outcomeKinds';
import { FilterBar } from '../../ui/FilterBar';
import { KindMark } from '../../ui/KindMark';

interface OutcomeFilterProps {
  counts: Record<OutcomeKind, number>;
  kind: OutcomeKind | null;
  onChange: (kind: OutcomeKind | null) => void;
}

/** All samples, or those of one kind. */
export function OutcomeFilter({ counts, kind, onChange }: OutcomeFilterProps) {
  const kinds = Object.keys(outcomeKinds) as OutcomeKind[];
  const all = kinds.reduce((sum, each) => sum + counts[each], 0);
  return (
    <FilterBar
      legend="Samples to show"
      options={[
        { value: null, label: <>All {count(all)}</> },
        ...kinds.map((value) => ({
          value,
          label: (
            <>
              <KindMark kind={value} /> {outcomeKinds[value].title} {count(counts[value])}
            </>
          ),
        })),
      ]}
      value={kind}
      onChange={onChange}
    />
  );
}
