import { TrojanscopeError } from '../lib/errors.js';
import { composedConsistency } from './composedConsistency.js';
import type { DetectorDefinition } from './detector.js';
import { geometricConsistency } from './geometricConsistency.js';
import { scaleUp } from './scaleUp.js';
import { strip } from './strip.js';
import { teco } from './teco.js';

/** THE LIST of detectors. The key is the id everywhere: database, API, page. */
export const detectors = {
  geometricConsistency,
  composedConsistency,
  strip,
  scaleUp,
  teco,
} satisfies Record<string, DetectorDefinition>;

export type DetectorId = keyof typeof detectors;

/** The definition behind an id, its parameter type set aside: callers parse before they pass parameters on. */
export const detectorOf = (id: DetectorId): DetectorDefinition => detectors[id];

/** The one detector that is asked for, of a record by ids. @throws TrojanscopeError BAD_USER_INPUT at `detector` */
export function oneDetector(
  asked: Readonly<Record<string, Record<string, unknown>>>,
): [id: DetectorId, given: Record<string, unknown>] {
  const [[id, given] = ['none', {}], ...others] = Object.entries(asked);
  if (others.length === 0 && Object.hasOwn(detectors, id)) return [id as DetectorId, given];
  throw new TrojanscopeError(
    'BAD_USER_INPUT',
    `detector: expected exactly one of ${Object.keys(detectors).join(', ')}; got ${Object.keys(asked).join(', ') || 'none'}.`,
    ['detector'],
  );
}
