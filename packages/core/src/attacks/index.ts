import { z } from 'zod';
import { absent, ownDefinitions, ownShape } from '../lib/plugins.js';
import { adaptiveBlend } from './adaptiveBlend.js';
import { additive } from './additive.js';
import { type AttackDefinition, defineAttack } from './attack.js';
import { badnets } from './badnets.js';
import { batt } from './batt.js';
import { blend } from './blend.js';
import { bpp } from './bpp.js';
import { dfst } from './dfst.js';
import { layer } from './layer.js';
import { pairs } from './pairs.js';
import { poisonedSet } from './poisonedSet.js';
import { refool } from './refool.js';
import { sig } from './sig.js';
import { CORNERS, checkSquare, squarePixels } from './square.js';
import { addedTrigger, createTrigger, layerTrigger, stampLayer } from './trigger.js';
import { uat } from './uat.js';
import { wanet } from './wanet.js';
import { warp } from './warp.js';

/** THE LIST of attacks. The key is the id everywhere: database, API, page. Behind those made here come those from elsewhere. */
const builtIn = {
  badnets,
  blend,
  uat,
  dfst,
  refool,
  sig,
  bpp,
  wanet,
  adaptiveBlend,
  batt,
  layer,
  additive,
  warp,
  pairs,
  poisonedSet,
} satisfies Record<string, AttackDefinition>;

const own = ownDefinitions<AttackDefinition>(
  'attacks',
  {
    defineAttack,
    createTrigger,
    layerTrigger,
    addedTrigger,
    stampLayer,
    CORNERS,
    checkSquare,
    squarePixels,
  },
  builtIn,
  z.looseObject({
    title: ownShape.title,
    description: ownShape.description,
    paper: ownShape.source,
    parameters: ownShape.parameters,
    poisonRate: z.number().gt(0).max(0.9),
    triggerTransforms: z.union([z.literal(true), z.strictObject({ refusal: z.string().min(1) })]),
    checkParameters: ownShape.callable,
    createTrigger: ownShape.callable,
    stamp: ownShape.callable,
    imported: z.undefined('expected none: a plugin’s attack is implanted').optional(),
  }),
);

/** With the plugins'. */
export const attacks: typeof builtIn = { ...builtIn, ...own };

export type AttackId = keyof typeof attacks;

/**
 * The definition behind an id, its parameter type set aside: callers parse before they pass parameters on. One that is not
 * here can be told of, and refuses to work.
 */
export const attackOf = (id: AttackId): AttackDefinition =>
  Object.hasOwn(attacks, id) ? attacks[id] : absentAttack(id);

function absentAttack(id: string): AttackDefinition {
  const { title, description, source, parameters, refuse } = absent('attacks', id);
  return {
    title,
    description,
    paper: source,
    parameters,
    poisonRate: 0,
    triggerTransforms: { refusal: description },
    checkParameters: refuse,
    createTrigger: refuse,
    stamp: refuse,
  };
}

/** Parameters as an attack has them today: a model from before one of them was there has its default. */
export const withDefaults = (id: AttackId, parameters: Record<string, unknown>): Record<string, unknown> => ({
  ...attackOf(id).parameters.parse({}),
  ...parameters,
});

/** Those that can be implanted: what forms offer and requests may name. */
export const implantable = (Object.keys(attacks) as AttackId[]).filter((id) => !attackOf(id).imported);
