import { z } from 'zod';
import { TrojanscopeError } from '../lib/errors.js';
import { absent, notesOf, ownDefinitions, ownShape, type PluginNote } from '../lib/plugins.js';
import { composedConsistency } from './composedConsistency.js';
import { type DetectorDefinition, defineDetector, shareAgreeing } from './detector.js';
import { geometricConsistency } from './geometricConsistency.js';
import { scaleUp } from './scaleUp.js';
import { strip } from './strip.js';
import { teco } from './teco.js';

/** THE LIST of detectors. The key is the id everywhere: database, API, page. */
const builtIn = {
  geometricConsistency,
  composedConsistency,
  strip,
  scaleUp,
  teco,
} satisfies Record<string, DetectorDefinition>;

const own = ownDefinitions<DetectorDefinition>(
  'detectors',
  { defineDetector, shareAgreeing },
  builtIn,
  z.looseObject({
    title: ownShape.title,
    description: ownShape.description,
    source: ownShape.source,
    parameters: ownShape.parameters,
    labelsOnly: z.boolean(),
    views: ownShape.callable,
    score: ownShape.callable,
  }),
);

/** With the plugins'. */
export const detectors: typeof builtIn = { ...builtIn, ...own };

export type DetectorId = keyof typeof detectors;

/**
 * The definition behind an id, its parameter type set aside: callers parse before they pass parameters on. One that is not
 * here can be told of, and refuses to work.
 */
export const detectorOf = (id: DetectorId): DetectorDefinition =>
  Object.hasOwn(detectors, id) ? detectors[id] : absentDetector(id);

function absentDetector(id: string): DetectorDefinition {
  const { refuse, values: _, ...told } = absent('detectors', id);
  return { ...told, labelsOnly: false, views: () => [], score: refuse };
}

/** Which plugins a detector is of, and the transforms that it asks under. */
export function detectorNotes(
  detector: DetectorId,
  parameters: Record<string, unknown>,
): PluginNote[] | undefined {
  const steps = detectorOf(detector).views(parameters).flat();
  const under = steps.flatMap((step) =>
    'transform' in step ? [['transforms', step.transform] as const] : [],
  );
  return notesOf([['detectors', detector], ...under]);
}

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
