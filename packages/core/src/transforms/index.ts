import { TrojanscopeError } from '../lib/errors.js';
import { rotation } from './rotation.js';
import { scaling } from './scaling.js';
import type { TransformDefinition } from './transform.js';
import { translation } from './translation.js';

/** THE LIST of transforms. The key is the id everywhere: database, API, page. */
export const transforms = { translation, scaling, rotation } satisfies Record<string, TransformDefinition>;

export type TransformId = keyof typeof transforms;

/** @throws TrojanscopeError BAD_USER_INPUT when `value` is outside the transform's range. */
export function checkTransformValue(id: TransformId, value: number, field: (string | number)[]): void {
  const { title, minimum, maximum, unit } = transforms[id];
  if (Number.isFinite(value) && value >= minimum && value <= maximum) return;
  throw new TrojanscopeError(
    'BAD_USER_INPUT',
    `${title} takes values from ${minimum} to ${maximum} ${unit}; got ${value}.`,
    field,
  );
}
