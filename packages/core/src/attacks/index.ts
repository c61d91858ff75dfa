import type { AttackDefinition } from './attack.js';
import { badnets } from './badnets.js';
import { blend } from './blend.js';
import { dfst } from './dfst.js';
import { refool } from './refool.js';
import { uat } from './uat.js';

/** THE LIST of attacks. The key is the id everywhere: database, API, page. */
export const attacks = { badnets, blend, uat, dfst, refool } satisfies Record<string, AttackDefinition>;

export type AttackId = keyof typeof attacks;

/** The definition behind an id, its parameter type set aside: callers parse before they pass parameters on. */
export const attackOf = (id: AttackId): AttackDefinition => attacks[id];
