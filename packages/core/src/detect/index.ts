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
