import { adaptiveBlend } from './adaptiveBlend.js';
import { additive } from './additive.js';
import type { AttackDefinition } from './attack.js';
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
import { uat } from './uat.js';
import { wanet } from './wanet.js';
import { warp } from './warp.js';

/** THE LIST of attacks. The key is the id everywhere: database, API, page. Behind those made here come those from elsewhere. */
export const attacks = {
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

export type AttackId = keyof typeof attacks;

/** The definition behind an id, its parameter type set aside: callers parse before they pass parameters on. */
export const attackOf = (id: AttackId): AttackDefinition => attacks[id];

/** Parameters as an attack has them today: a model from before one of them was there has its default. */
export const withDefaults = (id: AttackId, parameters: Record<string, unknown>): Record<string, unknown> => ({
  ...attackOf(id).parameters.parse({}),
  ...parameters,
});

/** Those that can be implanted: what forms offer and requests may name. */
export const implantable = (Object.keys(attacks) as AttackId[]).filter((id) => !attackOf(id).imported);
