import type { JobStatus } from '../../graphql/fragments';
import { statuses } from '../../lib/statuses';
import { FilterBar } from '../../ui/FilterBar';
import { StatusMark } from '../../ui/StatusMark';

interface JobStatusFilterProps {
  status: JobStatus | null;
  onChange: (status: JobStatus | null) => void;
}

/** All jobs, or those in one state. */
export function JobStatusFilter({ status, onChange }: JobStatusFilterProps) {
  return (
    <FilterBar
      legend="Jobs to show"
      options={[
        { value: null, label: 'All' },
        ...(Object.keys(statuses) as JobStatus[]).map((value) => ({
          value,
          label: <StatusMark status={value} />,
        })),
      ]}
      value={status}
      onChange={onChange}
    />
  );
}
