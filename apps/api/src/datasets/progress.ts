/** One line for a person who waits: share, amount, rate and time left. On a terminal it is rewritten in place. */
export interface ProgressLine {
  update(what: string, done: number, total?: number): void;
  /** Ends the line, if one was begun. */
  end(): void;
}

const TERMINAL_MS = 200;
const LOG_MS = 10_000;
/** Rates and times from the first moments mislead. */
const SETTLED_MS = 2_000;

/** @param format how a number of bytes or images reads */
export function createProgressLine(
  out: NodeJS.WriteStream,
  format: (amount: number) => string,
  now: () => number = () => performance.now(),
): ProgressLine {
  let what = '';
  let start = { at: 0, done: 0 };
  let shown = Number.NEGATIVE_INFINITY;
  let open = false;
  const end = () => {
    if (open && out.isTTY) out.write('\n');
    open = false;
  };
  return {
    update(next, done, total) {
      const at = now();
      if (next !== what) {
        end();
        what = next;
        start = { at, done };
        shown = out.isTTY ? Number.NEGATIVE_INFINITY : at;
      }
      if (at - shown < (out.isTTY ? TERMINAL_MS : LOG_MS) && done !== total) return;
      shown = at;
      open = true;
      const line = describeProgress(
        { what, done, total, since: at - start.at, gained: done - start.done },
        format,
      );
      out.write(out.isTTY ? `\r\x1b[2K${line.slice(0, (out.columns ?? 80) - 1)}` : `${line}\n`);
    },
    end,
  };
}

/** @param gained how much of `done` came in the `since` milliseconds, which is less after a resumed download */
export function describeProgress(
  {
    what,
    done,
    total,
    since,
    gained,
  }: { what: string; done: number; total?: number; since: number; gained: number },
  format: (amount: number) => string,
): string {
  const parts = [total === undefined ? format(done) : `${format(done)} of ${format(total)}`];
  if (total) parts.unshift(`${Math.floor((100 * done) / total)} %`);
  const rate = gained / (since / 1_000);
  if (since >= SETTLED_MS && rate > 0) {
    parts.push(`${format(rate)}/s`);
    if (total !== undefined && total > done) parts.push(`${duration((total - done) / rate)} left`);
  }
  return `${what}: ${parts.join(', ')}`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3_600).toFixed(1)} h`;
}

export const formatBytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
export const formatCount = (number: number) => Math.round(number).toLocaleString('en');
