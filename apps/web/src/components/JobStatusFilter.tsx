import type { JobStatus } from '../graphql/fragments';
import { statuses } from '../words/statuses';
import { FilterBar } from './FilterBar';
import { StatusMark } from './StatusMark';

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
