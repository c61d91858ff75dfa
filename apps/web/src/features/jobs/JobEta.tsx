import { duration } from '../../format/duration';
import { useJobProgress } from './useJobProgress';

/** How long a running job will still take, as soon as its pace is known. */
export function JobEta({ jobId }: { jobId: string }) {
  const eta = useJobProgress(jobId, true)?.etaSeconds;
  return eta == null ? null : <>≈ {duration(eta)} left</>;
}
