import { TrojanscopeError } from '../lib/errors.js';

/** The file is not what it should be. */
export const damaged = (what: string) => new TrojanscopeError('DATA_DAMAGED', what);
/** The file is in order, but asks for what is not here. */
export const unsupported = (what: string) => new TrojanscopeError('UNSUPPORTED', what);

/** Runs `work`, and says of what it refuses at which place. */
export function at<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TrojanscopeError)
      throw new TrojanscopeError(error.code, `${place}: ${error.message}`);
    throw error;
  }
}

/** A name out of a file, for people: without what a terminal would obey, and not longer than a line. */
export const shown = (name: string): string =>
  JSON.stringify(name.length > 60 ? `${name.slice(0, 57)}…` : name);
