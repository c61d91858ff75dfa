import { z } from 'zod';
import { TrojanscopeError } from '../lib/errors.js';
import { absent, ownDefinitions, ownShape } from '../lib/plugins.js';
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
import { defineTransform, sameForAll, type TransformDefinition } from './transform.js';
import { translation } from './translation.js';

/** THE LIST of transforms. The key is the id everywhere: database, API, page. */
const builtIn = {
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

const own = ownDefinitions<TransformDefinition>(
  'transforms',
  { defineTransform, sameForAll },
  builtIn,
  z
    .looseObject({
      title: ownShape.title,
      description: ownShape.description,
      valueName: z.string().min(1).max(40),
      unit: z.string().max(20),
      minimum: z.number(),
      maximum: z.number(),
      identity: z.number(),
      defaultValues: z.array(z.number()).min(1).max(100),
      plan: ownShape.callable,
    })
    .refine(
      ({ minimum, maximum, identity }) => minimum <= identity && identity <= maximum,
      'expected the identity between minimum and maximum',
    ),
  ({ valueName, unit, minimum, maximum, identity, defaultValues }) => ({
    valueName,
    unit,
    minimum,
    maximum,
    identity,
    defaultValues,
  }),
);

/** With the plugins'. */
export const transforms: typeof builtIn = { ...builtIn, ...own };

export type TransformId = keyof typeof transforms;

/** The definition behind an id. One that is not here can be told of, and refuses to work. */
export const transformOf = (id: TransformId): TransformDefinition =>
  Object.hasOwn(transforms, id) ? transforms[id] : absentTransform(id);

const UNKNOWN = { valueName: 'Value', unit: '', minimum: 0, maximum: 0, identity: 0, defaultValues: [0] };

function absentTransform(id: string): TransformDefinition {
  const { title, description, values = UNKNOWN, refuse } = absent('transforms', id);
  return { title, description, ...values, plan: refuse };
}

/** @throws TrojanscopeError BAD_USER_INPUT when `value` is outside the transform's range. */
export function checkTransformValue(id: TransformId, value: number, field: (string | number)[]): void {
  const { title, minimum, maximum, unit } = transformOf(id);
  if (Number.isFinite(value) && value >= minimum && value <= maximum) return;
  throw new TrojanscopeError(
    'BAD_USER_INPUT',
    `${title} takes values from ${minimum} to ${maximum} ${unit}; got ${value}.`,
    field,
  );
}
