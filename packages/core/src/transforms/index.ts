import { TrojanscopeError } from '../lib/errors.js';
import { blur } from './blur.js';
import { brightness } from './brightness.js';
import { contrast } from './contrast.js';
import { jpeg } from './jpeg.js';
import { mirror } from './mirror.js';
import { noise } from './noise.js';
import { perspective } from './perspective.js';
import { photograph } from './photograph.js';
import { rotation } from './rotation.js';
import { scaling } from './scaling.js';
import { shrinkPad } from './shrinkPad.js';
import type { TransformDefinition } from './transform.js';
import { translation } from './translation.js';

/** THE LIST of transforms. The key is the id everywhere: database, API, page. */
export const transforms = {
  translation,
  scaling,
  rotation,
  mirror,
  perspective,
  brightness,
  contrast,
  blur,
  noise,
  jpeg,
  photograph,
  shrinkPad,
} satisfies Record<string, TransformDefinition>;

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
